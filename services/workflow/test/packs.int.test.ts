import { isRefusal } from '@qtm/service-kit/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench } from '../../../test/harness/bench.ts';
import { publish } from '../src/domain/pack.ts';
import { readPackFiles } from '../src/pack-files.ts';
import { publishPacks } from '../src/publish-packs.ts';
import { service } from '../src/service.ts';
import { openTown, PEOPLE, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.stop());

const publications = () => town.rows("select aggregate_id from journal where aggregate_type = 'pack' order by 1");

test('what a release brings is published at its start, by the service itself, and once', async () => {
  const published = [{ aggregate_id: 'freight:1' }, { aggregate_id: 'municipal:1' }];
  expect(await publications()).toEqual(published);
  await publishPacks(town.acts);
  expect(await publications()).toEqual(published);
  const [row] = await town.rows("select payload::json as event from journal where aggregate_id = 'freight:1'");
  expect(row?.event).toMatchObject({ actor_kind: 'SERVICE', actor_id: 'workflow', authority: 'service' });
});

test('of two replicas that publish at the same moment one writes; both start', async () => {
  const [file] = await readPackFiles();
  if (file === undefined) throw new Error('no pack');
  const definition = { ...file.definition, version: 2 };
  const attempt = async () => {
    const decision = publish(undefined, definition, { sha256: file.sha256, now: await town.acts.now() });
    if (isRefusal(decision)) throw new Error(decision.code);
    return town.acts.write('pack.publish', decision);
  };
  expect((await Promise.all([attempt(), attempt()])).sort()).toEqual([false, true]);
  const versions = await town.rows('select pack_version from pack where surface = $1 order by 1', [definition.surface]);
  expect(versions).toEqual([{ pack_version: 1 }, { pack_version: 2 }]);
});

test('a version whose content has changed keeps the service from starting', async () => {
  const { onStart: _, ...unpublished } = service;
  const bench = await openBench(unpublished);
  try {
    const [file] = await readPackFiles();
    if (file === undefined) throw new Error('no pack');
    const other = publish(
      undefined,
      { ...file.definition, title: 'Other' },
      { sha256: 'b'.repeat(64), now: await bench.acts.now() },
    );
    if (isRefusal(other)) throw new Error(other.code);
    await bench.acts.write('pack.publish', other);
    await expect(publishPacks(bench.acts)).rejects.toThrow(
      /was published with another content; a change needs a new version/,
    );
  } finally {
    await bench.stop();
  }
});

test('packs are there for every session; a surface has its newest, or the version that is asked for', async () => {
  const { data } = await town.ask(
    PEOPLE.stranger,
    `{ packs { totalCount edges { node { id version state } } } newest: packs(filter: { newest: true }) { edges { node { id } } }
       freight: pack(surface: "freight") { version stages { name evidence { kind minimum } } outcomeCodes { code } history { totalCount } }
       first: pack(surface: "freight", version: 1) { id sha256 } none: pack(surface: "hiring") { id } }`,
  );
  expect(data.packs.totalCount).toBe(3);
  expect(data.packs.edges[0].node).toEqual({ id: 'freight:1', version: 1, state: 'PUBLISHED' });
  expect(data.newest.edges.map(({ node }: { node: { id: string } }) => node.id)).toEqual(['freight:2', 'municipal:1']);
  expect(data.freight).toMatchObject({
    version: 2,
    stages: [
      { name: 'pickup', evidence: [{ kind: 'PHOTO', minimum: 1 }] },
      { name: 'in_transit', evidence: [] },
      { name: 'delivered' },
    ],
    history: { totalCount: 1 },
  });
  expect(data.first.id).toBe('freight:1');
  expect(data.none).toBeNull();
});

test('the service itself cannot change a pack, a piece of evidence or a record', async () => {
  for (const table of ['pack', 'evidence', 'record']) {
    for (const change of [`update ${table} set version = 1`, `delete from ${table}`, `truncate ${table}`]) {
      await expect(town.rows(change), change).rejects.toThrow(/permission denied/);
    }
  }
});
