import { empty, join, raw, rowsOf, type Sql, sql } from '../database/statement.ts';
import type { AggregateState } from '../domain.ts';
import { type Aggregate, type AggregateRow, type Versioned, versionedOf } from '../journal/aggregate.ts';
import { type Connection, connectionOf, pageSize } from './connection.ts';
import type { Context } from './context.ts';
import { bindingOf, decodeCursor } from './cursor.ts';

/** A column that an index begins with, and the values of it that are walked. */
export interface Walked {
  readonly column: string;
  readonly type: 'text' | 'uuid';
  /** The values, or a statement of one column that finds them. */
  readonly values: readonly string[] | Sql;
}

/** Why a session sees rows: the columns of one index, in their order. */
export type Ground = readonly Walked[];

export function texts(column: string, values: readonly string[] | Sql): Walked {
  return { column, type: 'text', values };
}

export function uuids(column: string, values: readonly string[] | Sql): Walked {
  return { column, type: 'uuid', values };
}

/** The predicate of a part of a filter, where that part was given. */
export function whereGiven<T>(value: T | null | undefined, predicate: (value: T) => Sql): readonly Sql[] {
  return value == null ? [] : [predicate(value)];
}

export interface ListOptions<T extends AggregateState> {
  readonly of: Aggregate<T>;
  /** On what the session sees rows; one without a value in some column shows nothing. Together they are the whole of what is seen. */
  readonly grounds: readonly Ground[];
  /** Further predicates over the table's columns. */
  readonly where?: readonly Sql[];
  /** The column to order by, never null; the id decides between equals. */
  readonly orderBy: string;
  readonly descending: boolean;
  readonly args: { readonly first?: number | null | undefined; readonly after?: string | null | undefined };
  /** Whatever else decides which list this is, so that a cursor of another one is told apart. */
  readonly binding: object;
}

/**
 * One page of the aggregates a session may see. A session may see rows on several grounds, and no index can walk an OR in order: so
 * each ground is walked by itself as far as the page is long, and the walks are merged. The cost of a page does not depend on how
 * many rows there are.
 * @throws GraphQLError BAD_USER_INPUT for a page size or a cursor that is none
 */
export async function listOf<T extends AggregateState>(
  { db, session }: Pick<Context, 'db' | 'session'>,
  options: ListOptions<T>,
): Promise<Connection<Versioned<T>>> {
  const { of, orderBy, descending, args } = options;
  const size = pageSize(args.first);
  const binding = bindingOf({ type: of.type, orderBy, descending, viewer: session.identityId, ...options.binding });
  const after = args.after == null ? undefined : decodeCursor(binding, args.after);
  const shown = session.kind !== 'AGENT' || of.agentsSee;
  const grounds = (shown ? options.grounds : []).filter((ground) =>
    ground.every(({ values }) => !(Array.isArray(values) && values.length === 0)),
  );
  const ordered = (column: string) =>
    sql`order by ${raw(column)} ${direction(descending)}, id ${direction(descending)} limit ${size + 1}`;
  const behind =
    after === undefined
      ? []
      : [sql`(${raw(orderBy)}, id) ${raw(descending ? '<' : '>')} (${after.value}, ${after.id})`];
  const columns = sql`id, version, published, occurred_at, ${raw(orderBy)} as sort_key`;
  const rows =
    grounds.length === 0
      ? []
      : await rowsOf<AggregateRow & { sort_key: string }>(
          db,
          sql`select distinct on (sort_key, id) id, version, published, occurred_at, sort_key
            from (${walks(options, grounds, columns, behind, ordered(orderBy))}) as seen ${ordered('sort_key')}`,
        );
  return connectionOf({
    rows,
    size,
    binding,
    after: after !== undefined,
    keyOf: (row) => ({ value: row.sort_key, id: row.id }),
    nodeOf: (row) => versionedOf<T>(row),
    totalCount: () => countOf(db, options, grounds),
  });
}

async function countOf<T extends AggregateState>(
  db: Context['db'],
  options: ListOptions<T>,
  grounds: readonly Ground[],
): Promise<number> {
  if (grounds.length === 0) return 0;
  const [row] = await rowsOf<{ count: number }>(
    db,
    sql`select count(distinct id)::integer as count from (${walks(options, grounds, sql`id`, [], empty)}) as seen`,
  );
  return row?.count ?? 0;
}

function walks<T extends AggregateState>(
  { of, where = [] }: ListOptions<T>,
  grounds: readonly Ground[],
  columns: Sql,
  further: readonly Sql[],
  limit: Sql,
): Sql {
  return join(
    grounds.map((ground) => {
      const values = ground.map((walked, index) => {
        const all =
          'length' in walked.values ? sql`unnest(${walked.values}::${raw(walked.type)}[])` : sql`(${walked.values})`;
        return sql`${all} as ${raw(`walked_${index}`)} (value)`;
      });
      const equal = ground.map(({ column }, index) => sql`${raw(column)} = ${raw(`walked_${index}.value`)}`);
      return sql`(select seen.* from ${join([
        ...values,
        sql`lateral (select ${columns} from ${raw(of.type)}
        where ${join([sql`true`, ...equal, ...where, ...further], ' and ')} ${limit}) as seen`,
      ])})`;
    }),
    ' union all ',
  );
}

function direction(descending: boolean): Sql {
  return raw(descending ? 'desc' : 'asc');
}
