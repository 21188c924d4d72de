import type { MigrationFile } from './migration-files.ts';
import { type Queryable, rowsOf, sql } from './statement.ts';

/** How a database stands to a release. */
export interface Fit {
  /** Files of the release that the database lacks, in their order. */
  readonly pending: readonly MigrationFile[];
  /** Migrations that a later release made and this one can live with. */
  readonly newer: readonly string[];
}

/**
 * Holds a database against the files of a release. A database may be newer, so that a release can be taken back, unless one of its
 * migrations says that it breaks older releases.
 * @throws Error where a file was changed after it had been applied, or where a later release broke this one
 */
export async function fitOf(db: Queryable, files: readonly MigrationFile[]): Promise<Fit> {
  // Read as a whole: a database made before migrations could say so has no such column.
  const rows = await rowsOf<{ name: string; sha256: string; breaks: string | null }>(
    db,
    sql`select name, sha256, to_jsonb(migration) ->> 'breaks' as breaks from migration order by applied_at, name`,
  );
  const done = new Map(rows.map((row) => [row.name, row]));
  for (const { name, sha256 } of files) {
    const applied = done.get(name);
    if (applied !== undefined && applied.sha256 !== sha256) {
      throw new Error(`${name} was changed after it had been applied; write a new file instead`);
    }
  }
  const known = new Set(files.map(({ name }) => name));
  const newer = rows.filter(({ name }) => !known.has(name));
  const breaking = newer.find(({ breaks }) => breaks !== null);
  if (breaking !== undefined) {
    throw new Error(`the database is newer than this release, which ${breaking.name} breaks: ${breaking.breaks}`);
  }
  return { pending: files.filter(({ name }) => !done.has(name)), newer: newer.map(({ name }) => name) };
}
