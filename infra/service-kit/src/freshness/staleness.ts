import type { Fact } from '../command/fact.ts';
import { type Row, sql } from '../database/statement.ts';

/** How old what is known of other services may be where a decision rests on it. */
export interface Freshness {
  /** Services whose facts are kept here; a service's own facts are never old. */
  readonly sources: ReadonlySet<string>;
  readonly maxAgeMs: number;
}

/** A service of which too little is known for deciding. */
export interface StaleSource {
  readonly source: string;
  /** Age of what is known; null where nothing was heard yet. */
  readonly ageMs: number | null;
}

/**
 * Up to when everything another service committed is known here. Sent before the facts of a command are read, so that those are at
 * least so fresh.
 */
export const FRESHNESS = sql`select source as follows, as_of from source_freshness`;

/** Sources that are too old at `now`, the time after every lock of the command was had. */
export function staleSources(
  { sources, maxAgeMs }: Freshness,
  rows: readonly Row[],
  now: string,
): ReadonlyMap<string, StaleSource> {
  const stale = new Map<string, StaleSource>();
  if (maxAgeMs === Number.POSITIVE_INFINITY) return stale;
  const asOf = new Map(rows.map((row) => [row.follows as string, row.as_of as string]));
  for (const source of sources) {
    const heard = asOf.get(source);
    const ageMs = heard === undefined ? null : Date.parse(now) - Date.parse(heard);
    if (ageMs === null || ageMs > maxAgeMs) stale.set(source, { source, ageMs });
  }
  return stale;
}

/** What a decision reads, and which stale source it touched in doing so. */
export interface WatchedValues {
  readonly values: Readonly<Record<string, unknown>>;
  /** The first stale source read since the last time this was asked. */
  readonly touched: () => StaleSource | undefined;
}

/**
 * Lets the values of facts be read as before and notes where one comes from a stale source: only what a decision really looks at can
 * make it wait, so a holder works on while the service that grants roles is away. What rests on several services is too old where one of
 * them is.
 */
export function watched(
  facts: Readonly<Record<string, Fact<unknown>>>,
  values: Readonly<Record<string, unknown>>,
  stale: ReadonlyMap<string, StaleSource>,
): WatchedValues {
  if (stale.size === 0) return { values, touched: () => undefined };
  let first: StaleSource | undefined;
  const noting: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(noting, name, {
      enumerable: true,
      get() {
        for (const source of facts[name]?.sources ?? []) first ??= stale.get(source);
        return value;
      },
    });
  }
  return {
    values: noting,
    touched() {
      const found = first;
      first = undefined;
      return found;
    },
  };
}
