import { type Row, rowsOf, type Sql } from '../database/statement.ts';
import type { AggregateState } from '../domain.ts';
import { type Aggregate, type AggregateRow, type Versioned, versionedOf } from '../journal/aggregate.ts';
import type { Session } from '../process/session.ts';
import type { Context, Related } from './context.ts';

/**
 * The aggregates that belong to others, read for many owners in one statement. Its rows have the columns of an aggregate and `owner`;
 * it names what the session may see, and the order.
 */
export function relatedRows<T extends AggregateState>(
  name: string,
  statement: (owners: string[], session: Session) => Sql,
): Related<readonly Versioned<T>[]> {
  return {
    name,
    none: [],
    async read({ db, session }, owners) {
      const rows = await rowsOf<AggregateRow & Row>(db, statement([...owners], session));
      const found = new Map<string, Versioned<T>[]>();
      for (const row of rows) {
        const owned = found.get(row.owner);
        if (owned === undefined) found.set(row.owner, [versionedOf<T>(row)]);
        else owned.push(versionedOf<T>(row));
      }
      return found;
    },
  };
}

/** Wraps fields that are null where the session may only know that the row is there and how it stands. */
export function inDetailOf<P extends { readonly id: string }>(of: Aggregate) {
  return <A, T>(read: (parent: P, context: Context, args: A) => T | Promise<T>) =>
    async (parent: P, args: A, context: Context): Promise<T | null> =>
      (await context.detailed(of, parent.id)) ? read(parent, context, args) : null;
}
