import type { Queryable } from '../database/statement.ts';
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

/** Exposes the figures; each is read when somebody looks. Where the database is away, the last one stands. */
export function exposeMeasures(registry: Registry, db: Queryable, measures: readonly Measure[]): void {
  for (const { name, help, read } of measures) {
    let readAtMs = Number.NEGATIVE_INFINITY;
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const now = performance.now();
        if (now - readAtMs < REST_MS) return;
        readAtMs = now;
        try {
          this.set(await read(db));
        } catch {
          readAtMs = Number.NEGATIVE_INFINITY;
        }
      },
    });
  }
}
