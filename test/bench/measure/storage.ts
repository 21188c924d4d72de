import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/** What the database server and the broker have written so far. */
export interface Written {
  readonly walBytes: number;
  readonly statements: number;
  readonly topicBytes: number;
}

/** Statements of services alone: what the load itself looks up as the superuser does not count. */
export async function writtenSoFar(admin: pg.Client, dataDir: string): Promise<Written> {
  const { rows } = await admin.query<{ wal: string; statements: string }>(
    `select pg_current_wal_lsn() - '0/0'::pg_lsn as wal, (select coalesce(sum(calls), 0) from pg_stat_statements
      where userid <> (select oid from pg_roles where rolname = current_user)) as statements`,
  );
  const [row] = rows;
  return {
    walBytes: Number(row?.wal ?? 0),
    statements: Number(row?.statements ?? 0),
    topicBytes: logBytes(join(dataDir, 'kafka')),
  };
}

/** A statement as the server knows it, without its values. */
export interface StatementUse {
  readonly database: string;
  readonly calls: number;
  readonly ms: number;
  readonly text: string;
}

/** Forgets what statements were counted so far. */
export async function forgetStatements(admin: pg.Client): Promise<void> {
  await admin.query('select pg_stat_statements_reset()');
}

/** The statements that took most of the server's time since they were forgotten. */
export async function costliest(admin: pg.Client, number: number): Promise<readonly StatementUse[]> {
  const { rows } = await admin.query<StatementUse>(
    `select d.datname as database, s.calls::integer as calls, s.total_exec_time + s.total_plan_time as ms,
        left(regexp_replace(s.query, '[[:space:]]+', ' ', 'g'), 110) as text
       from pg_stat_statements s join pg_database d on d.oid = s.dbid order by 3 desc limit $1`,
    [number],
  );
  return rows;
}

/** Bytes of the log segments of event topics, wherever below this folder the broker keeps them. */
function logBytes(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.events\.v1-\d+[/\\][^/\\]*\.log$/.test(name)) continue;
    bytes += statSync(join(folder, name)).size;
  }
  return bytes;
}
