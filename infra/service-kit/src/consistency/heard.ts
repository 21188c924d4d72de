import type { Incoming } from '../consumer/incoming.ts';
import { aggregateKey, reaches, type SeenVersion, type VersionAt } from './token.ts';

/** A few MiB; what was forgotten is looked up. */
const MAX_AGGREGATES = 20_000;

/** The newest version of every aggregate that this process applied lately. */
export class Heard {
  readonly #newest = new Map<string, VersionAt>();

  note({ source, aggregate_type, aggregate_id, epoch, aggregate_version: version }: Incoming): void {
    const key = aggregateKey({ service: source, type: aggregate_type, id: aggregate_id });
    const known = this.#newest.get(key);
    if (known !== undefined && reaches(known, { epoch, version })) return;
    // Put in anew: a map keeps the order in which its keys came, so the first is the one that was silent longest.
    this.#newest.delete(key);
    this.#newest.set(key, { epoch, version });
    if (this.#newest.size > MAX_AGGREGATES) this.#newest.delete(this.#newest.keys().next().value ?? '');
  }

  /** True where this version, or a newer one, was applied here; false where that is not known. */
  covers(seen: SeenVersion): boolean {
    const known = this.#newest.get(aggregateKey(seen));
    return known !== undefined && reaches(known, seen);
  }
}
