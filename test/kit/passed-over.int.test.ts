import { waitFor } from '@qtm/local';
import { createLogger, Readiness } from '@qtm/service-kit/process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Follower, type FollowerOptions } from '../../infra/service-kit/src/consumer/follower.ts';
import { PassedOver, positionsOf } from '../../infra/service-kit/src/consumer/position.ts';
import { createPool } from '../../infra/service-kit/src/database/pool.ts';
import { connectKafka, type KafkaClient } from '../../infra/service-kit/src/kafka/client.ts';
import { loadNamespaces } from '../../infra/service-kit/src/kafka/topic.ts';
import { SCHEMA_ROOT } from '../../infra/service-kit/src/service/boot.ts';
import type { Bench } from '../harness/bench.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';
import { topicsOf } from './relayed.ts';
import { openTown } from './town.ts';

const WRITTEN_TIMEOUT_MS = 30_000;
const logger = createLogger('passed over', 'silent');

let town: Bench;
let kafka: KafkaClient;

beforeAll(async () => {
  town = await openTown();
  kafka = await connectKafka([sharedStack().kafka.brokers], 'passed over', logger);
});
afterAll(async () => {
  await kafka?.close();
  await town?.stop();
});

/** A follower of topics of its own reads what concerns nobody here; ends once the position behind it is written. */
async function readsWhatIsPassedOver(
  name: string,
  further: Pick<FollowerOptions, 'kafka' | 'stalledMs'>,
): Promise<void> {
  const prefix = uniqueName(name);
  const namespaces = loadNamespaces(SCHEMA_ROOT, prefix);
  await topicsOf(kafka, namespaces);
  const topic = namespaces.get('governance')?.topic ?? '';
  const follower = new Follower({
    applier: town.applier,
    group: prefix,
    concurrency: 2,
    namespaces,
    readiness: new Readiness(),
    onApplied: () => undefined,
    ...further,
  });
  try {
    await follower.start();
    const producer = await kafka.producer();
    const headers = { ce_type: 'x1.governance.pool_created.v1', ce_subject: 'pool/one' };
    await producer.send(topic, [{ key: 'one', value: '{}', headers }]);
    await producer.close();
    const written = async () => ([...(await positionsOf(town.pool, topic)).values()].includes(1n) ? true : undefined);
    await waitFor(written, { timeoutMs: WRITTEN_TIMEOUT_MS, what: 'the position behind it is written' });
  } finally {
    await follower.stop();
  }
}

test('a replica that reads no watermarks says how far it is all the same', async () => {
  await readsWhatIsPassedOver('passed-', { kafka });
});

test('a member of the group that is served nothing joins again, also after its start', async () => {
  let joined = 0;
  const unserved: KafkaClient = {
    ...kafka,
    async consume(options) {
      const consumer = await kafka.consume(options);
      joined += 1;
      if (joined === 1) consumer.pause();
      return consumer;
    },
  };
  await readsWhatIsPassedOver('unserved-', { kafka: unserved, stalledMs: 1_000 });
  expect(joined).toBeGreaterThan(1);
});

test('what could not be written is written with the next', async () => {
  const passedOver = new PassedOver();
  const gone = createPool({ url: town.urls.appUrl, name: 'gone', size: 1, logger });
  await gone.end();
  passedOver.note({ topic: 'a topic', partition: 1, next: 5n });
  await expect(passedOver.write(gone)).rejects.toThrow();
  passedOver.note({ topic: 'a topic', partition: 2, next: 7n });
  await passedOver.write(town.pool);
  expect(await positionsOf(town.pool, 'a topic')).toEqual(
    new Map([
      [1, 5n],
      [2, 7n],
    ]),
  );
});
