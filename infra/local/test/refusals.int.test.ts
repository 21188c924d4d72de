import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LocalStackFault } from '../src/fault.ts';
import { givenBroker } from '../src/kafka/given.ts';
import { NODE } from '../src/layout.ts';
import { freePorts } from '../src/ports.ts';
import { accountFor } from '../src/postgres/account.ts';
import { run } from '../src/process/run.ts';
import type { Environment } from '../src/settings.ts';
import { startLocalStack } from '../src/stack.ts';
import { dataFolder } from './data-folder.ts';

/** The one line a person reads; what is no LocalStackFault is a bug. */
async function refusal(options: Partial<Parameters<typeof startLocalStack>[0]>): Promise<string> {
  try {
    const stack = await startLocalStack({ dataDir: dataFolder(), ephemeral: true, log: () => {}, ...options });
    await stack.stop();
    return 'it started';
  } catch (error) {
    if (!(error instanceof LocalStackFault)) throw error;
    return error.message;
  }
}

/** Closes the third way, also on a machine where a Docker engine runs. */
const NO_ENGINE = { DOCKER_HOST: 'unix:///nowhere' };

/** An environment in which `java` is a program that says it is of this release. */
function withJava(version: string): Environment {
  const bin = join(dataFolder(), 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`, { mode: 0o755 });
  return { PATH: bin, ...NO_ENGINE };
}

async function listening(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

test('a Java that is too old', async () => {
  expect(await refusal({ env: withJava('1.8.0_402') })).toBe(
    'Kafka needs one of: a running Kafka in QTM_LOCAL_KAFKA_BROKERS; Java 17 or newer in JAVA_HOME or PATH (java in PATH is Java 8); a Docker engine on this machine (no socket at /nowhere)',
  );
});

test('no Java, and a JAVA_HOME that leads nowhere', async () => {
  const message = await refusal({ env: { PATH: '/nowhere', JAVA_HOME: '/nowhere', ...NO_ENGINE } });
  expect(message).toContain(
    '(/nowhere/bin/java is not there or does not run, java in PATH is not there or does not run)',
  );
  expect(message).not.toContain('\n');
});

test('every port that is taken, and what it was meant for', async () => {
  const taken = await Promise.all([listening(), listening()]);
  const ports = { ...(await freePorts('kafka', 'controller', 'issuer')), postgres: taken[0] };
  expect(await refusal({ ports, furtherPorts: { endpoint: taken[1] } })).toBe(
    `port taken: ${taken[1]} (endpoint), ${taken[0]} (postgres)`,
  );
});

test('settings that are wrong', async () => {
  const env = { ...process.env, QTM_LOCAL_POSTGRES_URL: 'there', QTM_LOCAL_KAFKA_BROKERS: 'a,,b' };
  const message = await refusal({ env });
  expect(message).toMatch(
    /^wrong settings: QTM_LOCAL_POSTGRES_URL: not an address.*; QTM_LOCAL_KAFKA_BROKERS: not a list/,
  );
});

test('a given PostgreSQL or Kafka that does not answer', async () => {
  const { nobody } = await freePorts('nobody');
  const url = `postgres://postgres:x@127.0.0.1:${nobody}/postgres`;
  const brokers = `127.0.0.1:${nobody}`;
  const env = { ...process.env, QTM_LOCAL_POSTGRES_URL: url, QTM_LOCAL_KAFKA_BROKERS: brokers };
  const message = await refusal({ env });
  expect(message).toMatch(/^the PostgreSQL of QTM_LOCAL_POSTGRES_URL \(127\.0\.0\.1:\d+\) does not answer: /);
  expect(message).not.toContain(':x@');
  await expect(givenBroker([brokers])).rejects.toThrow(
    `the Kafka of QTM_LOCAL_KAFKA_BROKERS (${brokers}) does not answer: `,
  );
});

test('to empty what is not ours', async () => {
  const env = { ...process.env, QTM_LOCAL_KAFKA_BROKERS: '127.0.0.1:1' };
  expect(await refusal({ env, fresh: true, ephemeral: false })).toBe(
    'only data of our own can be started afresh: empty what QTM_LOCAL_KAFKA_BROKERS names yourself',
  );
});

test('a folder that nobody may write', async () => {
  const folder = dataFolder();
  chmodSync(folder, 0o555);
  const program = [join(import.meta.dirname, 'stack-process.ts'), join(folder, 'data')];
  // Root may write anywhere: the account PostgreSQL gets may not.
  const account = await accountFor(NODE);
  const { ok, output } = await run(account?.invocation(NODE, program) ?? { command: NODE, args: program }, {
    timeoutMs: 20_000,
    ...account?.id,
  });
  expect(ok).toBe(false);
  expect(output).toBe(`fault: no permission to write in ${join(folder, 'data')}`);
});
