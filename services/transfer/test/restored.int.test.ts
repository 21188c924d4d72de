import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restate } from '../../../infra/service-kit/src/restore/restate.ts';
import { inOwnName } from '../../../infra/service-kit/src/service/own-acts.ts';
import { check, type ImportTown, openImportTown } from './import-town.ts';
import { crew, PEOPLE } from './town.ts';

const { holder, buyer, superAdmin } = PEOPLE;
let town: ImportTown;
beforeAll(async () => {
  town = await openImportTown();
});
afterAll(() => town?.stop());

/** What a restore writes: of each of these, as of all of which facts were lost, how it stands in the backup. */
async function restored(epoch: number, ...aggregates: readonly (readonly [type: string, id: string])[]) {
  const { chassis, pool } = town;
  const lost = aggregates.map(([type, id]) => ({ eventId: randomUUID(), type, id, epoch, version: 99 }));
  const raised = { ...chassis, origin: { ...chassis.origin, epoch: epoch + 1 } };
  const now = new Date().toISOString().replace('Z', '000Z');
  const stated = await restate(raised, pool, lost, inOwnName(chassis, now));
  expect(stated.restored).toHaveLength(aggregates.length);
}

test('a register that was restored from a backup, more than once, is exported, and folds to what it says', async () => {
  await town.feed(...crew('dot'));
  const transferId = await town.propose(holder, buyer, { objectId: 'dot', reasonType: 'sale' });
  await restored(1, ['transfer', transferId], ['register_entry', 'operator:dot']);
  await town.mutate(buyer, 'acceptTransfer', { transferId });
  await restored(2, ['transfer', transferId]);

  const files = await town.exported();
  expect([...files.keys()].sort()).toEqual([
    'access/operators/dot.json',
    'governance/transfer-index/dot.json',
    `governance/transfers/${transferId}.json`,
  ]);
  expect(check(files).faults).toEqual([]);
  const file = JSON.parse(files.get(`governance/transfers/${transferId}.json`) ?? '');
  const made = ['transfer.propose', 'transfer.accept'];
  expect(file.transitions.map((one: { transition: string }) => one.transition)).toEqual(made);

  const query = `query ($id: ID!) { transfer(id: $id) { transitions { transition } }
    verifyRegister { holds divergences { id what } } }`;
  const { data } = await town.ask(superAdmin, query, { id: transferId });
  expect(data.verifyRegister).toEqual({ holds: true, divergences: [] });
  const [proposed, accepted] = made;
  expect(data.transfer.transitions.map((one: { transition: string }) => one.transition)).toEqual([
    proposed,
    'transfer.restore',
    accepted,
    'transfer.restore',
  ]);
});
