import type { Queryable } from '../database/statement.ts';
import type { Logger } from '../process/logger.ts';
import { Gauge, type Registry } from '../process/metrics.ts';

/** A figure that a service reads from its own data, beside what the kit measures of every service. */
export interface Measure {
  /** As `/metrics` names it: `qtm_<service>_…`. */
  readonly name: string;
  /** What it says, in one line. */
  readonly help: string;
  readonly read: (db: Queryable) => Promise<number>;
}

/** However often somebody looks, the data is read no oftener. */
const REST_MS = 60_000;
/** What is not known is no number: 0 would pass for a figure. */
const UNKNOWN = Number.NaN;

/**
 * Exposes the figures. Whoever looks gets the last one at once, and has it read anew beside that where it is older than its rest; so a
 * reading that takes long holds nobody up, and one at a time is under way. A figure that was not read yet, or could not be, is unknown.
 */
export function exposeMeasures(
  registry: Registry,
  db: Queryable,
  measures: readonly Measure[],
  logger: Pick<Logger, 'error'>,
): void {
  for (const { name, help, read } of measures) {
    let readAtMs = Number.NEGATIVE_INFINITY;
    let isReading = false;
    const readAnew = async () => {
      isReading = true;
      try {
        gauge.set(await read(db));
        readAtMs = performance.now();
      } catch (error) {
        gauge.set(UNKNOWN);
        readAtMs = Number.NEGATIVE_INFINITY;
        logger.error({ err: error, measure: name }, 'a figure cannot be read');
      }
      isReading = false;
    };
    const gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        if (!isReading && performance.now() - readAtMs >= REST_MS) void readAnew();
      },
    });
    gauge.set(UNKNOWN);
  }
}
