import { Kafka, logLevel } from 'kafkajs';

/** @throws Error unless the brokers answer an administrator; an open port alone is not enough */
export async function askBrokers(brokers: readonly string[]): Promise<void> {
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'local-stack',
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}
