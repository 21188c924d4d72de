import { setTimeout as sleep } from 'node:timers/promises';
import type { Histogram } from 'hdr-histogram-js';
import { histogramOfTimes } from '../load.ts';
import { connectTo, type World } from '../world.ts';

/** Notes how long after its acknowledgement a fact has been applied elsewhere: looks into the tables of those who follow. */
export interface Arrivals {
  /** One was acknowledged just now. Looked after where none is being looked after already. */
  acknowledged(id: string, version: number): void;
  /** Ends it; says what it saw. */
  close(): Promise<string>;
}

const LOOK_EVERY_MS = 5;
const APPLIED = 'select 1 from foreign_aggregate where source = $1 and type = $2 and id = $3 and version >= $4';

/** Of facts of one service about aggregates of one type. */
export async function openArrivals(
  world: World,
  {
    service,
    type,
    followers,
  }: { readonly service: string; readonly type: string; readonly followers: readonly string[] },
): Promise<Arrivals> {
  const named = followers.map(async (follower) => [follower, await connectTo(world, follower)] as const);
  const databases = await Promise.all(named);
  const times = new Map(followers.map((follower) => [follower, histogramOfTimes()]));
  const everywhere = histogramOfTimes();
  let looking: Promise<void> | undefined;
  const look = async (id: string, version: number) => {
    const sinceMs = performance.now();
    const note = (histogram?: Histogram) => histogram?.recordValue(Math.round((performance.now() - sinceMs) * 1_000));
    const applied = databases.map(async ([follower, db]) => {
      while ((await db.query(APPLIED, [service, type, id, version])).rowCount === 0) await sleep(LOOK_EVERY_MS);
      note(times.get(follower));
    });
    await Promise.all(applied);
    note(everywhere);
  };
  return {
    acknowledged(id, version) {
      looking ??= look(id, version).finally(() => {
        looking = undefined;
      });
    },
    async close() {
      await looking;
      await Promise.all(databases.map(([, db]) => db.end()));
      const said = [...times, ['everywhere', everywhere] as const].map(([name, histogram]) => {
        const at = (percentile: number) => `${(histogram.getValueAtPercentile(percentile) / 1_000).toFixed(0)} ms`;
        return `${name} p50 ${at(50)}, p99 ${at(99)}`;
      });
      return `from the acknowledgement to its effect: ${said.join('; ')} of ${everywhere.totalCount}`;
    },
  };
}
