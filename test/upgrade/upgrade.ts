import { join } from 'node:path';
import {
  gatewayMain,
  type Managed,
  mainOf,
  ROOT,
  type System,
  servicesOf,
  signingKey,
  startLocalStack,
  startSystem,
} from '@qtm/local';
import { migrate } from '@qtm/service-kit/migrate';
import { type ReplayResult, replay } from '../../infra/scripts/replay/run.ts';
import { migrationFiles } from '../../infra/service-kit/src/database/migration-files.ts';
import { keepBusy } from '../chaos/busy.ts';
import { expectedTotals, type Totals, totalsOf } from '../chaos/totals.ts';
import { type Comparison, compareTopics, type Observed, relayed, rowsOf } from '../harness/topics.ts';
import { type Contents, obstacles, type Plan, planOf } from './plan.ts';
import { type Registered, registeredIn } from './register.ts';
import type { Release } from './release.ts';

export interface UpgradeOptions {
  readonly before: Release;
  readonly dataDir: string;
  readonly concurrency: number;
  readonly log: (line: string) => void;
}

export interface UpgradeResult {
  readonly laps: number;
  readonly rejected: ReplayResult['rejected'];
  readonly unchanged: boolean;
  readonly totals: Totals;
  readonly expected: Totals;
  /** Events that some service could not apply. */
  readonly parked: number;
  readonly registered: Registered;
  readonly comparison: Comparison;
  /** Why there is no way back; empty where it was gone. */
  readonly obstacles: readonly string[];
}

const REQUESTS = join(ROOT, 'test/data/nyc311-excerpt.csv');

/**
 * Runs the release before, exchanges its processes one by one for those of this one and back, and never stops working meanwhile. Where a
 * migration of this release breaks the one before, every process of that one must be refused, and that is the end of the way back.
 */
export async function upgrade({ before, dataDir, concurrency, log }: UpgradeOptions): Promise<UpgradeResult> {
  const plan = planOf(await contentsOf(before.root), await contentsOf(ROOT));
  const noWayBack = obstacles(plan);
  const stack = await startLocalStack({ dataDir, ephemeral: true, fresh: true, log });
  let system: System | undefined;
  let load: ReturnType<typeof keepBusy> | undefined;
  try {
    system = await startSystem({ stack, dataDir, log, release: before, env: { QTM_LOG_LEVEL: 'warn' } });
    const { endpoint } = system;
    const key = await signingKey(dataDir);
    const run = (label: string, onProgress?: () => void) =>
      replay({ file: REQUESTS, endpoint, key, concurrency, label, ...(onProgress && { onProgress }) });
    // Once a row is done every operator is onboarded, by the release before: what a new service must catch up with.
    const underWay = Promise.withResolvers<void>();
    const first = run('upgrade', underWay.resolve);
    load = keepBusy(first, (lap) => run(`upgrade-${lap}`));
    await Promise.race([underWay.promise, first]);
    const exchanges = { system, before, plan, log };
    await forward(exchanges);
    if (noWayBack.length === 0) await back(exchanges);
    else await refusedBack(exchanges);
    const laps = await load.end();
    const second = await run('upgrade');
    const observed = { ...system, brokers: stack.kafka.brokers };
    await relayed(observed);
    const { rejected, counts } = await first;
    return {
      laps,
      rejected,
      unchanged: second.unchanged,
      totals: await totalsOf(observed),
      expected: expectedTotals(counts, laps),
      registered: await registeredIn(observed),
      parked: await parkedIn(observed),
      comparison: await compareTopics(observed, join(dataDir, 'journals')),
      obstacles: noWayBack,
    };
  } finally {
    load?.abandon();
    await system?.stop();
    await stack.stop();
  }
}

async function contentsOf(root: string): Promise<Contents> {
  const services = servicesOf(root).map(async (service) => [service, await migrationFiles(service, root)] as const);
  return new Map(await Promise.all(services));
}

interface Exchanges {
  readonly system: System;
  readonly before: Release;
  readonly plan: Plan;
  readonly log: (line: string) => void;
}

async function forward({ system, plan, log }: Exchanges): Promise<void> {
  const { gateway, services } = system;
  const migrated = (service: string) => {
    const ownerUrl = system.databases.get(service)?.ownerUrl ?? '';
    return migrate({ service, ownerUrl, appRole: `${service}_app`, relayRole: `${service}_relay` });
  };
  // Side by side, since one of them may wait for the topic of another.
  await Promise.all(
    plan.added.map(async (service) => {
      await migrated(service);
      for (const one of services.get(service) ?? []) {
        await exchange(one, mainOf(service), `${one.name}, which the release before lacks, is ready`, log);
      }
    }),
  );
  for (const service of plan.upgraded) {
    const replicas = services.get(service) ?? [];
    const breaks = plan.breaking.get(service) ?? [];
    if (breaks.length > 0) {
      log(
        `${service} stands still for ${breaks.map(({ migration }) => migration).join(', ')}, which breaks older releases`,
      );
      for (const one of replicas) await one.stop();
    }
    await migrated(service);
    for (const one of replicas) await exchange(one, mainOf(service), `${one.name} is of this release`, log);
  }
  await exchange(gateway, gatewayMain(), 'gateway is of this release', log);
}

/** Services that the release before lacks go on: nobody of it asks them, and what they follow is still told. */
async function back({ system, before, plan, log }: Exchanges): Promise<void> {
  const { gateway, services } = system;
  await exchange(gateway, gatewayMain(before.root), 'gateway is of the release before', log);
  for (const service of plan.upgraded) {
    for (const one of services.get(service) ?? []) {
      await exchange(one, mainOf(service, before.root), `${one.name} is of the release before`, log);
    }
  }
}

/**
 * Starts one process of every service whose database breaks the release before as that one, and as this one again.
 * @throws Error where it is not refused, or ends without naming the migration
 */
async function refusedBack({ system, before, plan, log }: Exchanges): Promise<void> {
  for (const [service, breaks] of plan.breaking) {
    const [one] = system.services.get(service) ?? [];
    if (one === undefined) continue;
    await one.stop();
    one.become(mainOf(service, before.root));
    await one.start();
    const words = await one.ready().then(
      () => 'it is ready',
      (error: Error) => error.message,
    );
    if (one.pid !== undefined || !breaks.some(({ migration }) => words.includes(migration))) {
      throw new Error(`${one.name} as the release before must be refused, which a migration breaks: ${words}`);
    }
    log(`refused as the release before: ${words.replaceAll('\n', ' ')}`);
    await exchange(one, mainOf(service), `${one.name} is of this release again`, log);
  }
}

async function exchange(process: Managed, main: string, what: string, log: Exchanges['log']): Promise<void> {
  const startedMs = performance.now();
  await process.stop();
  process.become(main);
  await process.start();
  await process.ready();
  log(`${what} after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
}

async function parkedIn(observed: Observed): Promise<number> {
  let parked = 0;
  for (const service of observed.databases.keys()) {
    const [row] = await rowsOf<{ parked: number }>(
      observed,
      service,
      'select count(*)::integer as parked from parked_event',
    );
    parked += row?.parked ?? 0;
  }
  return parked;
}
