import type { Random } from '../../harness/random.ts';
import { topicsOf } from '../../harness/topics.ts';
import type { Scene } from '../scene.ts';
import { endOffsets, kafkaOf, readTopic, type TopicMessage } from '../topics/read.ts';
import type { FaultKind } from './fault.ts';

/** So many of the newest messages of a partition are delivered once more. */
const REPEATED = { min: 5, max: 40 } as const;

/**
 * Messages that were delivered are delivered again, in another order: what a relay that was killed may do, and more. First
 * occurrences stay in order, as is promised; consumers must drop the rest.
 */
export const REPEAT: FaultKind = {
  name: 'deliveries repeated',
  weight: 1,
  faults: (scene) =>
    [...topicsOf({ ...scene.system, brokers: scene.stack.kafka.brokers })].map(([service, topic]) => ({
      target: service,
      strike: (random) => repeat(scene, topic, random),
    })),
};

async function repeat({ stack }: Scene, topic: string, random: Random): Promise<string> {
  const kafka = kafkaOf(stack.kafka.brokers);
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    const to = await endOffsets(admin, topic);
    const from = new Map(
      [...to].map(([partition, end]) => {
        const first = end - BigInt(random.integer(REPEATED.min, REPEATED.max));
        return [partition, first < 0n ? 0n : first];
      }),
    );
    const messages: TopicMessage[] = [];
    await readTopic(kafka, topic, { from, to }, (message) => messages.push(message));
    const shuffled = random
      .shuffled(messages)
      .map(({ partition, key, value, headers }) => ({ partition, key, value, headers }));
    await producer.send({ topic, acks: -1, messages: shuffled });
    return `${messages.length} messages`;
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}
