import { describe, expect, test } from 'vitest';
import { checkDefinition } from './pack-definition.ts';

const pack = (overrides: object = {}) => ({
  surface: 'freight',
  version: 1,
  title: 'Freight delivery',
  stages: [{ name: 'pickup', title: 'Pickup', evidence: [{ kind: 'PHOTO', minimum: 1 }] }],
  outcome_codes: [{ code: 'DELIVERED', title: 'Delivered' }],
  ...overrides,
});
const stage = (overrides: object) => ({ stages: [{ name: 'pickup', title: 'Pickup', ...overrides }] });
const named = (name: unknown) => ({ name, title: 'Stage' });

function faultsOf(source: unknown): readonly string[] {
  const checked = checkDefinition(source);
  if (!('faults' in checked)) throw new Error('accepted');
  return checked.faults;
}

test('a pack says which stages a service event passes, what each requires, how it ends (T-SP-19 allow)', () => {
  expect(checkDefinition(pack({ stages: [named('pickup'), named('in_transit')] }))).toEqual({
    definition: {
      surface: 'freight',
      version: 1,
      title: 'Freight delivery',
      stages: [
        { name: 'pickup', title: 'Stage', evidence: [] },
        { name: 'in_transit', title: 'Stage', evidence: [] },
      ],
      outcomeCodes: [{ code: 'DELIVERED', title: 'Delivered' }],
    },
  });
});

describe('a pack that touches the spine is refused (T-SP-19 deny)', () => {
  test.each([
    ['adds a step', pack({ steps: ['quality'] })],
    ['declares states of the envelope', pack({ states: ['STARTED', 'PAUSED'] })],
    ['hooks into a step', pack({ hooks: { after_record: 'settle' } })],
    ['describes the claim', pack({ claim: { by: 'anyone' } })],
    ['describes the settlement', pack({ settlement: { automatic: true } })],
    ['reorders the spine from within a stage', pack(stage({ after: 'record' }))],
    ['maps evidence to a step', pack(stage({ evidence: [{ kind: 'PHOTO', minimum: 1, record: true }] }))],
  ])('%s', (_, source) => {
    expect(faultsOf(source)).toEqual([expect.stringContaining('is a matter of the spine')]);
  });

  test.each(['claim', 'job', 'record', 'settlement', 'job_created', 'service_event'])('names a stage %s', (name) => {
    expect(faultsOf(pack({ stages: [named(name)] }))).toEqual([expect.stringContaining('is a step of the spine')]);
  });
});

test.each([
  ['assignee', 'operator-7'],
  ['desk', 'freight'],
  ['operator', 'nypd'],
])('a pack says how work moves, not who does it or where: no %s (T-WF-12 deny)', (key, value) => {
  expect(faultsOf(pack({ [key]: value }))).toEqual([`pack: unknown field '${key}'`]);
});

describe('refuses', () => {
  test.each([
    ['no object', [], /^pack: must have the fields/],
    ['a surface that is no word', pack({ surface: 'Freight!' }), /^surface: must match/],
    ['a surface too long', pack({ surface: 'f'.repeat(64) }), /^surface: must match/],
    ['version zero', pack({ version: 0 }), /^version: must be a whole number/],
    ['half a version', pack({ version: 1.5 }), /^version: must be a whole number/],
    ['a version as text', pack({ version: '1' }), /^version: must be a whole number/],
    ['a version beyond six digits', pack({ version: 1_000_000 }), /^version: must be a whole number/],
    ['a blank title', pack({ title: ' ' }), /^title: must be a text/],
    ['a title too long', pack({ title: 't'.repeat(201) }), /^title: must be a text/],
    ['a title with NUL', pack({ title: 'a\0b' }), /^title: must be a text/],
    ['no stage', pack({ stages: [] }), /^stages: must be a list of 1 to 20/],
    [
      'too many stages',
      pack({ stages: Array.from({ length: 21 }, (_, i) => named(`s${i}`)) }),
      /^stages: must be a list/,
    ],
    ['a stage that is text', pack({ stages: ['pickup'] }), /^stages\[0\]: must have the fields name, title, evidence/],
    ['a stage in camelCase', pack({ stages: [named('inTransit')] }), /^stages\[0\]\.name: must match/],
    ['a stage twice', pack({ stages: [named('pickup'), named('pickup')] }), /^stages: 'pickup' occurs more than once/],
    ['evidence that is no list', pack(stage({ evidence: 'PHOTO' })), /^stages\[0\]\.evidence: must be a list/],
    [
      'an unknown kind',
      pack(stage({ evidence: [{ kind: 'VIDEO', minimum: 1 }] })),
      /evidence\[0\]\.kind: must be one of/,
    ],
    ['no minimum', pack(stage({ evidence: [{ kind: 'PHOTO' }] })), /evidence\[0\]\.minimum: must be a whole number/],
    ['a minimum beyond 20', pack(stage({ evidence: [{ kind: 'PHOTO', minimum: 21 }] })), /minimum: must be/],
    ['no outcome', pack({ outcome_codes: [] }), /^outcome_codes: must be a list of 1 to 50/],
    ['an outcome in lower case', pack({ outcome_codes: [{ code: 'done', title: 'Done' }] }), /\.code: must match/],
  ])('%s', (_, source, fault) => {
    expect(faultsOf(source)).toContainEqual(expect.stringMatching(fault));
  });

  test('a kind twice at one stage, and more evidence than a service event should need', () => {
    const kinds = ['PHOTO', 'PHOTO'].map((kind) => ({ kind, minimum: 1 }));
    expect(faultsOf(pack(stage({ evidence: kinds })))).toEqual(["stages[0].evidence: 'PHOTO' occurs more than once"]);
    const stages = Array.from({ length: 6 }, (_, i) => ({
      ...named(`s${i}`),
      evidence: [{ kind: 'NOTE', minimum: 20 }],
    }));
    expect(faultsOf(pack({ stages }))).toEqual(['stages: 120 pieces of evidence required, at most 100']);
  });

  test('everything that is wrong at once', () => {
    expect(faultsOf({ surface: '', color: 'red', hooks: [] })).toHaveLength(7);
  });
});
