import { join } from 'node:path';
import { type Managed, type System, signingKey, startLocalStack, startSystem, waitFor } from '@qtm/local';
import type { ReplayResult } from '../../infra/scripts/replay/run.ts';
import { replay } from '../../infra/scripts/replay/run.ts';
import { type Comparison, compareTopics, relayed } from '../harness/topics.ts';
import { keepBusy } from './busy.ts';
import { type Totals, totalsOf } from './totals.ts';

export interface SiegeOptions {
  /** Requests to replay meanwhile. */
  readonly file: string;
  /** Everything that is started keeps its data here. */
  readonly dataDir: string;
  /** Which processes are killed: of all there are, by name. */
  readonly victims: (name: string) => boolean;
  /** Rows in flight. */
  readonly concurrency: number;
  readonly log: (line: string) => void;
}

/** One process that was killed while the system worked. */
export interface Blow {
  readonly victim: string;
  /** Requests that were open at the gateway at that moment. */
  readonly open: number;
  /** Until it was ready again, in seconds. */
  readonly seconds: number;
}

export interface SiegeResult {
  readonly blows: readonly Blow[];
  /** The replay that ran through all of it, and the same once more. */
  readonly first: ReplayResult;
  readonly second: ReplayResult;
  /** How often the file was replayed under keys of its own while blows fell. */
  readonly laps: number;
  /** Everything in the databases, whether a replay knows of it or not. */
  readonly totals: Totals;
  readonly comparison: Comparison;
}

/** Fewer open requests make no test of a kill. */
export const MIN_OPEN = 20;
const BUSY_TIMEOUT_MS = 60_000;
const LOOK_MS = 10;

/**
 * Kills processes of a working system with kill -9, one after the other, each while requests are open at the gateway, starts each again,
 * and lets the replay come to its end. On a stack of its own, which ends with it.
 */
export async function besiege(options: SiegeOptions): Promise<SiegeResult> {
  const { dataDir, victims, log } = options;
  const stack = await startLocalStack({ dataDir, ephemeral: true, fresh: true, log });
  let system: System | undefined;
  let load: ReturnType<typeof keepBusy> | undefined;
  try {
    system = await startSystem({ stack, dataDir, log, env: { QTM_LOG_LEVEL: 'warn' } });
    const { endpoint, gateway, processes } = system;
    const key = await signingKey(dataDir);
    const run = (label: string) =>
      replay({ file: options.file, endpoint, key, concurrency: options.concurrency, label });
    const first = run('siege');
    // Where the file ends before the last blow falls, its rows go on under other names.
    load = keepBusy(first, (lap) => run(`siege-${lap}`));
    const targets = [
      ...processes.map(ofProcess),
      { name: 'kafka', ...stack.kafka },
      { name: 'postgres', ...stack.postgres },
    ];
    const blows: Blow[] = [];
    for (const target of targets.filter(({ name }) => victims(name))) {
      blows.push(await strike(target, gateway));
      const { victim, open, seconds } = blows.at(-1) as Blow;
      log(`${victim} killed with ${open} requests open, ready again after ${seconds.toFixed(1)} s`);
    }
    const laps = await load.end();
    const observed = { ...system, brokers: stack.kafka.brokers };
    const second = await run('siege');
    await relayed(observed);
    const comparison = await compareTopics(observed, join(dataDir, 'journals'));
    return { blows, first: await first, second, laps, totals: await totalsOf(observed), comparison };
  } finally {
    load?.abandon();
    await system?.stop();
    await stack.stop();
  }
}

interface Target {
  readonly name: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

function ofProcess(managed: Managed): Target {
  return {
    name: managed.name,
    kill: () => managed.kill(),
    async restart() {
      await managed.start();
      await managed.ready();
    },
  };
}

async function strike(target: Target, gateway: Managed): Promise<Blow> {
  const open = await waitFor(
    async () => {
      const requests = await openRequests(gateway);
      return requests >= MIN_OPEN ? requests : undefined;
    },
    { timeoutMs: BUSY_TIMEOUT_MS, what: `${MIN_OPEN} requests are open at the gateway`, everyMs: LOOK_MS },
  );
  await target.kill();
  const startedMs = performance.now();
  await target.restart();
  return { victim: target.name, open, seconds: (performance.now() - startedMs) / 1_000 };
}

async function openRequests(gateway: Managed): Promise<number> {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(/^qtm_gateway_open_requests\S* (\d+)/m.exec(metrics)?.[1] ?? 0);
}
