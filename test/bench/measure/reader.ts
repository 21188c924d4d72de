import { loadNamespaces } from '@qtm/service-kit/topics';
import { Kafka, logLevel } from 'kafkajs';
import { SCHEMA_ROOT } from '../../../infra/service-kit/src/service/boot.ts';
import { histogramOfTimes } from '../load.ts';
import type { World } from '../world.ts';

/** A consumer of ours, as analytics would be one: notes how old each fact is as it is read. */
export interface Reader {
  /** Ends it; says what it saw. */
  close(): Promise<string>;
}

/** Reads the topic of a service from now on. A fact's time is its decision's, so its writing and committing are counted, too. */
export async function openReader({ stack, system }: World, service: string): Promise<Reader> {
  const topic = loadNamespaces(SCHEMA_ROOT, system.topicPrefix).get(service)?.topic ?? '';
  const kafka = new Kafka({ brokers: stack.kafka.brokers.split(','), logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: 'bench reader', maxWaitTimeInMs: 100 });
  const ages = histogramOfTimes();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: false });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    async eachBatch({ batch }) {
      for (const { headers } of batch.messages) {
        ages.recordValue(Math.max(1, (Date.now() - Date.parse(String(headers?.ce_time))) * 1_000));
      }
    },
  });
  await joined;
  return {
    async close() {
      await consumer.disconnect();
      const at = (percentile: number) => `${(ages.getValueAtPercentile(percentile) / 1_000).toFixed(0)} ms`;
      return `from the fact to a reader of its topic: p50 ${at(50)}, p99 ${at(99)}, p99.9 ${at(99.9)} of ${ages.totalCount}`;
    },
  };
}
