import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@qtm/local';
import { Client } from 'pg';
import type { Scene } from '../scene.ts';
import { familyOf } from './family.ts';
import type { FaultKind } from './fault.ts';

/** Below the size of a WAL segment: the write that crosses it fails, and with it every commit. */
const LIMIT_BYTES = 1 << 20;
/** A quarter of the limit: a few of these reach it wherever the log stands. */
const PROBE = "select pg_logical_emit_message(false, 'chaos', repeat('x', 262144), true)";
const FULL_MS = { min: 500, max: 4_000 } as const;
const NOTICED_TIMEOUT_MS = 20_000;

/** util-linux's `prlimit` sets the limit of processes that run; what there is not elsewhere. */
export const canLimit = (): boolean => process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

/** `ulimit -f` on PostgreSQL: its writes fail as on a full disk, until the limit is lifted. */
export const DISK_FULL: FaultKind = {
  name: 'PostgreSQL cannot write',
  weight: 1,
  faults: (scene) =>
    canLimit()
      ? [{ target: 'postgres', strike: (random) => fill(scene, random.duration(FULL_MS.min, FULL_MS.max)) }]
      : [],
};

async function fill({ stack: { postgres } }: Scene, fullMs: number): Promise<string> {
  const server = postgres.pid;
  if (server === undefined) throw new Error('PostgreSQL does not run');
  // The first process before its children: those it starts meanwhile inherit the limit.
  limit([server], LIMIT_BYTES);
  limit(familyOf(server), LIMIT_BYTES);
  await untilItFails(postgres.adminUrl);
  await sleep(fullMs);
  limit([server], 'unlimited');
  limit(familyOf(server), 'unlimited');
  if (await livesOn(postgres)) return 'it lived through it';
  await postgres.restart();
  return 'it ended and was started again';
}

/** It may have failed in its recovery, too, and then it ends; a moment later than it seems. */
async function livesOn(postgres: Scene['stack']['postgres']): Promise<boolean> {
  const looked = async () => {
    if (postgres.pid === undefined) return 'ended';
    const client = new Client({ connectionString: postgres.adminUrl, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined);
    await client.connect();
    await client.end();
    return 'answers';
  };
  return (await waitFor(looked, { timeoutMs: NOTICED_TIMEOUT_MS, what: 'PostgreSQL answers or ends' })) === 'answers';
}

/** Writes until the server says that it cannot, or ends the connection. */
async function untilItFails(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl, query_timeout: NOTICED_TIMEOUT_MS });
  client.on('error', () => undefined);
  const connected = client.connect();
  const failed = async (): Promise<true | undefined> => {
    try {
      await connected;
      await client.query(PROBE);
      return undefined;
    } catch {
      return true;
    }
  };
  try {
    await waitFor(failed, { timeoutMs: NOTICED_TIMEOUT_MS, what: 'PostgreSQL cannot write', everyMs: 0 });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The soft limit alone, so that whoever set it may lift it again. */
function limit(pids: readonly number[], bytes: number | 'unlimited'): void {
  for (const pid of pids) spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}
