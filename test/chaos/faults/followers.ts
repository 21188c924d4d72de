import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind } from './fault.ts';

const PAUSED_MS = { min: 1_000, max: 15_000 } as const;

/** A service takes in no facts of others for a while, and answers all the same. */
export const PAUSE_FOLLOWER: FaultKind = {
  name: 'follower paused',
  weight: 1,
  faults: ({ system }) =>
    [...system.services].map(([service, replicas]) => ({
      target: service,
      async strike(random) {
        const pausedMs = random.duration(PAUSED_MS.min, PAUSED_MS.max);
        const all = (what: 'pause' | 'resume') =>
          Promise.all(replicas.map(({ url }) => fetch(`${url}/test/follower/${what}`, { method: 'POST' })));
        await all('pause');
        await sleep(pausedMs);
        await all('resume');
        return `for ${(pausedMs / 1_000).toFixed(1)} s`;
      },
    })),
};
