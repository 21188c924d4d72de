import type { Pool } from '../database/pool.ts';
import type { Chassis } from '../service/chassis.ts';
import { recordExcess } from './attempt.ts';

const INTERVAL_MS = 1_000;

/** Writes what was counted beyond the cap once its minute has ended, and at the stop what the open minute has so far. */
export class AttemptCounter {
  readonly #chassis: Chassis;
  readonly #pool: Pool;
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | undefined;

  constructor(chassis: Chassis, pool: Pool) {
    this.#chassis = chassis;
    this.#pool = pool;
    this.#timer = setInterval(() => this.#tick(), INTERVAL_MS);
    this.#timer.unref();
  }

  #tick(): void {
    this.#writing ??= this.#write(Date.now()).finally(() => {
      this.#writing = undefined;
    });
  }

  /** Writes the counts of minutes that ended before `nowMs`. What cannot be written waits for the next time. */
  async #write(nowMs: number): Promise<void> {
    const ended = this.#chassis.attempts.takeEnded(nowMs);
    for (const [index, excess] of ended.entries()) {
      try {
        await recordExcess(this.#chassis, this.#pool, excess);
      } catch (error) {
        this.#chassis.attempts.giveBack(ended.slice(index));
        this.#chassis.logger.warn(
          { err: error, waiting: ended.length - index },
          'counts of attempts could not be written',
        );
        return;
      }
    }
  }

  /** Writes what there is; what the database does not take now is lost with the process. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#write(Number.POSITIVE_INFINITY);
  }
}
