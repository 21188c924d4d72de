import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, startLocalStack } from '@qtm/local';
import type { TestProject } from 'vitest/node';

/** Where the one stack of a run is, for every test file. */
export interface ProvidedStack {
  readonly dataDir: string;
  readonly adminUrl: string;
  readonly brokers: string;
  readonly jwksUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    stack: ProvidedStack;
  }
}

/**
 * One PostgreSQL, one Kafka and one issuer for all test files of a run; each file takes databases and topics of its own.
 * None where only pure rules are tested.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (project.vitest.projects.every(({ name }) => name === 'unit')) return undefined;
  const dataDir = join(ROOT, '.local', 'test', randomBytes(4).toString('hex'));
  const lines: string[] = [];
  const stack = await startLocalStack({ dataDir, ephemeral: true, log: (line) => lines.push(line) });
  process.stdout.write(`stack of the tests: ${lines.join(', ')}\n`);
  project.provide('stack', {
    dataDir,
    adminUrl: stack.postgres.adminUrl,
    brokers: stack.kafka.brokers,
    jwksUrl: stack.issuer.jwksUrl,
  });
  return async () => {
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
