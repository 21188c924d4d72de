import sql, { empty, join, raw, Sql } from 'sql-template-tag';

export { empty, join, raw, Sql, sql };

/** What can run a statement: a pool, or a connection in its transaction. */
export interface Queryable {
  query<R extends Row = Row>(query: {
    name?: string;
    text: string;
    values?: unknown[];
  }): Promise<{ rows: R[]; rowCount: number | null }>;
}

// biome-ignore lint/suspicious/noExplicitAny: a row's columns are typed where the statement is written
export type Row = Record<string, any>;

/** A prepared statement lives on its connection for ever, so only so many texts get a name. */
const MAX_NAMED = 400;
const names = new Map<string, string>();

/**
 * The form in which a statement is sent. Texts that recur are prepared once per connection: the planner's work is a third of a
 * short statement's cost.
 */
export function prepared(statement: Sql): { name?: string; text: string; values: unknown[] } {
  const { text, values } = statement;
  let name = names.get(text);
  if (name === undefined && names.size < MAX_NAMED) {
    name = `q${names.size}`;
    names.set(text, name);
  }
  return name === undefined ? { text, values } : { name, text, values };
}

/** Rows of a statement. */
export async function rowsOf<R extends Row>(db: Queryable, statement: Sql): Promise<R[]> {
  return (await db.query<R>(prepared(statement))).rows;
}
