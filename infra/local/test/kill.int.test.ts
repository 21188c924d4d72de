import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { NODE } from '../src/layout.ts';
import { isAlive } from '../src/process/identity.ts';
import { type LedgerEntry, survivors } from '../src/process/ledger.ts';
import { startLocalStack } from '../src/stack.ts';
import { waitFor } from '../src/wait.ts';
import { makeDataFolder } from './data-folder.ts';

interface Started {
  readonly ownerUrl: string;
  readonly token: string;
}

const folder = makeDataFolder();
const children: ChildProcess[] = [];
const dataDir = folder.path;

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  folder.remove();
});

/** A stack in a process of its own. */
async function startElsewhere(): Promise<{ child: ChildProcess; started: Started; parts: readonly LedgerEntry[] }> {
  const program = join(import.meta.dirname, 'stack-process.ts');
  const child = spawn(NODE, [program, dataDir, 'kept'], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }), 'line');
  return { child, started: JSON.parse(line), parts: survivors(join(dataDir, 'processes')) };
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  // A server that is killed says so on every connection.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const allGone = (parts: readonly LedgerEntry[]) => (parts.some(isAlive) ? undefined : true);

test('a second start beside a running one is one line and exit code 1', async () => {
  const { child, started } = await startElsewhere();
  await query(started.ownerUrl, 'create table thing (id int)');
  const second = spawn(NODE, [join(import.meta.dirname, 'stack-process.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  second.stderr.on('data', (bytes) => said.push(bytes));
  expect(await once(second, 'exit')).toEqual([1, null]);
  expect(Buffer.concat(said).toString()).toMatch(
    new RegExp(`^fault: already running here: process ${child.pid}, .*\n$`),
  );

  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  expect(survivors(join(dataDir, 'processes'))).toEqual([]);
  expect(readdirSync(dataDir)).not.toContain('claim.json');
});

test('kill -9 of everything at once: the next start has the data, and tokens of before still hold', async () => {
  const { child, started, parts } = await startElsewhere();
  expect(parts.map(({ name }) => name).sort()).toEqual(['kafka', 'postgres']);
  await query(started.ownerUrl, 'insert into thing values (1)');
  // A statement that asks nobody whether the server is still there outlives it.
  const spinning = query(started.ownerUrl, 'do $$ begin loop end loop; end $$').catch(() => 'broken off');
  const busy = "select pid from pg_stat_activity where query like 'do %' and state = 'active'";
  await waitFor(async () => (await query(started.ownerUrl, busy))[0], {
    timeoutMs: 10_000,
    what: 'the statement runs',
  });
  for (const { pid } of parts) process.kill(pid, 'SIGKILL');
  await killed(child);

  const stack = await startLocalStack({ dataDir, log: () => {} });
  try {
    const { ownerUrl } = await stack.provision('kept');
    expect(await query(ownerUrl, 'select id from thing')).toEqual([{ id: 1 }]);
    expect(await query(stack.postgres.adminUrl, busy)).toEqual([]);
    const { issuer, jwksUrl } = stack.issuer;
    const { payload } = await jwtVerify(started.token, createRemoteJWKSet(new URL(jwksUrl)), { issuer });
    expect(payload.sub).toBe('kept');
    expect(await spinning).toBe('broken off');
  } finally {
    await stack.stop();
  }
});

test.runIf(process.platform === 'linux')('what a killed start has started ends with it', async () => {
  const { child, parts } = await startElsewhere();
  await killed(child);
  await waitFor(() => allGone(parts), { timeoutMs: 15_000, what: 'PostgreSQL and Kafka end' });
});

test('what survives a killed start is ended by the next', async () => {
  const { child, parts } = await startElsewhere();
  // Stopped processes hear no signal but kill -9, like those that hang.
  for (const { pid } of parts) process.kill(pid, 'SIGSTOP');
  await killed(child);
  expect(parts.every(isAlive)).toBe(true);
  const lines: string[] = [];
  const stack = await startLocalStack({ dataDir, log: (line) => lines.push(line) });
  await stack.stop();
  expect(lines[0]).toBe('ended what an earlier start left running: kafka, postgres');
  expect(allGone(parts)).toBe(true);
});

test('Kafka and PostgreSQL that end by themselves are reported, with the place of their logs', async () => {
  const lines: string[] = [];
  const stack = await startLocalStack({ dataDir, fresh: true, ephemeral: true, log: (line) => lines.push(line) });
  try {
    const parts = survivors(join(dataDir, 'processes'));
    for (const { pid } of parts) process.kill(pid, 'SIGKILL');
    for (const name of ['PostgreSQL', 'Kafka']) {
      const line = await waitFor(() => lines.find((one) => one.startsWith(`${name} has ended`)), {
        timeoutMs: 10_000,
        what: `${name} is reported`,
      });
      const [, file = ''] = /\(signal SIGKILL\); its log: (.*)$/.exec(line) ?? [];
      expect(readFileSync(file, 'utf8')).toEqual(expect.any(String));
    }
  } finally {
    await stack.stop();
  }
});
