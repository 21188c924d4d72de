import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newTrace } from '../../../test/harness/in-process.ts';
import { uniqueName } from '../../../test/harness/names.ts';
import { operatorHeldBy } from '../../../test/harness/people.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { onboarded, PEOPLE } from './town.ts';

const { holder, buyer, superAdmin, rival, stranger } = PEOPLE;
let town: OwnedTown;
beforeAll(async () => {
  town = await openOwnedTown();
});
afterAll(() => town?.stop());

const entryOf = async (objectId: string) =>
  (await town.rows('select version, state, published from register_entry where object_id = $1', [objectId]))[0];
const factsOf = (objectId: string) =>
  town.rows("select event_type, transition, causation_id from journal where aggregate_id = 'operator:' || $1", [
    objectId,
  ]);
/** Every byte of the register, and of what was ever said of it. */
const register = async () => [
  await town.rows('select register_entry::text as bytes from register_entry order by id'),
  await town.rows(
    "select journal::text as bytes from journal where aggregate_type = 'register_entry' order by event_id",
  ),
];

/** Hands the operator on, and gives the transfer. */
async function transferred(objectId: string, from = holder, to = buyer): Promise<string> {
  const transferId = await town.propose(from, to, { objectId });
  await town.mutate(to, 'acceptTransfer', { transferId });
  await town.mutate(superAdmin, 'completeTransfer', { transferId });
  return transferId;
}

describe('an onboarding', () => {
  test('names the first holder: one entry, one fact, as its consequence', async () => {
    const objectId = uniqueName('crew-');
    const fact = onboarded(objectId, holder);
    await town.feed(fact);
    const { event_id: eventId } = fact.event as unknown as { event_id: string };
    expect(await entryOf(objectId)).toEqual({
      version: 1,
      state: 'HELD',
      published: {
        id: `operator:${objectId}`,
        state: 'HELD',
        object_class: 'operator',
        object_id: objectId,
        holder_identity_id: holder.identityId,
        register_version: 1,
        set_by: 'onboarding',
        set_by_id: eventId,
        since: fact.event.state.onboarded_at,
      },
    });
    expect(await factsOf(objectId)).toEqual([
      {
        event_type: 'x1.acquisition.register_entry_seeded.v1',
        transition: 'register_entry.seed',
        causation_id: eventId,
      },
    ]);
  });

  test('told again, or told anew with another holder, changes nothing', async () => {
    const objectId = uniqueName('crew-');
    const fact = onboarded(objectId, holder);
    await town.feed(fact);
    const before = await entryOf(objectId);
    await town.feed(fact, fact, onboarded(objectId, rival));
    expect(await entryOf(objectId)).toEqual(before);
    expect(await factsOf(objectId)).toHaveLength(1);
  });

  test('heard of after what came of the operator since still names its first holder', async () => {
    const objectId = uniqueName('crew-');
    await town.feed(operatorHeldBy(objectId, holder));
    expect(await entryOf(objectId)).toBeUndefined();
    await town.feed(onboarded(objectId, holder));
    expect((await entryOf(objectId))?.published).toMatchObject({ holder_identity_id: holder.identityId });
  });

  test('heard of once more after a transfer does not give it back', async () => {
    const objectId = await town.newCrew();
    const transferId = await transferred(objectId);
    await town.feed(onboarded(objectId, holder));
    expect((await entryOf(objectId))?.published).toMatchObject({
      holder_identity_id: buyer.identityId,
      register_version: 2,
      set_by_id: transferId,
    });
  });
});

describe('who held it when', () => {
  const AUTHORITY = `query ($id: String!, $at: DateTime!) { authorityAt(objectClass: "operator", objectId: $id, instant: $at) {
    holderIdentityId registerVersion setBy transfer { id } since until } }`;
  const authorityAt = (objectId: string, at: string, by = superAdmin) => town.ask(by, AUTHORITY, { id: objectId, at });
  /** The instant so many microseconds later. */
  const shifted = (instant: string, micros: number) => {
    const at = BigInt(Date.parse(`${instant.slice(0, 19)}Z`)) * 1_000n + BigInt(instant.slice(20, 26)) + BigInt(micros);
    return `${new Date(Number(at / 1_000_000n) * 1_000).toISOString().slice(0, 19)}.${String(at % 1_000_000n).padStart(6, '0')}Z`;
  };

  test('ADD-22: nobody before its onboarding, each holder from its instant on, to the microsecond', async () => {
    const objectId = await town.newCrew();
    const first = await transferred(objectId);
    const second = await transferred(objectId, buyer, rival);
    const rows = await town.rows<{ since: string }>(
      `select payload::jsonb -> 'state' ->> 'since' as since from journal where aggregate_id = 'operator:' || $1
        order by aggregate_version`,
      [objectId],
    );
    const [onboardedAt = '', soldAt = '', soldOnAt = ''] = rows.map(({ since }) => since);
    const holders = [
      { holderIdentityId: holder.identityId, registerVersion: 1, setBy: 'onboarding', transfer: null },
      { holderIdentityId: buyer.identityId, registerVersion: 2, setBy: 'transfer', transfer: { id: first } },
      { holderIdentityId: rival.identityId, registerVersion: 3, setBy: 'transfer', transfer: { id: second } },
    ];
    const [ofHolder, ofBuyer, ofRival] = [
      { ...holders[0], since: onboardedAt, until: soldAt },
      { ...holders[1], since: soldAt, until: soldOnAt },
      { ...holders[2], since: soldOnAt, until: null },
    ];
    for (const [at, expected] of [
      ['2020-01-01T00:00:00.000000Z', null],
      [shifted(onboardedAt, -1), null],
      [onboardedAt, ofHolder],
      [shifted(soldAt, -1), ofHolder],
      [soldAt, ofBuyer],
      [shifted(soldAt, 1), ofBuyer],
      [shifted(soldOnAt, -1), ofBuyer],
      [soldOnAt, ofRival],
      [new Date().toISOString(), ofRival],
    ] as const) {
      const { data, errors } = await authorityAt(objectId, at);
      expect([errors, data.authorityAt], at).toEqual([[], expected]);
    }
  });

  test('is not said of the future, of what nobody knows, or to whom the object is not shown', async () => {
    const objectId = await town.newCrew();
    const { errors } = await authorityAt(objectId, '2999-01-01T00:00:00.000000Z');
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    const now = new Date().toISOString();
    expect((await authorityAt('nobodys', now)).data.authorityAt).toBeNull();
    expect((await authorityAt(objectId, now, stranger)).data.authorityAt).toBeNull();
  });
});

describe('what is no transfer moves nothing', () => {
  /** As a payment service would tell it: well-formed, and it claims all it can. */
  function payment(source: string, type: string, state: object, aggregate = 'payment') {
    const id = randomUUID();
    const trace = newTrace();
    const event = {
      event_id: randomUUID(),
      event_type: type,
      schema_version: 1,
      epoch: 1,
      occurred_at: new Date().toISOString().replace('Z', '000Z'),
      aggregate_type: aggregate,
      aggregate_id: id,
      aggregate_version: 1,
      transaction_id: randomUUID(),
      transaction_index: 0,
      transaction_size: 1,
      transition: 'payment.capture',
      prior_state: null,
      new_state: 'CAPTURED',
      reason_ref: null,
      actor_id: buyer.identityId,
      actor_kind: 'SERVICE' as const,
      session_hash: null,
      authority: 'rail',
      matrix_version: '0'.repeat(64),
      basis: [],
      correlation_id: trace.correlationId,
      causation_id: null,
      traceparent: trace.traceparent,
      state: { id, state: 'CAPTURED', ...state },
      data: { object_class: 'operator', object_id: 'crew', new_holder_identity_id: buyer.identityId },
    };
    return { source, event };
  }
  const CLAIM = { object_class: 'operator', object_id: 'crew', holder_identity_id: buyer.identityId, amount: '100.00' };

  test.each([
    ['T-TR-28', 'x1.payments.payment_captured.v1'],
    ['T-TR-29', 'x1.payments.payment_refunded.v1'],
    ['T-TR-29', 'x1.escrow.escrow_released.v1'],
    ['T-TR-34', 'x1.titles.ownership_changed.v1'],
  ])('%s deny: a well-formed %s leaves the register byte for byte, wherever it comes from', async (_, type) => {
    const objectId = await town.newCrew();
    await transferred(objectId);
    const before = await register();
    for (const source of ['payments', 'operator', 'governance']) {
      await town.feed(payment(source, type, { ...CLAIM, object_id: objectId }));
    }
    expect(await register()).toEqual(before);
    expect(await town.rows('select 1 from parked_event')).toEqual([]);
  });

  test('T-TR-29 allow, T-TR-34 allow: what was paid for and claimed goes by a transfer, and back by another', async () => {
    const objectId = await town.newCrew();
    const holderNow = async () => {
      const [row] = await town.rows('select holder_identity_id from register_entry where object_id = $1', [objectId]);
      return row?.holder_identity_id;
    };
    await town.feed(payment('operator', 'x1.payments.payment_captured.v1', { ...CLAIM, object_id: objectId }));
    expect(await holderNow()).toBe(holder.identityId);
    await transferred(objectId);
    await town.feed(payment('operator', 'x1.payments.payment_refunded.v1', { ...CLAIM, object_id: objectId }));
    expect(await holderNow()).toBe(buyer.identityId);
    await transferred(objectId, buyer, holder);
    expect(await holderNow()).toBe(holder.identityId);
  });

  test('T-TR-34 deny: nor does one that calls itself what a transfer is called', async () => {
    const before = await register();
    const objectId = uniqueName('crew-');
    for (const source of ['payments', 'governance']) {
      for (const type of ['x1.acquisition.operator_transferred.v1', 'x1.operator.operator_onboarded.v1']) {
        const onboarding = { onboarded_at: '2026-01-05T10:00:00.000000Z', holder_identity_id: buyer.identityId };
        const claim = payment(source, type, { ...CLAIM, ...onboarding }, 'operator');
        await town.feed({ ...claim, event: { ...claim.event, aggregate_id: objectId } });
      }
    }
    expect(await register()).toEqual(before);
  });

  test('T-TR-28 allow: a completed transfer says nothing of money, and no settlement follows from it', async () => {
    const objectId = await town.newCrew();
    const before = await town.rows<{ event_id: string }>('select event_id from journal');
    await transferred(objectId);
    const since = await town.rows<{ aggregate_type: string; payload: string }>(
      'select aggregate_type, payload from journal where event_id <> all($1)',
      [before.map(({ event_id: id }) => id)],
    );
    expect(new Set(since.map((row) => row.aggregate_type))).toEqual(new Set(['transfer', 'register_entry']));
    for (const { payload } of since)
      expect(payload).not.toMatch(/payment|settle|amount|price|currency|wallet|token|balance/i);
  });
});

describe('T-TR-32: what was said of it stays', () => {
  test.each([
    ['journal', "update journal set actor_id = 'nobody'"],
    ['journal', 'delete from journal'],
    ['journal', 'truncate journal'],
    ['register_entry', 'delete from register_entry'],
    ['register_entry', 'truncate register_entry cascade'],
    ['transfer', 'delete from transfer'],
    ['transfer_policy', 'delete from transfer_policy'],
  ])('T-TR-32 deny: the role of the service may not change or remove it: %s: %s', async (_, statement) => {
    await expect(town.rows(statement)).rejects.toThrow('permission denied');
  });

  test('T-TR-32 allow: each version of everything it owns has its row', async () => {
    const rows = await town.rows(
      `select owned.id, owned.version, count(told.*)::integer as told from (
          select 'transfer' as type, id::text, version from transfer
          union all select 'register_entry', id, version from register_entry
          union all select 'transfer_policy', id, version from transfer_policy) owned
        left join journal told on told.aggregate_type = owned.type and told.aggregate_id = owned.id
        group by owned.type, owned.id, owned.version having count(told.*) <> owned.version`,
    );
    expect(rows).toEqual([]);
  });
});
