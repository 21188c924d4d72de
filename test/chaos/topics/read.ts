import { waitFor } from '@qtm/local';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { uniqueName } from '../../harness/names.ts';

/** One message as it lies on a topic. */
export interface TopicMessage {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

/** Offsets by partition. */
export type Offsets = ReadonlyMap<number, bigint>;

const READ_TIMEOUT_MS = 120_000;

export function kafkaOf(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), clientId: 'chaos', logLevel: logLevel.NOTHING });
}

/** The offset behind the last message of every partition. */
export async function endOffsets(admin: Admin, topic: string): Promise<Offsets> {
  return new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)]));
}

/** Hands every message between two positions of a topic to `each`, in order per partition. */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  range: { readonly from?: Offsets; readonly to: Offsets },
  each: (message: TopicMessage) => void,
): Promise<void> {
  const { from, to } = range;
  const next = new Map([...to.keys()].map((partition) => [partition, from?.get(partition) ?? 0n]));
  const done = () => [...to].every(([partition, end]) => (next.get(partition) ?? 0n) >= end);
  if (done()) return;
  const consumer = kafka.consumer({ groupId: uniqueName('chaos-reads-'), maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const offset = BigInt(message.offset);
        // What was fetched before the seek below, or again after a rebalance.
        if (offset !== next.get(partition) || offset >= (to.get(partition) ?? 0n)) return;
        next.set(partition, offset + 1n);
        each({ partition, offset, key: message.key, value: message.value, headers: message.headers ?? {} });
      },
    });
    for (const [partition, offset] of from ?? []) consumer.seek({ topic, partition, offset: String(offset) });
    await waitFor(() => (done() ? true : undefined), { timeoutMs: READ_TIMEOUT_MS, what: `${topic} is read` });
  } finally {
    await consumer.disconnect();
  }
}
