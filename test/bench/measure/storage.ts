import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/** What the database server and the broker have written so far. */
export interface Written {
  readonly walBytes: number;
  readonly statements: number;
  readonly topicBytes: number;
}

export async function writtenSoFar(admin: pg.Client, dataDir: string): Promise<Written> {
  const { rows } = await admin.query<{ wal: string; statements: string }>(
    `select pg_current_wal_lsn() - '0/0'::pg_lsn as wal, (select coalesce(sum(calls), 0) from pg_stat_statements) as statements`,
  );
  const [row] = rows;
  return {
    walBytes: Number(row?.wal ?? 0),
    statements: Number(row?.statements ?? 0),
    topicBytes: logBytes(join(dataDir, 'kafka')),
  };
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
