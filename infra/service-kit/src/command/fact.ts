import { type Row, raw, type Sql, sql } from '../database/statement.ts';
import type { AggregateState } from '../domain.ts';
import { type Aggregate, type AggregateRow, rowStatement, type Stored, storedOf } from '../journal/aggregate.ts';
import { fromWire } from '../journal/keys.ts';

/** True, false, or not to be known: a fact whose key is parked or divergent. Unknown denies, and says so. */
export type Ternary = boolean | 'unknown';

/**
 * Something a decision rests on: one statement, sent in the flight of the lock, and how its rows are read. Rows that name a
 * foreign fact (columns source, type, id, epoch, version) enter the `basis` of the journal by themselves.
 */
export interface Fact<T> {
  readonly statement: Sql;
  readonly read: (rows: readonly Row[]) => T;
  /** Set where the statement finds a row of ours that the decision may change: a command locks it. */
  readonly locks?: Aggregate;
  /** The services it is a fact of, where that matters: a decision does not rest on what is too old. */
  readonly sources?: readonly string[];
}

export type Facts = Readonly<Record<string, Fact<unknown>>>;
export type FactValues<F extends Facts> = { readonly [K in keyof F]: F[K] extends Fact<infer T> ? T : never };

/** An aggregate of another service as this one knows it. */
export interface Known<T> {
  readonly id: string;
  readonly version: number;
  readonly unknown: boolean;
  readonly value: T;
}

/** The copy of one foreign aggregate; `id` may be an expression over a row of ours. */
export function known<T>(source: string, type: string, id: string | Sql): Fact<Known<T> | undefined> {
  return {
    sources: [source],
    statement: sql`select source, type, id, epoch, version, unknown, published from known_aggregate
      where source = ${source} and type = ${type} and id = ${id}`,
    read: ([row]) =>
      row && { id: row.id, version: row.version, unknown: row.unknown, value: fromWire<T>(row.published) },
  };
}

/** Another row of ours that the decision may change; locked after the subject. */
export function locked<T extends AggregateState>(of: Aggregate<T>, id: string | Sql): Fact<Stored<T> | undefined> {
  return {
    statement: rowStatement(of, id),
    read: ([row]) => row && storedOf<T>(row as unknown as AggregateRow),
    locks: of,
  };
}

/** Another row of ours that the decision only reads. */
export function stored<T extends AggregateState>(of: Aggregate<T>, id: string | Sql): Fact<T | undefined> {
  return {
    statement: sql`select id, version, published, occurred_at from ${raw(of.type)} where id = ${id}`,
    read: ([row]) => row && storedOf<T>(row as unknown as AggregateRow).value,
  };
}

/**
 * Any other question. `sources`: the services whose facts it asks, where they may change; what is this service's own, or never changes
 * once it is there, is never too old.
 */
export function fact<T>(statement: Sql, read: (rows: readonly Row[]) => T, ...sources: readonly string[]): Fact<T> {
  return sources.length === 0 ? { statement, read } : { statement, read, sources };
}

/** Versions of the foreign facts among these rows: `operator/operator/nypd@1.4`. */
export function basisOf(service: string, results: readonly (readonly Row[])[]): readonly string[] {
  const basis = new Set<string>();
  for (const row of results.flat()) {
    const { source, type, id, epoch, version } = row;
    if (typeof source === 'string' && source !== service) basis.add(`${source}/${type}/${id}@${epoch}.${version}`);
  }
  return [...basis].sort();
}
