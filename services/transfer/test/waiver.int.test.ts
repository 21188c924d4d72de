import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { roleGranted } from '../../../test/harness/people.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { PEOPLE } from './town.ts';

/** Strict terms where one super_admin is all there is: nobody else was granted the role, nor has acted by it. */
const { buyer, superAdmin, secondSuperAdmin, grantedSuperAdmin } = PEOPLE;
let town: OwnedTown;
beforeAll(async () => {
  town = await openOwnedTown({ granted: false });
});
afterAll(() => town?.stop());

/** Proposed by the super_admin, accepted by whom it goes to. */
let transferId: string;
beforeEach(async () => {
  transferId = await town.propose(superAdmin, buyer, { objectId: await town.newCrew() });
  await town.mutate(buyer, 'acceptTransfer', { transferId });
});

const waiving = (by = superAdmin) => town.complete(by, transferId, { waiveDistinctActors: true });

async function waivedBy(): Promise<string | null> {
  const query = 'query ($id: ID!) { transfer(id: $id) { state waivedBy { id } } }';
  const { data } = await town.ask(superAdmin, query, { id: transferId });
  expect(data.transfer.state).toBe('completed');
  return data.transfer.waivedBy?.id ?? null;
}

test('T-TR-09 deny: nothing is waived where nobody asks for it', async () => {
  expect(await town.complete(superAdmin, transferId)).toBe('FORBIDDEN');
});

test('T-TR-09 allow: a lone super_admin waives them, which is recorded for good', async () => {
  expect(await waiving()).toBe('completed');
  expect(await waivedBy()).toBe(superAdmin.identityId);
  const [row] = await town.rows(
    "select payload::jsonb -> 'state' ->> 'waived_by' as told from journal where aggregate_id = $1 and new_state = 'completed'",
    [transferId],
  );
  expect(row).toEqual({ told: superAdmin.identityId });
});

test('T-TR-09 allow: whoever took no part has nothing to waive, and nothing is recorded', async () => {
  transferId = await town.accepted();
  expect(await waiving()).toBe('completed');
  expect(await waivedBy()).toBeNull();
});

test('T-TR-09 deny: not where the terms of the transfer forbid it', async () => {
  const policy = { objectClass: 'operator', distinctActors: 'strict', proposedExpiresSeconds: 432_000 };
  await town.mutate(superAdmin, 'setTransferPolicy', { ...policy, waiverAllowed: false });
  transferId = await town.propose(superAdmin, buyer, { objectId: await town.newCrew() });
  await town.mutate(superAdmin, 'setTransferPolicy', policy);
  await town.mutate(buyer, 'acceptTransfer', { transferId });
  expect(await waiving()).toBe('FORBIDDEN');
});

test('T-TR-09 deny: not where a second super_admin was granted the role, until that one loses it', async () => {
  await town.feed(roleGranted(grantedSuperAdmin, 'super_admin'));
  expect(await waiving()).toBe('FORBIDDEN');
  const { identityId } = grantedSuperAdmin;
  const revoked = { id: `${identityId}:super_admin`, identity_id: identityId, role: 'super_admin' };
  await town.feed(foreignFact('governance', 'role_revoked', revoked));
  expect(await waiving()).toBe('completed');
});

test('T-TR-09 deny: not where a second super_admin has acted, unless that one is suspended', async () => {
  const another = await town.propose(secondSuperAdmin, buyer, { objectId: await town.newCrew() });
  await town.mutate(secondSuperAdmin, 'cancelTransfer', { transferId: another });
  expect(await waiving()).toBe('FORBIDDEN');
  await town.owner.mutate(superAdmin, 'suspendIdentity', { identityId: secondSuperAdmin.identityId });
  await town.tell();
  expect(await waiving()).toBe('completed');
  expect(await waivedBy()).toBe(superAdmin.identityId);
});
