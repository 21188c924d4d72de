import { setTimeout as sleep } from 'node:timers/promises';
import { PAIRS } from '../scene.ts';
import type { FaultKind } from './fault.ts';

const TIMES = { min: 1, max: 4 } as const;
const MAX_PAUSE_MS = 800;

/** Every open connection between two parts ends with a reset, several times in a row. */
export const RESET: FaultKind = {
  name: 'connections reset',
  weight: 1,
  faults: ({ proxies }) =>
    PAIRS.map((pair) => ({
      target: pair,
      async strike(random) {
        const times = random.integer(TIMES.min, TIMES.max);
        let cut = 0;
        for (let time = 1; time <= times; time++) {
          for (const proxy of proxies.get(pair)?.values() ?? []) cut += proxy.reset();
          await sleep(random.integer(0, MAX_PAUSE_MS));
        }
        return `${cut} connections in ${times} blows`;
      },
    })),
};
