/** The one file that knows the Kafka client, so that it can be exchanged. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Admin,
  Kafka as Kafkajs,
  type Consumer as KafkajsConsumer,
  type Producer as KafkajsProducer,
  logLevel,
  Partitioners,
} from 'kafkajs';
import type { Logger } from '../process/logger.ts';

export interface Message {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Producer {
  /** Resolves once every in-sync replica has all of the messages, in their order. A failed send may have succeeded. */
  send(topic: string, messages: readonly Message[]): Promise<void>;
  close(): Promise<void>;
}

export interface ReceivedMessage {
  readonly offset: bigint;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly ReceivedMessage[];
  /** Tells the group that this member still works; call between slices. */
  readonly heartbeat: () => Promise<void>;
  /** False once the partition was given away or the consumer stops. */
  readonly current: () => boolean;
}

export interface Consumer {
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Partitions worked on at a time. */
  readonly concurrency: number;
  /** Where to go on in these partitions; partitions that are not answered begin at their start. */
  readonly positions: (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, bigint>>;
  readonly onBatch: (batch: Batch) => Promise<void>;
  readonly onCrash: (error: Error) => void;
}

export interface TopicSettings {
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface KafkaClient {
  ensureTopic(name: string, settings: TopicSettings): Promise<void>;
  /**
   * The offset behind the last message, by partition.
   * @throws Error where the topic is not there, or not yet everywhere
   */
  endOffsets(topic: string): Promise<ReadonlyMap<number, bigint>>;
  /** The offset of the first message at or after a time (milliseconds since 1970), by partition; the end where there is none. */
  offsetsSince(topic: string, timeMs: number): Promise<ReadonlyMap<number, bigint>>;
  producer(): Promise<Producer>;
  consume(options: ConsumeOptions): Promise<Consumer>;
  close(): Promise<void>;
}

/** Bounded, so that a dead broker shows as not ready instead of hiding behind retries. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 4 };
const LED_WITHIN_MS = 10_000;
const LED_LOOK_MS = 50;
const SEEK_AGAIN_MS = 250;
/** Whoever waits for a position still belongs to the group. */
const BEAT_MS = 1_000;
/** With the client's default of 5 s, closing takes 10 s and a rebalance 4 s. */
const MAX_WAIT_MS = 100;

export async function connectKafka(brokers: readonly string[], clientId: string, logger: Logger): Promise<KafkaClient> {
  const kafka = new Kafkajs({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ log }) =>
        logger.debug({ kafka: log }, log.message),
  });
  const admin = kafka.admin();
  await admin.connect();
  return {
    async ensureTopic(topic, { partitions, config }) {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.createTopics({
        topics: [{ topic, numPartitions: partitions, configEntries }],
        waitForLeaders: false,
      });
      await untilLed(admin, topic);
    },
    async endOffsets(topic) {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
    },
    async offsetsSince(topic, timeMs) {
      const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
      return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
    },
    producer: () => connectProducer(kafka),
    consume: (options) => connectConsumer(kafka, options, logger),
    close: () => admin.disconnect(),
  };
}

/** The client's own wait for leaders ends with an error where the broker that is asked has not heard of the topic yet. */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  const untilMs = performance.now() + LED_WITHIN_MS;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      if (topics[0]?.partitions.every(({ leader }) => leader >= 0)) return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
    }
    if (performance.now() > untilMs) throw new Error(`no broker leads every partition of ${topic}`);
    await sleep(LED_LOOK_MS);
  }
}

async function connectProducer(kafka: Kafkajs): Promise<Producer> {
  const producer: KafkajsProducer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return {
    async send(topic, messages) {
      await producer.send({
        topic,
        acks: -1,
        messages: messages.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
      });
    },
    close: () => producer.disconnect(),
  };
}

async function connectConsumer(kafka: Kafkajs, options: ConsumeOptions, logger: Logger): Promise<Consumer> {
  const { group, topics, concurrency, positions, onBatch, onCrash } = options;
  const consumer: KafkajsConsumer = kafka.consumer({
    groupId: group,
    // Partitions that appear, or get another leader, are noticed within so long.
    metadataMaxAge: 10_000,
    maxWaitTimeInMs: MAX_WAIT_MS,
    // The least that brokers allow: so long a member that was killed is waited for.
    sessionTimeout: 6_000,
    heartbeatInterval: 1_000,
    rebalanceTimeout: 10_000,
    retry: { ...RETRY, retries: Number.MAX_SAFE_INTEGER },
  });
  let joins = 0;
  /** Until the positions of the last assignment are known. */
  let seeking: Promise<void> | undefined;
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    joins += 1;
    const join = joins;
    const asked = () => join === joins;
    seeking = seek(payload.memberAssignment, asked)
      // The member ended meanwhile; the next one asks again.
      .catch((error: Error) => logger.debug({ err: error, group }, 'a position came too late'))
      .finally(() => {
        if (asked()) seeking = undefined;
      });
  });
  /** Without its positions a member would read everything from the start, so it insists on them as long as they are asked for. */
  const seek = async (assignment: Readonly<Record<string, number[]>>, asked: () => boolean) => {
    for (const [topic, partitions] of Object.entries(assignment)) {
      const offsets = await found(() => positions(topic, partitions), asked);
      if (!asked()) return;
      for (const [partition, offset] of offsets) consumer.seek({ topic, partition, offset: String(offset) });
    }
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => onCrash(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  } catch (error) {
    await consumer.disconnect();
    throw error;
  }
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: concurrency,
    async eachBatch({ batch, resolveOffset, heartbeat, isRunning, isStale }) {
      while (seeking !== undefined) {
        await Promise.race([seeking, sleep(BEAT_MS)]);
        await heartbeat();
      }
      // What was fetched before the position was known is fetched again from there.
      if (isStale()) return;
      const messages = batch.messages.map((message) => ({
        offset: BigInt(message.offset),
        key: message.key?.toString('utf8') ?? '',
        value: message.value,
        headers: textHeaders(message.headers ?? {}),
      }));
      const current = () => isRunning() && !isStale();
      await onBatch({ topic: batch.topic, partition: batch.partition, messages, heartbeat, current });
      // A batch that was given up halfway must be fetched again, from the position.
      if (!current()) return;
      resolveOffset(batch.lastOffset());
      await heartbeat();
    },
  });
  const all = topics.map((topic) => ({ topic }));
  return {
    pause: () => consumer.pause(all),
    resume: () => consumer.resume(all),
    close() {
      joins += 1;
      return consumer.disconnect();
    },
  };
}

/** Tries again where it fails, as long as somebody asks. */
async function found(
  positions: () => Promise<ReadonlyMap<number, bigint>>,
  asked: () => boolean,
): Promise<ReadonlyMap<number, bigint>> {
  while (asked()) {
    try {
      return await positions();
    } catch {
      await sleep(SEEK_AGAIN_MS);
    }
  }
  return new Map();
}

function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
