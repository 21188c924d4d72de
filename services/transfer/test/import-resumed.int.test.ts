import { afterEach, beforeEach, expect, test } from 'vitest';
import { planOf } from '../../../infra/scripts/register/compare.ts';
import type { Graph } from '../../../infra/scripts/register/graph.ts';
import { importRegister } from '../../../infra/scripts/register/import.ts';
import { readEntries, readTransfers } from '../../../infra/scripts/register/running.ts';
import { seeded } from '../src/domain/test/histories.ts';
import { check, fresh, graphAs, type ImportTown, layoutOf, NYPD, openImportTown, SOLD_TWICE } from './import-town.ts';
import { onboarded, PEOPLE } from './town.ts';

let town: ImportTown;
beforeEach(async () => {
  town = await openImportTown();
});
afterEach(() => town?.stop());

const CHECKED = check(SOLD_TWICE);

/** What is left to do, as the command finds out. */
async function left(graph: Graph, checked = CHECKED) {
  const [entries, transfers] = [await readEntries(graph), await readTransfers(graph)];
  return planOf(checked, { entries, transfers, slugs: new Set(), memberships: [], registered: new Set() });
}
const run = async (graph: Graph, checked = CHECKED) => importRegister(graph, checked, await left(graph, checked));

/** A graph of which nothing is heard any more after so many commands: the last of them took effect all the same. */
function breaking(graph: Graph, commands: number): Graph {
  let told = 0;
  const broken: Graph = {
    ...graph,
    async tell(...command) {
      if (told >= commands) throw new Error('the line is dead');
      told += 1;
      const answer = await graph.tell<never>(...command);
      if (told >= commands) throw new Error('the line is dead');
      return answer;
    },
    branch: () => broken,
  };
  return broken;
}

test.each([1, 2, 4, 6, 9, 10])(
  'an import that broke off at command %i goes on, by the same or by another',
  async (commands) => {
    const graph = graphAs(town, town.superAdmin);
    await expect(run(breaking(graph, commands))).rejects.toThrow('the line is dead');
    // All of it had come when the last answer was lost: then nobody else needs to end it.
    const by = commands === 10 ? graph : graphAs(town, fresh(PEOPLE.secondSuperAdmin));
    expect(await run(by)).toMatchObject({ complete: true, importId: expect.any(String) });
    const { entries, transfers, before, faults } = await left(graph);
    expect([entries, transfers, before, faults]).toEqual([[], [], SOLD_TWICE.size, []]);
    expect(await town.rows(`select state, version from register_import`)).toEqual([{ state: 'CLOSED', version: 2 }]);
    // Again, by whoever.
    expect(await run(graph)).toMatchObject({ complete: true, importId: expect.any(String) });
    expect(await run(graphAs(town, fresh(PEOPLE.grantedSuperAdmin)))).toMatchObject({ complete: true, importId: null });
  },
);

test('one of other files is not gone on with', async () => {
  const importId = await town.opened(layoutOf(seeded()));
  await expect(run(graphAs(town, town.superAdmin))).rejects.toThrow(`import ${importId} of other files is open`);
});

test('the first file that is refused ends it; the import stays open, and what is in stays', async () => {
  const graph = graphAs(town, town.superAdmin);
  const plan = await left(graph);
  await town.feed(onboarded('nypd', PEOPLE.rival));
  await expect(importRegister(graph, CHECKED, plan)).rejects.toThrow(`HOLDER_DIFFERS:  (path ${NYPD}`);
  expect(await town.rows('select state from register_import')).toEqual([{ state: 'OPEN' }]);
  const { before, faults } = await left(graph);
  expect([before, faults.map(({ path }) => path)]).toEqual([2, [NYPD]]);
});
