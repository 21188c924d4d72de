import { provision } from '@qtm/service-kit/provision';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { type LocalStack, startLocalStack } from '../src/stack.ts';
import { dataFolder } from './data-folder.ts';

/** The stack of this run; to a second stack it is one of somebody else. */
const running = inject('stack');

function beside(settings: { url?: string; brokers?: string }): Promise<LocalStack> {
  const env = {
    // Neither Java nor anything else is needed for what is given.
    PATH: '/nowhere',
    QTM_LOCAL_POSTGRES_URL: settings.url ?? running.adminUrl,
    QTM_LOCAL_KAFKA_BROKERS: settings.brokers ?? running.brokers,
  };
  return startLocalStack({ dataDir: dataFolder(), env, log: () => {} });
}

test('what the environment names is used, and left running', async () => {
  const stack = await beside({});
  expect(stack.kafka.brokers).toBe(running.brokers);
  const { appUrl } = await stack.provision('guest');
  for (const part of [stack.kafka, stack.postgres]) {
    await expect(part.kill()).rejects.toThrow('is not ours to stop or start');
  }
  await stack.stop();

  const client = new Client({ connectionString: appUrl });
  await client.connect();
  await client.end();
});

test('a server that services could not work with is refused, every reason at once', async () => {
  const { ownerUrl } = await provision(running.adminUrl, 'plain');
  await expect(beside({ url: ownerUrl })).rejects.toThrow(/cannot be used: plain_owner is not a superuser$/);
});

test('an address without a password is refused', async () => {
  const url = new URL(running.adminUrl);
  url.password = '';
  await expect(beside({ url: url.href })).rejects.toThrow('QTM_LOCAL_POSTGRES_URL has no password');
});
