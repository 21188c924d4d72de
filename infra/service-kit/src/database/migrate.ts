import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, escapeIdentifier } from 'pg';

export interface MigrateOptions {
  /** The service's word; its own files lie in `services/<service>/migrations`. */
  readonly service: string;
  readonly ownerUrl: string;
  readonly appRole: string;
  readonly relayRole: string;
  readonly log?: (line: string) => void;
}

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/**
 * Brings a service's database up to date: the kit's files, then those of the relations, then the service's own, each once, in
 * the order of their numbers and in a transaction of its own. Two runs at the same time wait for each other.
 * Plain SQL of three layers with role names filled in is all there is to it, hence no migration library.
 * @throws Error where a file that was applied has changed since, or where the database is newer than these files
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[] }> {
  const files = await migrationFiles(options.service);
  const client = new Client({ connectionString: options.ownerUrl, application_name: `${options.service} migrate` });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext('migrate'))");
    await client.query(`create table if not exists migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())`);
    const applied: string[] = [];
    for (const file of await pending(client, files)) {
      await apply(client, file, options);
      options.log?.(`${options.service}: applied ${file.name}`);
      applied.push(file.name);
    }
    return { applied };
  } finally {
    await client.end();
  }
}

async function migrationFiles(service: string): Promise<readonly MigrationFile[]> {
  const files: MigrationFile[] = [];
  for (const layer of ['infra/service-kit', 'infra/relations', `services/${service}`]) {
    const folder = join(ROOT, layer, 'migrations');
    for (const name of (await readdir(folder)).filter((entry) => entry.endsWith('.sql')).sort()) {
      const sql = await readFile(join(folder, name), 'utf8');
      files.push({ name: `${layer}/${name}`, sql, sha256: createHash('sha256').update(sql).digest('hex') });
    }
  }
  return files;
}

async function pending(client: Client, files: readonly MigrationFile[]): Promise<readonly MigrationFile[]> {
  const { rows } = await client.query<{ name: string; sha256: string }>('select name, sha256 from migration');
  const done = new Map(rows.map((row) => [row.name, row.sha256]));
  for (const file of files) {
    const sha256 = done.get(file.name);
    if (sha256 !== undefined && sha256 !== file.sha256) {
      throw new Error(`${file.name} was changed after it had been applied; write a new file instead`);
    }
  }
  const known = new Set(files.map((file) => file.name));
  const newer = [...done.keys()].filter((name) => !known.has(name));
  if (newer.length > 0) throw new Error(`the database is newer than this release: it has ${newer.join(', ')}`);
  return files.filter((file) => !done.has(file.name));
}

async function apply(client: Client, file: MigrationFile, roles: MigrateOptions): Promise<void> {
  const sql = file.sql
    .replaceAll(':"app"', escapeIdentifier(roles.appRole))
    .replaceAll(':"relay"', escapeIdentifier(roles.relayRole));
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into migration (name, sha256) values ($1, $2)', [file.name, file.sha256]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new Error(`${file.name}: ${(cause as Error).message}`, { cause });
  }
}
