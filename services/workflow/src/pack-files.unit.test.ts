import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePackFile, readPackFiles } from './pack-files.ts';

const TEXT = `surface: plumbing
version: 2
title: Plumbing
stages:
  - { name: visit, title: Visit }
outcome_codes:
  - { code: REPAIRED, title: Repaired }
`;

/** A published version never changes: another hash here means that a pack was edited where a new version was due. */
const SHIPPED = {
  'freight:1': 'fc2f6176a5ee093110cba15e3a8d4742781a94b3e6e1aa29bf729f8bccc03864',
  'municipal:1': '6326cb81dbed7eadef86aa3a95f30c72448bfe0d76da1014d4c2abb0ce12ab38',
};

test('the packs of this release are what was published', async () => {
  const packs = await readPackFiles();
  const found = packs.map(({ definition: { surface, version }, sha256 }) => [`${surface}:${version}`, sha256]);
  expect(Object.fromEntries(found)).toEqual(SHIPPED);
});

test('municipal and freight have the stages, evidence and outcomes their surfaces need', async () => {
  const summary = (await readPackFiles()).map(({ definition: { surface, stages, outcomeCodes } }) => ({
    surface,
    stages: stages.map(({ name, evidence }) =>
      [name, ...evidence.map(({ kind, minimum }) => `${minimum} ${kind}`)].join(' '),
    ),
    outcomes: outcomeCodes.map(({ code }) => code),
  }));
  expect(summary).toEqual([
    {
      surface: 'freight',
      stages: ['pickup 1 PHOTO', 'in_transit', 'delivered 1 SIGNATURE 1 DOCUMENT'],
      outcomes: ['DELIVERED', 'DELIVERED_WITH_EXCEPTION', 'REFUSED_BY_CONSIGNEE'],
    },
    {
      surface: 'municipal',
      stages: ['inspection', 'resolution 1 NOTE'],
      outcomes: ['RESOLVED', 'CLOSED_WITHOUT_STATEMENT', 'NO_ACTION_NEEDED'],
    },
  ]);
});

test('comments and layout are not what a pack says', () => {
  const other = parsePackFile(
    'plumbing.v2.yaml',
    `# a comment\n${TEXT.replace('{ name: visit, title: Visit }', 'name: visit\n    title: Visit')}`,
  );
  expect(other).toEqual(parsePackFile('plumbing.v2.yaml', TEXT));
  expect(other).toMatchObject({
    definition: { surface: 'plumbing', version: 2 },
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test.each([
  ['plumbing.v1.yaml', TEXT, 'plumbing.v1.yaml: says what belongs in plumbing.v2.yaml'],
  [
    'plumbing.v2.yaml',
    `${TEXT}settlement: automatic\n`,
    /^plumbing\.v2\.yaml: pack: 'settlement' is a matter of the spine/,
  ],
  ['plumbing.v2.yaml', `${TEXT}title: Again\n`, /^plumbing\.v2\.yaml: Map keys must be unique/],
  [
    'plumbing.v2.yaml',
    TEXT.replace('name: visit', 'name: &v visit').replace('title: Visit', 'title: *v'),
    /Alias resolution is disabled/,
  ],
  ['plumbing.v2.yaml', '{', /^plumbing\.v2\.yaml: /],
  ['plumbing.v2.yaml', '', /^plumbing\.v2\.yaml: pack: must have the fields/],
])('%s is refused (case %#)', (name, text, fault) => {
  expect(parsePackFile(name, text)).toMatchObject({ faults: expect.arrayContaining([expect.stringMatching(fault)]) });
});

test('a folder is read whole or not at all, and says everything that is wrong', async () => {
  const folder = join(import.meta.dirname, 'domain/test');
  await expect(readPackFiles(folder)).rejects.toThrow(/^packs that cannot be published:\nsamples\.ts: /);
});
