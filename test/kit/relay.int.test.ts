import { waitFor } from '@qtm/local';
import { createLogger, createMetrics, Readiness } from '@qtm/service-kit/process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  connectKafka,
  type KafkaClient,
  type Message,
  type ReceivedMessage,
} from '../../infra/service-kit/src/kafka/client.ts';
import { eventTopicSettings } from '../../infra/service-kit/src/kafka/topic.ts';
import { Relay } from '../../infra/service-kit/src/relay/relay.ts';
import { ensureSlot, slotName } from '../../infra/service-kit/src/relay/slot.ts';
import { createKitMetrics } from '../../infra/service-kit/src/service/kit-metrics.ts';
import type { Bench } from '../harness/bench.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';
import { openTown, submit } from './town.ts';

const logger = createLogger('relay test', 'silent');

let town: Bench;
let kafka: KafkaClient;
let topic: string;
let slot: string;

beforeAll(async () => {
  town = await openTown();
  kafka = await connectKafka([sharedStack().kafka.brokers], 'relay test', logger);
  topic = uniqueName('facts-');
  await kafka.ensureTopic(topic, eventTopicSettings(-1));
  slot = slotName(town.urls.database);
  await ensureSlot(town.urls.relayUrl, slot);
});
afterAll(async () => {
  await kafka?.close();
  await town?.stop();
});

function relay(through: KafkaClient = kafka): Relay {
  return new Relay({
    service: 'jobs',
    namespace: 'jobs.xen',
    topic,
    databaseUrl: town.urls.relayUrl,
    slot,
    kafka: through,
    metrics: createKitMetrics(createMetrics('relay test')),
    readiness: new Readiness(),
    logger,
  });
}

/** A client whose producer does as told before, or after, each send. */
function meddled(around: (send: () => Promise<void>, messages: readonly Message[]) => Promise<void>): KafkaClient {
  return {
    ...kafka,
    async producer() {
      const producer = await kafka.producer();
      return { ...producer, send: (to, messages) => around(() => producer.send(to, messages), messages) };
    },
  };
}

const journaled = async () =>
  (await town.rows('select event_id::text as id from journal order by 1')).map((row) => row.id);

/** Every message of the topic so far, once as many as the journal has rows are there. */
async function published(): Promise<readonly ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  const ids = new Set(await journaled());
  const consumer = await kafka.consume({
    group: uniqueName('reader-'),
    topics: [topic],
    concurrency: 1,
    positions: async () => new Map(),
    onBatch: async (batch) => {
      messages.push(...batch.messages);
    },
    onCrash: () => undefined,
  });
  try {
    const complete = () => {
      const there = new Set(messages.map(({ headers }) => headers.ce_id));
      return [...ids].every((id) => there.has(id)) ? true : undefined;
    };
    await waitFor(complete, { timeoutMs: 30_000, what: `all ${ids.size} rows of the journal are on the topic` });
  } finally {
    await consumer.close();
  }
  return messages;
}

/** Drops repeats and says whether each aggregate's versions come in order, from 1 and without a gap. */
function inOrder(messages: readonly ReceivedMessage[]): boolean {
  const seen = new Set<string>();
  const versions = new Map<string, number>();
  return messages.every(({ headers }) => {
    const { ce_id: id = '', ce_subject: subject = '', ce_sequence: sequence } = headers;
    if (seen.has(id)) return true;
    seen.add(id);
    const expected = (versions.get(subject) ?? 0) + 1;
    versions.set(subject, expected);
    return Number(sequence) === expected;
  });
}

async function submitSome(label: string, number = 10): Promise<void> {
  for (let index = 0; index < number; index++) await submit(town, `${label}-${index}`);
}

describe('the relay', () => {
  test('sends what was committed while nobody listened', async () => {
    await submitSome('before');
    const one = relay();
    await one.start();
    expect(inOrder(await published())).toBe(true);
    await one.stop();
  });

  test('that ends after the commit and before the sending loses nothing', async () => {
    const sent: number[] = [];
    const never = new Promise<void>(() => undefined);
    const dying = relay(
      meddled(async (_, messages) => {
        sent.push(messages.length);
        await never;
      }),
    );
    await dying.start();
    await submitSome('unsent');
    await waitFor(() => (sent.length > 0 ? true : undefined), {
      timeoutMs: 20_000,
      what: 'a batch is about to be sent',
    });
    await endWalsender();
    const next = relay();
    await next.start();
    expect(inOrder(await published())).toBe(true);
    await next.stop();
  });

  test('that ends after the sending and before the acknowledgement sends again, and nobody is told anything new', async () => {
    const sent: number[] = [];
    const never = new Promise<void>(() => undefined);
    const dying = relay(
      meddled(async (send, messages) => {
        await send();
        sent.push(messages.length);
        await never;
      }),
    );
    await dying.start();
    await submitSome('sent');
    await waitFor(() => (sent.length > 0 ? true : undefined), { timeoutMs: 20_000, what: 'a batch was sent' });
    await endWalsender();
    const next = relay();
    await next.start();
    const messages = await published();
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
    const stubborn = relay(
      meddled(async (send) => {
        failures -= 1;
        if (failures >= 0) throw new Error('not now');
        await send();
      }),
    );
    await stubborn.start();
    await submitSome('insisted', 3);
    expect(inOrder(await published())).toBe(true);
    expect(failures).toBeLessThan(0);
    await stubborn.stop();
  });

  test('of a second replica stands by, and takes over', async () => {
    const [first, second] = [relay(), relay()];
    await first.start();
    await second.start();
    await submitSome('one-of-two', 3);
    await published();
    await first.stop();
    await submitSome('the-other', 3);
    expect(inOrder(await published())).toBe(true);
    await second.stop();
  });
});

/** As kill -9 of the relay's process: the server sees the connection end, and no position was reported. */
async function endWalsender(): Promise<void> {
  const { Client } = await import('pg');
  const admin = new Client({ connectionString: sharedStack().postgres.adminUrl });
  await admin.connect();
  await admin.query('select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1', [slot]);
  await admin.end();
}
