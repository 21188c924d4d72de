import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, type Pool } from '../database/pool.ts';
import { rowsOf, sql } from '../database/statement.ts';
import type { Logger } from '../process/logger.ts';

const LOOK_AGAIN_MS = 2;
const AWAY_MS = 250;

/**
 * Whether everybody sees what a transaction wrote. The server streams a commit as soon as it lies in the log, before the transaction
 * has left the list of those that run: a fact could reach another service, and what follows from it come back, before this service's
 * own reads find its cause.
 */
export class Visibility {
  readonly #pool: Pool;
  readonly #logger: Logger;

  constructor(databaseUrl: string, name: string, logger: Logger) {
    this.#pool = createPool({ url: databaseUrl, name, size: 1, logger });
    this.#logger = logger;
  }

  /** Resolves true once all of these transactions (numbers of 64 bits, as text) are seen; false where `ended` says so before. */
  async reached(transactions: readonly string[], ended: () => boolean): Promise<boolean> {
    while (!ended()) {
      try {
        if (await this.#seen(transactions)) return true;
        await sleep(LOOK_AGAIN_MS);
      } catch (error) {
        this.#logger.debug({ err: error }, 'it cannot be asked what is visible; trying again');
        await sleep(AWAY_MS);
      }
    }
    return false;
  }

  async #seen(transactions: readonly string[]): Promise<boolean> {
    const [row] = await rowsOf<{ seen: boolean }>(
      this.#pool,
      sql`select bool_and(pg_visible_in_snapshot(xid, pg_current_snapshot())) as seen
        from unnest(${[...transactions]}::xid8[]) as xid`,
    );
    return row?.seen === true;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
