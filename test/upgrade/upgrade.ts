import { join } from 'node:path';
import { gatewayMain, type Managed, mainOf, ROOT, signingKey, startLocalStack, startSystem } from '@qtm/local';
import { migrate } from '@qtm/service-kit/migrate';
import { type ReplayResult, replay } from '../../infra/scripts/replay/run.ts';
import { keepBusy } from '../chaos/busy.ts';
import { expectedTotals, type Totals, totalsOf } from '../chaos/totals.ts';
import { type Comparison, compareTopics, type Observed, relayed, rowsOf } from '../harness/topics.ts';
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
  readonly comparison: Comparison;
}

const REQUESTS = join(ROOT, 'test/data/nyc311-excerpt.csv');

/** Runs the release before, exchanges its processes one by one for those of this one and back, and never stops working meanwhile. */
export async function upgrade({ before, dataDir, concurrency, log }: UpgradeOptions): Promise<UpgradeResult> {
  const stack = await startLocalStack({ dataDir, ephemeral: true, fresh: true, log });
  let system: Awaited<ReturnType<typeof startSystem>> | undefined;
  let load: ReturnType<typeof keepBusy> | undefined;
  try {
    system = await startSystem({ stack, dataDir, log, release: before, env: { QTM_LOG_LEVEL: 'warn' } });
    const { endpoint, gateway, services, databases } = system;
    const key = await signingKey(dataDir);
    const run = (label: string) => replay({ file: REQUESTS, endpoint, key, concurrency, label });
    const first = run('upgrade');
    load = keepBusy(first, (lap) => run(`upgrade-${lap}`));
    const exchange = async (name: string, process: Managed, main: string) => {
      const startedMs = performance.now();
      await process.stop();
      process.become(main);
      await process.start();
      await process.ready();
      log(`${name} after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    };
    for (const [service, replicas] of services) {
      const ownerUrl = databases.get(service)?.ownerUrl ?? '';
      await migrate({ service, ownerUrl, appRole: `${service}_app`, relayRole: `${service}_relay` });
      for (const one of replicas) await exchange(`${one.name} is of this release`, one, mainOf(service));
    }
    await exchange('gateway is of this release', gateway, gatewayMain());
    await exchange('gateway is of the release before', gateway, gatewayMain(before.root));
    for (const [service, replicas] of services) {
      for (const one of replicas)
        await exchange(`${one.name} is of the release before`, one, mainOf(service, before.root));
    }
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
      parked: await parkedIn(observed),
      comparison: await compareTopics(observed, join(dataDir, 'journals')),
    };
  } finally {
    load?.abandon();
    await system?.stop();
    await stack.stop();
  }
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
