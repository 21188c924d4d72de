import { waitFor } from '@qtm/local';
import { event } from '@qtm/service-kit/domain';
import { Readiness } from '@qtm/service-kit/process';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownActs } from '../../infra/service-kit/src/service/own-acts.ts';
import { inOrder, openRelayedTown, type RelayedTown } from './relayed.ts';
import { count, submit } from './town.ts';

let town: RelayedTown;
beforeAll(async () => {
  town = await openRelayedTown();
});
afterAll(() => town?.stop());

/** Takes the slot away, from whoever reads it, too. */
async function dropSlot(): Promise<void> {
  const dropped = async () => {
    const [slot] = await town.admin('select active_pid from pg_replication_slots where slot_name = $1', [town.slot]);
    if (slot === undefined) return true;
    if (slot.active_pid !== null) await town.admin('select pg_terminate_backend($1::integer, 5000)', [slot.active_pid]);
    // The relay may have it again already.
    return town.admin('select pg_drop_replication_slot($1)', [town.slot]).then(
      () => true,
      () => undefined,
    );
  };
  await waitFor(dropped, { timeoutMs: 20_000, what: 'the slot is dropped' });
}

/** True once every row of the journal is on the topic, if they are in order there. */
async function toldInOrder(): Promise<boolean> {
  return inOrder(await town.published());
}

describe('a slot that is lost', () => {
  test('while rows are written and nobody reads is made anew, and nothing is missing', async () => {
    const first = town.relay();
    await first.start();
    await town.submitSome('before', 5);
    await town.published();
    await first.stop();
    await dropSlot();
    await town.submitSome('without', 20);
    const next = town.relay();
    await next.start();
    await town.submitSome('after', 5);
    expect(await toldInOrder()).toBe(true);
    await next.stop();
  });

  test('again and again under load and from under the relay is made anew by it, and nothing is missing', async () => {
    const running = town.relay();
    await running.start();
    let loading = true;
    const load = Promise.all(
      [1, 2, 3, 4].map(async (writer) => {
        for (let index = 0; loading; index++) await submit(town, `load-${writer}-${index}`);
      }),
    );
    for (let drops = 0; drops < 3; drops++) {
      await dropSlot();
      const back = async () =>
        (await town.admin('select 1 from pg_replication_slots where slot_name = $1 and active', [town.slot])).length > 0
          ? true
          : undefined;
      await waitFor(back, { timeoutMs: 30_000, what: 'the relay has a slot again' });
    }
    loading = false;
    await load;
    expect(await toldInOrder()).toBe(true);
    await running.stop();
  });

  test('is made anew by one of two replicas, and the other stands by', async () => {
    const replicas = [town.relay(), town.relay()];
    for (const replica of replicas) await replica.start();
    for (let drops = 0; drops < 3; drops++) {
      await dropSlot();
      await town.submitSome(`replicas-${drops}`, 5);
    }
    expect(await toldInOrder()).toBe(true);
    for (const replica of replicas) await replica.stop();
  });
});

describe('transactions that run while a slot is made', () => {
  test('are waited for, and what they write comes exactly from one side', async () => {
    await dropSlot();
    // Takes a transaction number, as one that has written and not committed yet.
    const open = new Client({ connectionString: town.urls.ownerUrl });
    await open.connect();
    await open.query('begin');
    await open.query('select pg_current_xact_id()');
    const one = town.relay();
    const started = one.start();
    const waits = async () =>
      (
        await town.admin(
          "select 1 from pg_stat_activity where application_name = 'jobs relay recovery' and wait_event_type = 'Lock'",
        )
      ).length > 0
        ? true
        : undefined;
    await waitFor(waits, { timeoutMs: 10_000, what: 'the making of the slot waits' });
    await town.submitSome('meanwhile', 5);
    await open.query(`insert into journal select ${CLONED} from journal where event_id = (select max(event_id::text)::uuid
      from journal where aggregate_type = 'request')`);
    await open.query('commit');
    await started;
    expect(await toldInOrder()).toBe(true);
    await one.stop();
    await open.end();
  });

  test('for too long are named, and nothing is missing once they have ended', async () => {
    const readiness = new Readiness();
    const one = town.relay({ readiness });
    await one.start();
    const open = new Client({ connectionString: town.urls.ownerUrl });
    await open.connect();
    await open.query('begin');
    await open.query('select pg_current_xact_id()');
    const [{ pid }] = (await open.query('select pg_backend_pid() as pid')).rows as [{ pid: number }];
    await dropSlot();
    await town.submitSome('held-up', 5);
    const named = new RegExp(`^slot: the slot .* waits for transactions that run, .*\\b${pid}\\b`);
    await waitFor(() => readiness.reasons.find((reason) => named.test(reason)), {
      timeoutMs: 30_000,
      what: 'readiness names the process',
    });
    await open.query('rollback');
    await open.end();
    expect(await toldInOrder()).toBe(true);
    expect(readiness.reasons).toEqual([]);
    await one.stop();
  });
});

/** The columns of a row of the journal for another event of another aggregate. */
const CLONED = `gen_random_uuid(), event_type, aggregate_type, gen_random_uuid()::text, 1, transition, prior_state, new_state,
  reason_ref, actor_id, actor_kind, session_hash, authority, matrix_version, basis, correlation_id, causation_id, traceparent,
  gen_random_uuid(), 0, 1, pg_current_xact_id(), epoch, occurred_at, payload`;

describe('the horizon', () => {
  test('spares what lies below it', async () => {
    const one = town.relay();
    await one.start();
    await town.published();
    await one.stop();
    await dropSlot();
    await town.admin('update relay_horizon set xid = pg_snapshot_xmin(pg_current_snapshot())');
    await town.submitSome('above', 3);
    const [above] = await town.rows(
      'select count(*)::integer as rows from journal where xid >= (select xid from relay_horizon)',
    );
    const before = await messages();
    const next = town.relay();
    await next.start();
    expect(await messages()).toBe(before + above?.rows);
    await next.stop();
  });

  test('moves on with every recovery: what was sent again is not sent once more', async () => {
    await dropSlot();
    const one = town.relay();
    await one.start();
    await one.stop();
    await dropSlot();
    const before = await messages();
    const next = town.relay();
    await next.start();
    await next.stop();
    expect(await messages()).toBe(before);
  });

  test('moves on with what Kafka has, and rests where nothing happens', async () => {
    const one = town.relay();
    await one.start();
    await town.submitSome('moves', 3);
    const unspared = () => count(town, 'journal', 'xid >= (select xid from relay_horizon)');
    await waitFor(async () => ((await unspared()) === 0 ? true : undefined), {
      timeoutMs: 20_000,
      what: 'the horizon lies above every row',
    });
    const rested = await town.admin('select xid::text, xmin::text from relay_horizon');
    const [{ marks }] = (await town.admin('select pg_current_wal_insert_lsn()::text as marks')) as [{ marks: string }];
    // A mark a second is still made.
    const later = async () =>
      (await town.admin(`select 1 where pg_current_wal_insert_lsn() > '${marks}'::pg_lsn + 300`)).length > 0
        ? true
        : undefined;
    await waitFor(later, { timeoutMs: 20_000, what: 'more marks are made' });
    expect(await town.admin('select xid::text, xmin::text from relay_horizon')).toEqual(rested);
    await one.stop();
  });

  test('of a database that came from another cluster, which had counted further, hides nothing that is new', async () => {
    await dropSlot();
    await town.admin("update relay_horizon set xid = '4000000000'");
    await town.admin('update epoch set value = 2');
    await town.admin("insert into relay_horizon (epoch, xid) values (2, '0')");
    const renewed = { ...town.chassis, origin: { ...town.chassis.origin, epoch: 2 } };
    await ownActs(renewed, town.pool).write('authority_matrix.load', [
      event('authority_matrix_loaded', 'authority_matrix', {
        id: 'of another epoch',
        state: 'LOADED',
        version: 'v',
        transitions: 1,
        loadedAt: '2026-01-05T10:00:00.123456Z',
      }),
    ]);
    const before = await messages();
    const next = town.relay();
    await next.start();
    expect(await messages()).toBe(before + 1);
    await next.stop();
  });
});

/** How many messages the topic has, repeats and all. */
async function messages(): Promise<number> {
  return [...(await town.kafka.endOffsets(town.topic)).values()].reduce((sum, end) => sum + Number(end), 0);
}
