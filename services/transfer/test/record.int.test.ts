import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asOwner } from './as-owner.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { PEOPLE } from './town.ts';

const { holder, buyer, superAdmin, secondSuperAdmin, rival } = PEOPLE;
let town: OwnedTown;
beforeAll(async () => {
  town = await openOwnedTown();
});
afterAll(() => town?.stop());

/** A completed transfer of an operator of `holder` to `buyer`. */
async function completed(): Promise<{ readonly transferId: string; readonly objectId: string }> {
  const objectId = await town.newCrew();
  const transferId = await town.accepted({ objectId });
  expect(await town.complete(superAdmin, transferId)).toBe('completed');
  return { transferId, objectId };
}

describe('each transition', () => {
  const TRANSITIONS = `query ($id: ID!) { transfer(id: $id) { fromIdentityId
    transitions { transition priorState newState actorId clause at reason priorHolderIdentityId evidenceSha256 eventId }
    history { totalCount edges { node { eventId actorKind matrixVersion basis } } } } }`;

  test('T-TR-10 allow: is a row of its own that says who, by what right, when, why and from which state', async () => {
    const objectId = await town.newCrew();
    const evidence = [{ kind: 'DOCUMENT', sha256: 'a'.repeat(64) }];
    const transferId = await town.propose(holder, buyer, { objectId, reasonType: 'sale', reason: 'Retires' });
    await town.mutate(buyer, 'addTransferEvidence', { transferId, evidence });
    await town.mutate(buyer, 'acceptTransfer', { transferId });
    await town.mutate(superAdmin, 'completeTransfer', { transferId });
    const { data } = await town.ask(holder, TRANSITIONS, { id: transferId });
    const { transitions, history } = data.transfer;
    const by = ({ identityId: actorId }: typeof holder, clause: string) => ({ actorId, clause });
    const moved = (transition: string, priorState: string | null, newState: string) => ({
      transition,
      priorState,
      newState,
      reason: transition === 'transfer.propose' ? 'Retires' : null,
      priorHolderIdentityId: holder.identityId,
    });
    expect(transitions).toMatchObject([
      { ...moved('transfer.propose', null, 'proposed'), ...by(holder, 'holds_object') },
      { ...moved('transfer.add_evidence', 'proposed', 'proposed'), ...by(buyer, 'party') },
      { ...moved('transfer.accept', 'proposed', 'accepted'), ...by(buyer, 'to_party') },
      { ...moved('transfer.complete', 'accepted', 'completed'), ...by(superAdmin, 'role:super_admin') },
    ]);
    // Register entry and session; the document; the acceptance's session; credential check and session of the completion.
    const counts = transitions.map((one: { evidenceSha256: readonly string[] }) => one.evidenceSha256.length);
    expect(counts).toEqual([2, 3, 4, 6]);
    const times = transitions.map((one: { at: string }) => one.at);
    expect(times).toEqual([...times].sort());
    expect(history.totalCount).toBe(transitions.length);
    expect(history.edges.map(({ node }: { node: { eventId: string } }) => node.eventId)).toEqual(
      transitions.map((one: { eventId: string }) => one.eventId),
    );
    expect(history.edges.at(-1).node).toEqual({
      eventId: transitions.at(-1).eventId,
      actorKind: 'HUMAN',
      matrixVersion: town.chassis.matrix.version,
      basis: expect.arrayContaining([`operator/identity/${buyer.identityId}@1.1`, `operator/operator/${objectId}@1.2`]),
    });
    const sessions = await town.rows(
      `select count(distinct session_hash)::integer as sessions, count(*)::integer as rows from journal
        where aggregate_type = 'transfer' and aggregate_id = $1`,
      [transferId],
    );
    expect(sessions).toEqual([{ sessions: 3, rows: 4 }]);
  });

  test('T-TR-10 allow: is not before the one that led to it where the clock of the database went back', async () => {
    const objectId = await town.newCrew();
    const transferId = await town.accepted({ objectId });
    // By further than a session may be old: how fresh it is has to do with the clock alone.
    const ahead = new Date(Date.now() + 3_600_000).toISOString().replace('Z', '000Z');
    for (const table of ['transfer', 'register_entry'])
      await town.rows(`update ${table} set occurred_at = $1 where object_id = $2`, [ahead, objectId]);
    expect(await town.complete(superAdmin, transferId)).toBe('completed');
    const query = `query ($id: ID!) { transfer(id: $id) { endedAt evidence { kind addedAt }
      transitions { at } sevenAnswers { complete } } }`;
    const { evidence, transitions, ...rest } = (await town.ask(holder, query, { id: transferId })).data.transfer;
    expect(rest).toEqual({ endedAt: ahead, sevenAnswers: { complete: true } });
    expect([transitions.at(-1).at, evidence.at(-1).addedAt]).toEqual([ahead, ahead]);
    const [entry] = await town.rows('select since, occurred_at from register_entry where object_id = $1', [objectId]);
    expect(entry).toEqual({ since: ahead, occurred_at: ahead });
  });

  test('T-TR-10 deny: what is refused or forbidden leaves no row of the transfer', async () => {
    const { transferId } = await completed();
    const rows = () => town.rows('select event_id from journal where aggregate_id = $1', [transferId]);
    const before = await rows();
    for (const [by, field] of [
      [buyer, 'acceptTransfer'],
      [buyer, 'rejectTransfer'],
      [holder, 'cancelTransfer'],
      [superAdmin, 'completeTransfer'],
      [rival, 'cancelTransfer'],
    ] as const) {
      await town.attempt(by, field, { transferId });
    }
    expect(await rows()).toEqual(before);
  });

  test('T-TR-20 allow: names who held the object before it, also once others have held it since', async () => {
    const { transferId, objectId } = await completed();
    const back = await town.propose(buyer, holder, { objectId });
    await town.mutate(holder, 'acceptTransfer', { transferId: back });
    await town.mutate(superAdmin, 'completeTransfer', { transferId: back });
    const priorOf = async (id: string) => {
      const { data } = await town.ask(superAdmin, TRANSITIONS, { id });
      const priors = data.transfer.transitions.map(
        (one: { priorHolderIdentityId: string }) => one.priorHolderIdentityId,
      );
      return [data.transfer.fromIdentityId, ...new Set(priors)];
    };
    expect(await priorOf(transferId)).toEqual([holder.identityId, holder.identityId]);
    expect(await priorOf(back)).toEqual([buyer.identityId, buyer.identityId]);
  });
});

describe('a completed transfer', () => {
  /** Every byte that is kept of it. */
  const bytesOf = async (transferId: string) => [
    await town.rows('select transfer::text as bytes from transfer where id = $1', [transferId]),
    await town.rows('select journal::text as bytes from journal where aggregate_id = $1 order by aggregate_version', [
      transferId,
    ]),
  ];

  test('T-TR-18 allow: is corrected by another one the other way, and stays byte for byte', async () => {
    const { transferId, objectId } = await completed();
    const before = await bytesOf(transferId);
    expect(before[1]).toHaveLength(3);
    const back = await town.propose(buyer, holder, { objectId, reasonType: 'dispute_resolution' });
    await town.mutate(holder, 'acceptTransfer', { transferId: back });
    expect(await town.complete(secondSuperAdmin, back)).toBe('completed');
    expect(await bytesOf(transferId)).toEqual(before);
    const [entry] = await town.rows(
      'select holder_identity_id as holder, register_version as version from register_entry where object_id = $1',
      [objectId],
    );
    expect(entry).toEqual({ holder: holder.identityId, version: 3 });
  });

  test('T-TR-18 deny: the database changes it for nobody, and neither any other that has ended', async () => {
    const { transferId } = await completed();
    const rejected = await town.propose(holder, buyer, { objectId: await town.newCrew() });
    await town.mutate(buyer, 'rejectTransfer', { transferId: rejected });
    for (const id of [transferId, rejected]) {
      const change = `update transfer set version = version + 1 where id = '${id}'`;
      await expect(town.rows(change)).rejects.toThrow('has ended and never changes');
      await expect(asOwner(town, change)).rejects.toThrow('has ended and never changes');
      await expect(town.rows(`delete from transfer where id = '${id}'`)).rejects.toThrow('permission denied');
    }
  });
});

describe('a fault within the completion', () => {
  /** Makes the completion fail once it has written there. */
  async function whileFailing(objectId: string, place: string, work: () => Promise<void>): Promise<void> {
    const row =
      place === 'insert on journal' ? `new.aggregate_id = 'operator:${objectId}'` : `new.object_id = '${objectId}'`;
    await asOwner(
      town,
      `create function fail_here() returns trigger language plpgsql as $$ begin raise exception 'a fault between'; end $$;
      create trigger fails_here after ${place} for each row when (${row}) execute function fail_here()`,
    );
    try {
      await work();
    } finally {
      await asOwner(town, 'drop function fail_here() cascade');
    }
  }

  test.each(['update on register_entry', 'update on transfer', 'insert on journal'])(
    'T-TR-19 deny, T-TR-19 allow: at the %s leaves transfer and register as they were; without it both move',
    async (place) => {
      const objectId = await town.newCrew();
      const transferId = await town.accepted({ objectId });
      const left = async () => ({
        transfer: await town.rows('select * from transfer where id = $1', [transferId]),
        entry: await town.rows('select * from register_entry where object_id = $1', [objectId]),
        journal: await town.rows(
          "select event_id from journal where aggregate_id in ($1, 'operator:' || $2) order by event_id",
          [transferId, objectId],
        ),
      });
      const before = await left();
      const idempotencyKey = randomUUID();
      await whileFailing(objectId, place, async () => {
        expect(await town.complete(superAdmin, transferId, { idempotencyKey })).toBe('INTERNAL');
        expect(await left()).toEqual(before);
      });
      expect(await town.complete(superAdmin, transferId, { idempotencyKey })).toBe('completed');
      const after = await left();
      expect([after.transfer[0]?.state, after.entry[0]?.holder_identity_id]).toEqual(['completed', buyer.identityId]);
      expect(after.journal).toHaveLength(before.journal.length + 2);
    },
  );

  test('T-TR-19 allow: transfer and register say it of one moment, in one transaction', async () => {
    const { transferId, objectId } = await completed();
    const rows = await town.rows(
      `select count(*)::integer as facts, count(distinct transaction_id)::integer as transactions,
          count(distinct occurred_at)::integer as moments, count(distinct correlation_id)::integer as acts
        from journal where transition = 'transfer.complete' and aggregate_id in ($1, 'operator:' || $2)`,
      [transferId, objectId],
    );
    expect(rows).toEqual([{ facts: 2, transactions: 1, moments: 1, acts: 1 }]);
  });
});
