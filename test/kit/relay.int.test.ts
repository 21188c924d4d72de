import { waitFor } from '@qtm/local';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KafkaClient, Message } from '../../infra/service-kit/src/kafka/client.ts';
import { inOrder, openRelayedTown, type RelayedTown } from './relayed.ts';

let town: RelayedTown;
beforeAll(async () => {
  town = await openRelayedTown();
});
afterAll(() => town?.stop());

/** A client whose producer does as told before, or after, each send. */
function meddled(around: (send: () => Promise<void>, messages: readonly Message[]) => Promise<void>): KafkaClient {
  return {
    ...town.kafka,
    async producer() {
      const producer = await town.kafka.producer();
      return { ...producer, send: (to, messages) => around(() => producer.send(to, messages), messages) };
    },
  };
}

describe('the relay', () => {
  test('sends what was committed while nobody listened', async () => {
    await town.submitSome('before');
    const one = town.relay();
    await one.start();
    expect(inOrder(await town.published())).toBe(true);
    await one.stop();
  });

  test('sends nothing before everybody sees it, whatever the log says', async () => {
    const sent: number[] = [];
    const one = town.relay({
      kafka: meddled(async (send, messages) => {
        sent.push(messages.length);
        await send();
      }),
    });
    await one.start();
    await town.published();
    const before = sent.length;
    // A fact of a transaction that still runs: what a commit looks like that is in the log and has not ended for others.
    const running = new Client({ connectionString: town.urls.appUrl });
    await running.connect();
    await running.query('begin');
    const { rows } = await running.query<{ xid: string }>('select pg_current_xact_id()::text as xid');
    await town.admin(
      `insert into journal select (jsonb_populate_record(j, jsonb_build_object('event_id', gen_random_uuid(),
        'aggregate_id', gen_random_uuid(), 'aggregate_version', 1, 'xid', $1::text))).* from journal j limit 1`,
      [rows[0]?.xid],
    );
    const [now] = await town.admin('select pg_current_wal_flush_lsn()::text as lsn');
    const read = `select 1 from pg_stat_replication s join pg_replication_slots r on r.active_pid = s.pid
      where r.slot_name = $1 and s.sent_lsn >= $2::pg_lsn`;
    await waitFor(async () => ((await town.admin(read, [town.slot, now?.lsn])).length > 0 ? true : undefined), {
      timeoutMs: 20_000,
      what: 'the relay was given the fact',
    });
    expect(sent.length).toBe(before);
    await running.query('commit');
    await running.end();
    await town.published();
    expect(sent.length).toBeGreaterThan(before);
    await one.stop();
  });

  test('that ends after the commit and before the sending loses nothing', async () => {
    const sent: number[] = [];
    const never = new Promise<void>(() => undefined);
    const dying = town.relay({
      kafka: meddled(async (_, messages) => {
        sent.push(messages.length);
        await never;
      }),
    });
    await dying.start();
    await town.submitSome('unsent');
    await waitFor(() => (sent.length > 0 ? true : undefined), {
      timeoutMs: 20_000,
      what: 'a batch is about to be sent',
    });
    await endWalsender();
    const next = town.relay();
    await next.start();
    expect(inOrder(await town.published())).toBe(true);
    await next.stop();
  });

  test('that ends after the sending and before the acknowledgement sends again, and nobody is told anything new', async () => {
    const sent: number[] = [];
    const never = new Promise<void>(() => undefined);
    const dying = town.relay({
      kafka: meddled(async (send, messages) => {
        await send();
        sent.push(messages.length);
        await never;
      }),
    });
    await dying.start();
    await town.submitSome('sent');
    await waitFor(() => (sent.length > 0 ? true : undefined), { timeoutMs: 20_000, what: 'a batch was sent' });
    await endWalsender();
    const next = town.relay();
    await next.start();
    const messages = await town.published();
    expect(inOrder(messages)).toBe(true);
    const contents = new Map<string, Set<string>>();
    for (const { headers, value } of messages) {
      const id = headers.ce_id ?? '';
      contents.set(id, (contents.get(id) ?? new Set()).add(value?.toString('utf8') ?? ''));
    }
    expect([...contents.values()].every((values) => values.size === 1)).toBe(true);
    expect(messages.length).toBeGreaterThan(contents.size);
    await next.stop();
  });

  test('tries again where Kafka does not take what it is given', async () => {
    let failures = 3;
    const stubborn = town.relay({
      kafka: meddled(async (send) => {
        failures -= 1;
        if (failures >= 0) throw new Error('not now');
        await send();
      }),
    });
    await stubborn.start();
    await town.submitSome('insisted', 3);
    expect(inOrder(await town.published())).toBe(true);
    expect(failures).toBeLessThan(0);
    await stubborn.stop();
  });

  test('of a second replica stands by, and takes over', async () => {
    const [first, second] = [town.relay(), town.relay()];
    await first.start();
    await second.start();
    await town.submitSome('one-of-two', 3);
    await town.published();
    await first.stop();
    await town.submitSome('the-other', 3);
    expect(inOrder(await town.published())).toBe(true);
    await second.stop();
  });
});

/** As kill -9 of the relay's process: the server sees the connection end, and no position was reported. */
function endWalsender(): Promise<unknown> {
  return town.admin('select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1', [
    town.slot,
  ]);
}
