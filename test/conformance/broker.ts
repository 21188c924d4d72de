import { waitFor } from '@qtm/local';
import { Kafka, logLevel, type Message } from 'kafkajs';
import type { TestSystem } from '../harness/system.ts';
import { type Observed, relayed, rowsOf, topicsOf } from '../harness/topics.ts';

/** The broker of a running system, by its own protocol. */
export interface Broker {
  /** Makes a topic that no service knows, and gives its name. */
  newTopic(name: string): Promise<string>;
  /** Puts the same messages on each of these topics, and waits until everybody who follows one has read on. */
  put(topics: readonly string[], messages: readonly Message[]): Promise<void>;
  /** Waits until every fact that is committed, and what follows from it, has arrived wherever it goes. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const READ_TIMEOUT_MS = 60_000;
/** Facts, and their consequences, which have none themselves. */
const ROUNDS = 2;

export async function openBroker(system: TestSystem): Promise<Broker> {
  const { brokers } = system.stack.kafka;
  const observed: Observed = { ...system, brokers };
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);

  /** Waits until all who follow a topic are at its end. */
  async function read(topic: string): Promise<void> {
    const ends = await admin.fetchTopicOffsets(topic);
    const positions = `select partition, next_offset::integer as next from consumer_position where topic = '${topic}'`;
    for (const service of system.services.keys()) {
      const atEnd = async () => {
        const rows = await rowsOf<{ partition: number; next: number }>(observed, service, positions);
        const nextOf = new Map(rows.map(({ partition, next }) => [partition, next]));
        // Whoever has no position at all does not follow it.
        const isBehind = rows.length > 0 && ends.some((end) => (nextOf.get(end.partition) ?? 0) < Number(end.high));
        return isBehind ? undefined : true;
      };
      await waitFor(atEnd, { timeoutMs: READ_TIMEOUT_MS, what: `${service} has read ${topic}` });
    }
  }

  return {
    async newTopic(name) {
      const topic = `${system.topicPrefix}${name}`;
      await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
      return topic;
    },
    async put(topics, messages) {
      for (const topic of topics) await producer.send({ topic, messages: [...messages] });
      for (const topic of topics) await read(topic);
    },
    async settled() {
      for (let round = 0; round < ROUNDS; round++) {
        await relayed(observed);
        for (const topic of topicsOf(observed).values()) await read(topic);
      }
    },
    async close() {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}
