import { waitFor } from '@qtm/local';
import { createLogger } from '@qtm/service-kit/process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectKafka, type KafkaClient } from '../../infra/service-kit/src/kafka/client.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';

let kafka: KafkaClient;

beforeAll(async () => {
  kafka = await connectKafka([sharedStack().kafka.brokers], 'seeking', createLogger('seeking', 'silent'));
});
afterAll(() => kafka?.close());

test('a member that cannot learn its positions at first reads nothing until it can, and then only what lies behind them', async () => {
  const topic = uniqueName('seeking-');
  await kafka.ensureTopic(topic, { partitions: 1, config: {} });
  const producer = await kafka.producer();
  await producer.send(
    topic,
    ['a', 'b', 'c'].map((key) => ({ key, value: '{}', headers: {} })),
  );
  const asked: boolean[] = [];
  const read: string[] = [];
  const consumer = await kafka.consume({
    group: topic,
    topics: [topic],
    concurrency: 1,
    async positions() {
      expect(read).toEqual([]);
      asked.push(asked.length === 2);
      if (asked.at(-1) !== true) throw new Error('the database is away');
      return new Map([[0, 2n]]);
    },
    onBatch: async ({ messages }) => void read.push(...messages.map(({ key }) => key)),
    onCrash: () => undefined,
  });
  try {
    await producer.send(topic, [{ key: 'd', value: '{}', headers: {} }]);
    const arrived = async () => (read.includes('d') ? true : undefined);
    await waitFor(arrived, { timeoutMs: 30_000, what: 'the last message is read' });
    expect(read).toEqual(['c', 'd']);
    expect(asked).toEqual([false, false, true]);
  } finally {
    await consumer.close();
    await producer.close();
  }
});
