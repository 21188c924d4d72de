import { type Client, escapeIdentifier } from 'pg';
import { openClient } from './client.ts';
import { fitOf } from './fit.ts';
import { type MigrationFile, migrationFiles } from './migration-files.ts';

export interface MigrateOptions {
  /** The service's word; its own files lie in `services/<service>/migrations`. */
  readonly service: string;
  readonly ownerUrl: string;
  readonly appRole: string;
  readonly relayRole: string;
  /** The release whose files are applied; this one, unless said otherwise. */
  readonly root?: string;
  readonly log?: (line: string) => void;
}

/**
 * Brings a service's database up to date: the kit's files, then those of the relations, then the service's own, each once, in
 * the order of their numbers and in a transaction of its own. Two runs at the same time wait for each other.
 * Plain SQL of three layers with role names filled in is all there is to it, hence no migration library.
 * @throws Error where a file that was applied has changed since, or where a later release broke this one
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[] }> {
  const files = await migrationFiles(options.service, options.root);
  const client = await openClient({
    connectionString: options.ownerUrl,
    application_name: `${options.service} migrate`,
  });
  try {
    await client.query("select pg_advisory_lock(hashtext('migrate'))");
    await client.query(`create table if not exists migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())`);
    await client.query('alter table migration add column if not exists breaks text');
    const applied: string[] = [];
    for (const file of (await fitOf(client, files)).pending) {
      await apply(client, file, options);
      options.log?.(`${options.service}: applied ${file.name}`);
      applied.push(file.name);
    }
    return { applied };
  } finally {
    await client.end();
  }
}

async function apply(client: Client, file: MigrationFile, roles: MigrateOptions): Promise<void> {
  const sql = file.sql
    .replaceAll(':"app"', escapeIdentifier(roles.appRole))
    .replaceAll(':"relay"', escapeIdentifier(roles.relayRole));
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into migration (name, sha256, breaks) values ($1, $2, $3)', [
      file.name,
      file.sha256,
      file.breaks,
    ]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new Error(`${file.name}: ${(cause as Error).message}`, { cause });
  }
}
