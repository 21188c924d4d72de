import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalStack, startLocalStack } from '../src/stack.ts';
import { dataFolder, makeDataFolder } from './data-folder.ts';

const folder = makeDataFolder();
let running: LocalStack;

beforeAll(async () => {
  running = await startLocalStack({ dataDir: folder.path, ephemeral: true, log: () => {} });
});

afterAll(async () => {
  await running?.stop();
  folder.remove();
});

function beside(settings: { url?: string; brokers?: string }): Promise<LocalStack> {
  const env = {
    // Without a Java: what is given needs none.
    PATH: process.env.PATH,
    QTM_LOCAL_POSTGRES_URL: settings.url ?? running.postgres.adminUrl,
    QTM_LOCAL_KAFKA_BROKERS: settings.brokers ?? running.kafka.brokers,
  };
  return startLocalStack({ dataDir: dataFolder(), env, log: () => {} });
}

test('what the environment names is used, and left running', async () => {
  const stack = await beside({});
  expect(stack.kafka.brokers).toBe(running.kafka.brokers);
  const { appUrl } = await stack.provision('guest');
  await expect(stack.kafka.kill()).rejects.toThrow('is not ours to stop or start');
  await stack.stop();

  const client = new Client({ connectionString: appUrl });
  await client.connect();
  await client.end();
});

test('a server that services could not work with is refused, every reason at once', async () => {
  const { ownerUrl } = await running.provision('plain');
  await expect(beside({ url: ownerUrl })).rejects.toThrow(/cannot be used: plain_owner is not a superuser$/);
});

test('an address without a password is refused', async () => {
  const url = new URL(running.postgres.adminUrl);
  url.password = '';
  await expect(beside({ url: url.href })).rejects.toThrow('QTM_LOCAL_POSTGRES_URL has no password');
});
