import { prepared, type Queryable, type Row, type Sql, sql } from '../database/statement.ts';

/** UTC with six fraction digits, so that text order is time order. Last in its flight: read after the locks were taken. */
export const CLOCK = sql`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`;
export const BEGIN = sql`begin`;
export const COMMIT = sql`commit`;
export const ROLLBACK = sql`rollback`;

/**
 * Sends statements without waiting in between and waits for all. The first error is thrown: what follows it in a transaction
 * fails only because of it.
 */
export async function flight(db: Queryable, statements: readonly Sql[]): Promise<Row[][]> {
  const answers = await Promise.allSettled(gathered(db, () => statements.map((one) => db.query(prepared(one)))));
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value.rows;
  });
}

/** A connection as its library lets us see it; a pool has none. */
interface Wired {
  readonly connection?: { readonly stream?: { cork(): void; uncork(): void } };
}

/** Statements that are sent at once go out as one write: the library writes each by itself, and a write costs more than a statement. */
function gathered<T>(db: Queryable, send: () => T): T {
  const stream = (db as Wired).connection?.stream;
  stream?.cork();
  try {
    return send();
  } finally {
    stream?.uncork();
  }
}
