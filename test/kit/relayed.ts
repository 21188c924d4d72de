import { waitFor } from '@qtm/local';
import { createLogger, createMetrics, Readiness } from '@qtm/service-kit/process';
import { Client } from 'pg';
import { createPool } from '../../infra/service-kit/src/database/pool.ts';
import { Announcer } from '../../infra/service-kit/src/freshness/announcer.ts';
import { connectKafka, type KafkaClient, type ReceivedMessage } from '../../infra/service-kit/src/kafka/client.ts';
import { CONTROL_TOPIC_SETTINGS, eventTopicSettings, type Namespace } from '../../infra/service-kit/src/kafka/topic.ts';
import { Relay } from '../../infra/service-kit/src/relay/relay.ts';
import { slotName } from '../../infra/service-kit/src/relay/slot.ts';
import { createKitMetrics } from '../../infra/service-kit/src/service/kit-metrics.ts';
import type { Bench } from '../harness/bench.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';
import { openTown, submit } from './town.ts';

const logger = createLogger('relay test', 'silent');

/** What a relay goes by; the town's own where nothing is said. */
export interface RelayParts {
  readonly kafka?: KafkaClient;
  readonly readiness?: Readiness;
  readonly databaseUrl?: string;
}

/** A town whose facts go to a topic of its own. */
export interface RelayedTown extends Bench {
  readonly kafka: KafkaClient;
  readonly topic: string;
  readonly slot: string;
  /** One more replica's relay, not started. */
  relay(parts?: RelayParts): Relay;
  /** Every message of the topic so far, once as many as the journal has rows are there. */
  published(): Promise<readonly ReceivedMessage[]>;
  /** Submits requests one after the other, two facts each or more. */
  submitSome(label: string, number?: number): Promise<void>;
  /** As the administrator of the cluster. */
  admin(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

export async function openRelayedTown(): Promise<RelayedTown> {
  const town = await openTown();
  const kafka = await connectKafka([sharedStack().kafka.brokers], 'relay test', logger);
  const topic = uniqueName('facts-');
  const controlTopic = `${topic}.watermarks`;
  await kafka.ensureTopic(topic, eventTopicSettings(-1));
  await kafka.ensureTopic(controlTopic, CONTROL_TOPIC_SETTINGS);
  const pool = createPool({ url: town.urls.relayUrl, name: 'jobs marks', size: 1, logger });
  const slot = slotName(town.urls.database);
  const admin = new URL(sharedStack().postgres.adminUrl);
  admin.pathname = `/${town.urls.database}`;
  return {
    ...town,
    kafka,
    topic,
    slot,
    relay: ({ kafka: through = kafka, readiness = new Readiness(), databaseUrl = town.urls.relayUrl } = {}) =>
      new Relay({
        service: 'jobs',
        namespace: 'jobs.xen',
        topic,
        databaseUrl,
        slot,
        kafka: through,
        announcer: new Announcer({ service: 'jobs', epoch: 1, topic, controlTopic, kafka, pool, logger }),
        metrics: createKitMetrics(createMetrics('relay test')),
        readiness,
        logger,
      }),
    async published() {
      const ids = new Set((await town.rows('select event_id::text as id from journal')).map((row) => row.id));
      return readUntil(kafka, topic, ids);
    },
    async submitSome(label, number = 10) {
      for (let index = 0; index < number; index++) await submit(town, `${label}-${index}`);
    },
    async admin(text, values = []) {
      const client = new Client({ connectionString: admin.href });
      await client.connect();
      try {
        return (await client.query(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },
    async stop() {
      await kafka.close();
      await pool.end();
      await town.stop();
    },
  };
}

/** Makes the topics of every service, as their owners do. */
export async function topicsOf(kafka: KafkaClient, namespaces: ReadonlyMap<string, Namespace>): Promise<void> {
  for (const { topic, controlTopic } of namespaces.values()) {
    await kafka.ensureTopic(topic, eventTopicSettings(-1));
    await kafka.ensureTopic(controlTopic, CONTROL_TOPIC_SETTINGS);
  }
}

/** Reads a topic from its start until all of these events were seen. */
export async function readUntil(kafka: KafkaClient, topic: string, ids: ReadonlySet<string>) {
  const messages: ReceivedMessage[] = [];
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
    await waitFor(complete, { timeoutMs: 60_000, what: `all ${ids.size} rows of the journal are on the topic` });
  } finally {
    await consumer.close();
  }
  return messages;
}

/** Drops repeats and says whether each aggregate's versions come in order, from 1 and without a gap. */
export function inOrder(messages: readonly ReceivedMessage[]): boolean {
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
