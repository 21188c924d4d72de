import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './logger.ts';
import type { Readiness } from './readiness.ts';

export interface Insisting {
  readonly readiness: Readiness;
  readonly logger: Logger;
  /** Part of the process that waits, as readiness names it. */
  readonly part: string;
  /** What it waits for: readiness says so meanwhile. */
  readonly reason: string;
  /** True once nobody needs the result any more. */
  readonly stopped: () => boolean;
}

const RETRY_MS = 200;

/**
 * Tries until it succeeds: what is away for a moment, such as a broker that starts beside this process, needs nobody to start this
 * process again.
 * @throws the last error, once it is stopped
 */
export async function insist<T>(
  { readiness, logger, part, reason, stopped }: Insisting,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      const result = await work();
      readiness.clear(part);
      return result;
    } catch (error) {
      if (stopped()) throw error;
      readiness.block(part, reason);
      logger.debug({ err: error, part }, `${reason}; trying again`);
      await sleep(RETRY_MS);
    }
  }
}
