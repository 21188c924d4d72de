import { next } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { TRANSITIONS } from './request.ts';
import { decide, type SubmissionFacts } from './submission.ts';
import type { SubmitRequest } from './submit-request.ts';
import { BY, given, LATER, NOW, personal, SUBMISSION } from './test/samples.ts';

const FACTS: SubmissionFacts = { packVersion: 3, knownActorId: null, addresseeKnown: false };
const submit = (rest: Partial<SubmitRequest> = {}, facts: Partial<SubmissionFacts> = {}) =>
  decide({ ...SUBMISSION, ...rest }, { ...FACTS, ...facts });

describe('an accepted request', () => {
  test('is three facts with three ids of their own, the request first (T-SP-23)', () => {
    const facts = submit();
    expect(facts).toMatchObject([
      { name: 'request_submitted', after: { id: 'request-1', state: 'CONVERTED', intakeId: 'intake-1' } },
      {
        name: 'intake_received',
        after: { id: 'intake-1', state: 'RECEIVED', requestId: 'request-1', taskId: 'task-1' },
      },
      { name: 'actor_registered', after: { id: 'actor-new', state: 'REGISTERED', registeredBy: BY } },
    ]);
  });

  test('keeps everything it said, personal values by reference alone', () => {
    expect(submit()).toMatchObject([
      {
        after: {
          what: personal('loud music'),
          channel: 'PHONE',
          surface: 'municipal',
          origin: 'ACTOR',
          routingOrigin: 'nypd',
          addressedTo: null,
          submittedBy: BY,
          submittedAt: NOW,
        },
      },
      {
        after: {
          what: personal('loud music'),
          location: personal('the place'),
          contact: personal('ana@example.org, for the intake'),
          attributes: [{ name: 'location_type', value: personal('Street') }],
          packVersion: 3,
          category: 'Noise',
          dueAt: LATER,
          audience: null,
        },
      },
      { after: { reference: personal('caller-4711'), name: personal('Ana'), contact: personal('ana@example.org') } },
    ]);
  });

  test('where it came from is kept and leads to nothing: no audience, no job, nobody (T-SP-02)', () => {
    expect(submit({ routingOrigin: 'nypd' })).toMatchObject([
      {},
      { after: { routingOrigin: 'nypd', audience: null, jobId: null, addressedTo: null } },
      {},
    ]);
  });

  test('of a known actor registers nobody', () => {
    expect(submit({}, { knownActorId: 'actor-7' })).toMatchObject([
      { after: { actorId: 'actor-7' } },
      { after: { actorId: 'actor-7' } },
    ]);
    expect(submit({}, { knownActorId: 'actor-7' })).toHaveLength(2);
  });

  test('of a system says so (C-03)', () => {
    expect(submit({ origin: 'SYSTEM' })).toMatchObject([
      { after: { origin: 'SYSTEM' } },
      { after: { origin: 'SYSTEM' } },
      {},
    ]);
  });

  test('with the bare minimum', () => {
    const actor = { reference: given('x'), kind: 'BUSINESS', name: null, contact: given('  ') } as const;
    const bare = {
      location: null,
      contact: null,
      category: ' ',
      attributes: [],
      routingOrigin: null,
      dueAt: null,
      actor,
    };
    expect(submit(bare)).toMatchObject([
      {},
      { after: { location: null, contact: null, category: null, attributes: [], routingOrigin: null, dueAt: null } },
      { after: { kind: 'BUSINESS', name: null, contact: null } },
    ]);
  });
});

describe('the missing one is named (T-SP-24)', () => {
  const { actor } = SUBMISSION;
  const cases: readonly [string, Partial<SubmitRequest>, readonly string[]][] = [
    ['no what', { what: null }, ['what']],
    ['a blank what', { what: given(' \n\t') }, ['what']],
    ['no actor', { actor: null }, ['actor.reference']],
    ['no reference', { actor: actor && { ...actor, reference: null } }, ['actor.reference']],
    ['a blank reference', { actor: actor && { ...actor, reference: given('') } }, ['actor.reference']],
    ['no channel', { channel: null }, ['channel']],
    ['a blank channel', { channel: ' ' }, ['channel']],
    ['no surface', { surface: null }, ['surface']],
    [
      'nothing',
      { surface: null, what: null, channel: null, actor: null },
      ['surface', 'what', 'channel', 'actor.reference'],
    ],
  ];
  test.each(cases)('%s', (_, rest, names) => {
    const details = names.map((name) => ({ name, value: 'missing' }));
    expect(submit(rest)).toEqual({ kind: 'refusal', code: 'REQUEST_INCOMPLETE', details });
  });
});

describe('facts', () => {
  test('a surface without a published pack', () => {
    const refusal = { code: 'SURFACE_UNKNOWN', details: [{ name: 'surface', value: 'municipal' }] };
    expect(submit({}, { packVersion: null })).toMatchObject(refusal);
  });

  test('an addressed operator must exist; whether it is active is not asked here', () => {
    expect(submit({ addressedTo: 'nypd' })).toMatchObject({ code: 'OPERATOR_UNKNOWN' });
    expect(submit({ addressedTo: 'nypd' }, { addresseeKnown: true })).toMatchObject([
      { after: { addressedTo: 'nypd' } },
      { after: { addressedTo: 'nypd', audience: null } },
      {},
    ]);
  });
});

test('a request is converted at once, and nothing follows for itself', () => {
  expect(next(TRANSITIONS, 'NONE', 'submit')).toBe('CONVERTED');
  expect(next(TRANSITIONS, 'CONVERTED', 'submit')).toBeUndefined();
});
