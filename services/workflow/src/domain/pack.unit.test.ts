import { describe, expect, test } from 'vitest';
import {
  type CountedEvidence,
  definitionText,
  firstStage,
  lastStage,
  missing,
  type PackDefinition,
  publish,
  requirements,
  stageAfter,
  TRANSITIONS,
} from './pack.ts';
import { accepted, at, FREIGHT, MUNICIPAL, only, published, refusal, sha256 } from './test/samples.ts';

const hashOf = (definition: PackDefinition) => ({ sha256: sha256(definitionText(definition)), now: at(0) });

describe('publish', () => {
  const pack = only<NonNullable<Parameters<typeof publish>[0]>>(publish(undefined, MUNICIPAL, hashOf(MUNICIPAL)));

  test('states a version that was never published', () => {
    const { sha256, now } = hashOf(MUNICIPAL);
    expect(pack).toEqual({ ...MUNICIPAL, id: 'municipal:1', state: 'PUBLISHED', sha256, publishedAt: now });
  });

  test('changes nothing where the same is published already', () => {
    expect(accepted(publish(pack, MUNICIPAL, { ...hashOf(MUNICIPAL), now: at(99) }))).toEqual([]);
  });

  const [inspection, resolution] = MUNICIPAL.stages as [PackDefinition['stages'][0], PackDefinition['stages'][0]];
  test.each<[string, PackDefinition]>([
    ['a title', { ...MUNICIPAL, title: 'Another' }],
    ['the order of stages', { ...MUNICIPAL, stages: [resolution, inspection] }],
    ['what a stage requires', { ...MUNICIPAL, stages: [inspection, { ...resolution, evidence: [] }] }],
    ['an outcome', { ...MUNICIPAL, outcomeCodes: [] }],
  ])('refuses another content under the same version: %s', (_, changed) => {
    expect(refusal(publish(pack, changed, hashOf(changed)))).toEqual({
      code: 'PACK_CHANGED',
      pack: 'municipal:1',
      published: pack.sha256,
      found: hashOf(changed).sha256,
    });
  });

  test('accepts another content as the next version', () => {
    const second = { ...MUNICIPAL, version: 2, title: 'Another' };
    expect(only(publish(undefined, second, hashOf(second)))).toMatchObject({ id: 'municipal:2', version: 2 });
  });

  test('no command changes a published pack', () => {
    expect(TRANSITIONS).toEqual({ PUBLISHED: {} });
  });
});

test('the hashed text is canonical and has every word of the definition under its published name', () => {
  expect(definitionText(MUNICIPAL)).toBe(
    '{"outcome_codes":[{"code":"RESOLVED","title":"Resolved"}],' +
      '"stages":[{"evidence":[],"name":"inspection","title":"inspection"},' +
      '{"evidence":[{"kind":"NOTE","minimum":1}],"name":"resolution","title":"resolution"}],' +
      '"surface":"municipal","title":"Municipal service request","version":1}',
  );
});

test('stages follow each other in the order of the pack', () => {
  expect([firstStage(FREIGHT), lastStage(FREIGHT)]).toEqual(['pickup', 'delivered']);
  expect(['pickup', 'in_transit', 'delivered', 'elsewhere'].map((stage) => stageAfter(FREIGHT, stage))).toEqual([
    'in_transit',
    'delivered',
    undefined,
    undefined,
  ]);
});

test('only valid evidence of the kind at the stage counts', () => {
  const evidence: CountedEvidence[] = [
    { stage: 'pickup', kind: 'PHOTO', state: 'VALIDATED' },
    { stage: 'pickup', kind: 'PHOTO', state: 'VALIDATED' },
    { stage: 'pickup', kind: 'SIGNATURE', state: 'VALIDATED' },
    { stage: 'delivered', kind: 'DOCUMENT', state: 'ATTACHED' },
  ];
  const [photo, signature, document] = requirements(published(FREIGHT), evidence);
  expect(photo).toEqual({ stage: 'pickup', kind: 'PHOTO', minimum: 1, validated: 2 });
  expect(missing(FREIGHT, evidence)).toEqual([
    { ...signature, validated: 0 },
    { ...document, validated: 0 },
  ]);
  expect(missing(FREIGHT, evidence, 'pickup')).toEqual([]);
  expect(missing(FREIGHT, [], 'pickup')).toEqual([{ ...photo, validated: 0 }]);
});
