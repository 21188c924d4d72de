import { join, type Row, raw, type Sql, sql } from './statement.ts';

/**
 * Statements that only read, as one: a statement's way to the server and back costs more than what these short ones do there. All see
 * one state of the tables. Columns come as JSON has them, so none may be of eight bytes, a date, or binary.
 */
export function together(statements: readonly Sql[]): Sql {
  const columns = statements.map((statement, index) => {
    const name = raw(`answer_${index}`);
    return sql`(select coalesce(json_agg(${name}), '[]') from (${statement}) as ${name}) as ${name}`;
  });
  return sql`select ${join(columns)}`;
}

/** The rows of each of the statements that were put together, in their order. */
export function apart(rows: readonly Row[], number: number): Row[][] {
  return Array.from({ length: number }, (_, index) => rows[0]?.[`answer_${index}`] ?? []);
}
