import { waitFor } from '@qtm/local';
import { createLogger, createMetrics, Readiness } from '@qtm/service-kit/process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyDeliveries } from '../../infra/service-kit/src/consumer/apply.ts';
import { createPool } from '../../infra/service-kit/src/database/pool.ts';
import { Announcer } from '../../infra/service-kit/src/freshness/announcer.ts';
import { keepWatermark } from '../../infra/service-kit/src/freshness/keeper.ts';
import { type Watermark, watermarkOf } from '../../infra/service-kit/src/freshness/watermark.ts';
import { connectKafka, type KafkaClient } from '../../infra/service-kit/src/kafka/client.ts';
import { CONTROL_TOPIC_SETTINGS, eventTopicSettings } from '../../infra/service-kit/src/kafka/topic.ts';
import { Relay } from '../../infra/service-kit/src/relay/relay.ts';
import { slotName } from '../../infra/service-kit/src/relay/slot.ts';
import { createKitMetrics } from '../../infra/service-kit/src/service/kit-metrics.ts';
import type { Bench } from '../harness/bench.ts';
import { foreignFact } from '../harness/foreign-facts.ts';
import { uniqueName } from '../harness/names.ts';
import { sessionOf } from '../harness/sessions.ts';
import { sharedStack } from '../harness/stack.ts';
import { count, openTown, REQUESTER, submit } from './town.ts';

const logger = createLogger('freshness test', 'silent');
const MAX_AGE_MS = 60_000;

let town: Bench;
beforeAll(async () => {
  town = await openTown(8, MAX_AGE_MS);
});
afterAll(() => town?.stop());

/** The database's clock, so many milliseconds ago. */
const ago = async (ms: number) =>
  (
    await town.rows<{ at: string }>(
      `select to_char((clock_timestamp() - $1 * interval '1 ms') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
      [ms],
    )
  )[0]?.at as string;

/** What the relay of a source says, as the follower keeps it; the facts of the bench stand on topics named as their source. */
async function hear(source: string, at: string, offsets: Watermark['offsets'] = []): Promise<string | undefined> {
  const place = { topic: source, controlTopic: `${source}.watermarks`, next: 1n };
  return keepWatermark(town.pool, place, { source, at, epoch: 1, offsets });
}

describe('a command that rests on another service', () => {
  test('is refused before anything was heard of it, and nobody is held to have attempted anything', async () => {
    const { payload } = await submit(town, 'unheard');
    expect(payload.refusal.code).toBe('AUTHORITY_STALE');
    expect(await count(town, 'attempt')).toBe(0);
    expect(await count(town, 'request')).toBe(0);
  });

  test('is accepted while that is known freshly enough, whatever else is not', async () => {
    await hear('operator', await ago(MAX_AGE_MS / 2));
    expect((await submit(town, 'fresh')).payload.refusal).toBeNull();
  });

  test('is refused once that is too old, also where it would be denied', async () => {
    await town.rows('update source_freshness set as_of = $1', [await ago(2 * MAX_AGE_MS)]);
    expect((await submit(town, 'stale')).payload.refusal.code).toBe('AUTHORITY_STALE');
    const attempts = await count(town, 'attempt');
    const unheard = sessionOf('never registered', ['requester']);
    expect((await submit(town, 'not-yet-known', {}, unheard)).payload.refusal.code).toBe('AUTHORITY_STALE');
    expect(await count(town, 'attempt')).toBe(attempts);
  });

  test('is denied where no fact could change it', async () => {
    const { error } = await submit(town, 'agent', {}, { ...REQUESTER, kind: 'AGENT' });
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'principals' });
  });
});

describe('a watermark', () => {
  const fact = (name: string, version: number) => {
    const { event } = foreignFact('operator', 'operator_activated', { id: name }, { aggregate_version: version });
    return { key: name, value: Buffer.from(JSON.stringify(event)), headers: {} };
  };

  test('counts once everything below it was applied; the newest that was reached does', async () => {
    const [early, late, later] = [await ago(3_000), await ago(2_000), await ago(1_000)];
    const place = { source: 'operator', topic: 'operator', partition: 5 };
    expect(await hear('operator', early, [{ partition: 5, next_offset: 1 }])).not.toBe(early);
    await applyDeliveries(town.applier, [{ place, messages: [{ offset: 0n, ...fact('crew-a', 1) }] }]);
    expect(await hear('operator', late, [{ partition: 5, next_offset: 2 }])).toBe(early);
    expect(await hear('operator', later, [{ partition: 5, next_offset: 9 }])).toBe(early);
    await applyDeliveries(town.applier, [{ place, messages: [{ offset: 1n, ...fact('crew-a', 2) }] }]);
    expect(await hear('operator', later, [])).toBe(late);
  });

  test('never takes back what was reached', async () => {
    const now = await ago(0);
    expect(await hear('governance', now)).toBe(now);
    expect(await hear('governance', await ago(5_000))).toBe(now);
  });

  test('that is not reached is kept, up to a number', async () => {
    for (let second = 100; second > 0; second--) {
      await hear('workflow', await ago(second * 1_000), [{ partition: 0, next_offset: 1_000 }]);
    }
    expect(await count(town, 'watermark', "source = 'workflow'")).toBe(60);
    expect(await hear('workflow', await ago(0))).toBeDefined();
    expect(await count(town, 'watermark', "source = 'workflow'")).toBe(0);
  });

  test.each(['', 'null', '1', '{}', '{"source":"a","at":"now","offsets":[]}'])('is not %j', (text) => {
    expect(() => watermarkOf(Buffer.from(text))).toThrow(/watermark/);
  });
});

describe('the relay', () => {
  let kafka: KafkaClient;
  const topic = uniqueName('facts-');
  const controlTopic = uniqueName('watermarks-');
  const heard: Watermark[] = [];
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    kafka = await connectKafka([sharedStack().kafka.brokers], 'freshness test', logger);
    await kafka.ensureTopic(controlTopic, CONTROL_TOPIC_SETTINGS);
    await kafka.ensureTopic(topic, eventTopicSettings(-1));
    const pool = createPool({ url: town.urls.relayUrl, name: 'marks', size: 1, logger });
    const announcer = new Announcer({ service: 'jobs', epoch: 1, topic, controlTopic, kafka, pool, logger });
    const relay = new Relay({
      service: 'jobs',
      namespace: 'jobs.xen',
      topic,
      databaseUrl: town.urls.relayUrl,
      slot: slotName(town.urls.database),
      kafka,
      announcer,
      metrics: createKitMetrics(createMetrics('freshness test')),
      readiness: new Readiness(),
      logger,
    });
    await relay.start();
    const consumer = await kafka.consume({
      group: uniqueName('reader-'),
      topics: [controlTopic],
      concurrency: 1,
      positions: async () => new Map(),
      onBatch: async ({ messages }) => {
        heard.push(...messages.map(({ value }) => watermarkOf(value)));
      },
      onCrash: () => undefined,
    });
    ends.push(
      () => consumer.close(),
      () => relay.stop(),
      () => pool.end(),
      () => kafka.close(),
    );
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  /** The first watermark of a moment that is over. */
  const heardAfter = (at: string) =>
    waitFor(() => heard.find((watermark) => watermark.at > at), {
      timeoutMs: 20_000,
      what: `a watermark after ${at}`,
    });

  test('says every second up to when everything is out, and means it', async () => {
    await hear('operator', await ago(0));
    for (let index = 0; index < 5; index++) await submit(town, `announced-${index}`);
    const { offsets, source } = await heardAfter(await ago(0));
    expect(source).toBe('jobs');
    const sent = offsets.reduce((sum, { next_offset }) => sum + next_offset, 0);
    expect(sent).toBe(await count(town, 'journal'));
    await heardAfter(await ago(0));
  });
});
