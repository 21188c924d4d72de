import { setTimeout as sleep } from 'node:timers/promises';
import type { SigningKey } from '@qtm/local';
import { Memory } from '../../../infra/scripts/replay/client.ts';
import { Random } from '../../harness/random.ts';
import { ActLog } from './acts.ts';
import { Client } from './client.ts';
import { settle, type Town } from './people.ts';
import { trade } from './trade.ts';
import { walk } from './walk.ts';

export interface LoadOptions {
  /** GraphQL addresses of the gateways. */
  readonly endpoints: readonly string[];
  readonly key: SigningKey;
  /** Requests on their way through the spine at a time. */
  readonly walkers: number;
  readonly seed: number;
}

const READINESS_INTERVAL_MS = 500;
/** For so many who bring requests on their way there is one who has operators change hands. */
const WALKERS_PER_TRADER = 4;

/** Clients at work. */
export interface Load {
  readonly log: ActLog;
  readonly town: Town;
  /** A client of its own for whoever checks afterwards. */
  readonly client: Client;
  /** Begins no further walk; those under way go on until they end, and after `patienceMs` until their next answer. */
  end(patienceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Brings everybody in, then keeps `walkers` requests on their way until it is ended. */
export async function startLoad({ endpoints, key, walkers, seed }: LoadOptions): Promise<Load> {
  const log = new ActLog();
  const over = new AbortController();
  const client = new Client(endpoints, log, over.signal);
  const town = await settle(client, key);
  let ending = false;
  const walker = async (number: number) => {
    const random = new Random(seed + number);
    while (!ending) await walk({ client, town, log, random });
  };
  const trader = async (number: number) => {
    const random = new Random(seed + walkers + number);
    while (!ending) await trade({ client, town, log, random });
  };
  const readiness = async () => {
    // What nobody waits for: the topic of operators must carry something, too.
    for (let turn = 0; !ending; turn++) {
      const { operator, claimants } = town.crews[turn % town.crews.length] as Town['crews'][number];
      const ready = turn % (2 * town.crews.length) < town.crews.length;
      await client.act(claimants[0], new Memory(town.tokens), 'setReadiness', {
        slug: operator,
        readiness: ready ? 'READY' : 'NOT_READY',
      });
      await sleep(READINESS_INTERVAL_MS);
    }
  };
  const traders = Math.ceil(walkers / WALKERS_PER_TRADER);
  const working = Promise.all([
    readiness(),
    ...Array.from({ length: walkers }, (_, index) => walker(index + 1)),
    ...Array.from({ length: traders }, (_, index) => trader(index + 1)),
  ]);
  return {
    log,
    town,
    client,
    async end(patienceMs) {
      ending = true;
      const timer = setTimeout(() => over.abort(), patienceMs);
      await working;
      clearTimeout(timer);
    },
    async close() {
      ending = true;
      over.abort();
      await working.catch(() => undefined);
      await client.close();
    },
  };
}
