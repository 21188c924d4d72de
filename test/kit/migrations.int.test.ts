import { mkdtempSync } from 'node:fs';
import { appendFile, cp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceDatabase } from '@qtm/local';
import { migrate } from '@qtm/service-kit/migrate';
import { createLogger } from '@qtm/service-kit/process';
import { Client } from 'pg';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { RELEASE_ROOT } from '../../infra/service-kit/src/database/migration-files.ts';
import { createPool } from '../../infra/service-kit/src/database/pool.ts';
import { inspectDatabase } from '../../infra/service-kit/src/service/boot.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';

const SERVICE = 'operator';
const RUNNERS = 4;
const LAYERS = ['infra/service-kit', 'infra/relations', `services/${SERVICE}`];

const roots: string[] = [];
let database: ServiceDatabase;

beforeEach(async () => {
  database = await sharedStack().provision(SERVICE, { database: uniqueName('migrations_') });
});
afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true }))));

/** The migrations of this release in a place where a test may change them: another release. */
async function release(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'qtm-release-'));
  roots.push(root);
  for (const layer of LAYERS) {
    await cp(join(RELEASE_ROOT, layer, 'migrations'), join(root, layer, 'migrations'), { recursive: true });
  }
  return root;
}

const fileOf = (root: string, name: string) => join(root, `services/${SERVICE}/migrations`, name);

function run(root?: string) {
  const { ownerUrl } = database;
  const roles = { appRole: `${SERVICE}_app`, relayRole: `${SERVICE}_relay` };
  return migrate({ service: SERVICE, ownerUrl, ...roles, ...(root === undefined ? {} : { root }) });
}

/** What a service of this release finds at its start. */
async function inspect() {
  const pool = createPool({
    url: database.appUrl,
    name: 'inspection',
    size: 1,
    logger: createLogger('test', 'silent'),
  });
  try {
    return await inspectDatabase(SERVICE, pool);
  } finally {
    await pool.end();
  }
}

async function rows(statement: string) {
  const client = new Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('migrations', () => {
  test(`of ${RUNNERS} runners at once are each applied once, in their order`, async () => {
    const root = await release();
    await writeFile(fileOf(root, '9000-slow.sql'), 'create table once (); select pg_sleep(0.1);');
    const runs = await Promise.all(Array.from({ length: RUNNERS }, () => run(root)));
    const names = (await rows('select name from migration order by applied_at')).map((row) => row.name);
    expect(runs.map(({ applied }) => applied.length).sort()).toEqual([...Array(RUNNERS - 1).fill(0), names.length]);
    expect(runs.flatMap(({ applied }) => applied)).toEqual(names);
    expect(new Set(names).size).toBe(names.length);
  });

  test('of which one fails leave nothing of it, and go on with it the next time', async () => {
    const root = await release();
    await writeFile(fileOf(root, '9000-half.sql'), 'create table half (); select 1 / 0;');
    await expect(run(root)).rejects.toThrow(/9000-half\.sql: division by zero/);
    expect(await rows("select to_regclass('half') as half")).toEqual([{ half: null }]);
    await writeFile(fileOf(root, '9000-half.sql'), 'create table half ();');
    expect((await run(root)).applied).toEqual([`services/${SERVICE}/9000-half.sql`]);
  });

  test('that were changed after they had been applied are refused by name, and so is a start on them', async () => {
    const root = await release();
    await run(root);
    await appendFile(join(root, 'infra/service-kit/migrations/0001-journal.sql'), '-- once more\n');
    await expect(run(root)).rejects.toThrow(
      'infra/service-kit/0001-journal.sql was changed after it had been applied; write a new file instead',
    );
    await rows("update migration set sha256 = 'of another content' where name like '%0001-journal.sql'");
    await expect(inspect()).rejects.toThrow(/the database of operator cannot be used: .*0001-journal\.sql was changed/);
  });
});

describe('a release', () => {
  test('does not start on a database that lacks something, and says what to do', async () => {
    await expect(inspect()).rejects.toThrow('it has no tables: npm run migrate -- operator');
    await run();
    await rows("delete from migration where name like 'services/%'");
    await expect(inspect()).rejects.toThrow(/it lacks services\/operator\/0001-.*: npm run migrate -- operator/);
  });

  test('runs on the database of a later one that only added to it', async () => {
    const later = await release();
    await writeFile(fileOf(later, '9001-more.sql'), 'alter table operator add column more text;');
    await run(later);
    expect((await run()).applied).toEqual([]);
    expect((await inspect()).newer).toEqual([`services/${SERVICE}/9001-more.sql`]);
  });

  test('neither runs on nor migrates the database of a later one that broke it, and says what did and why', async () => {
    const later = await release();
    const why = 'operators are kept elsewhere';
    await writeFile(fileOf(later, '9001-moved.sql'), `-- breaks older releases: ${why}\nselect 1;`);
    await run(later);
    const line = `the database is newer than this release, which services/${SERVICE}/9001-moved.sql breaks: ${why}`;
    await expect(run()).rejects.toThrow(line);
    await expect(inspect()).rejects.toThrow(`the database of ${SERVICE} cannot be used: ${line}`);
    expect((await run(later)).applied).toEqual([]);
  });
});
