import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { freePorts } from '../src/ports.ts';
import { ANOTHER, accountFor, NAMESPACE, type PostgresAccount } from '../src/postgres/account.ts';
import { type PostgresBinaries, postgresBinaries } from '../src/postgres/binaries.ts';
import { type Cluster, startCluster } from '../src/postgres/cluster.ts';
import { dataFolder } from './data-folder.ts';

const binaries = postgresBinaries() as PostgresBinaries;
const ROOT_ONLY = process.getuid?.() === 0;
const clusters: Cluster[] = [];

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.stop();
});

async function start(folder: string, account: PostgresAccount): Promise<Cluster> {
  const { port } = await freePorts('port');
  const places = { logFile: join(folder, 'postgres.log'), ledger: join(folder, 'processes') };
  const options = { dataDir: join(folder, 'postgres'), port, ephemeral: true, log: () => {}, ...places };
  const cluster = await startCluster(options, binaries, account);
  clusters.push(cluster);
  return cluster;
}

async function query(cluster: Cluster, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: cluster.adminUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function anAccount(): Promise<PostgresAccount> {
  const account = await accountFor(binaries.postgres);
  if (account === undefined) throw new Error('no account runs PostgreSQL here');
  return account;
}

describe.runIf(ROOT_ONLY)('as root', () => {
  // A container may allow no namespace; then there is nothing to try.
  const namespaces = accountFor(binaries.postgres, [NAMESPACE]);

  test('PostgreSQL runs in a namespace, in a folder nobody else may enter', async ({ skip }) => {
    skip((await namespaces) === undefined, 'no user namespaces here');
    const folder = dataFolder();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await query(await start(folder, NAMESPACE), 'select 1 as up')).toEqual([{ up: 1 }]);
  });

  test('PostgreSQL runs as another account, which owns its data alone', async ({ skip }) => {
    skip((await accountFor(binaries.postgres, [ANOTHER])) === undefined, 'others cannot reach the binaries here');
    const folder = dataFolder();
    chmodSync(folder, 0o755);
    expect(await query(await start(folder, ANOTHER), 'select 1 as up')).toEqual([{ up: 1 }]);
    expect(statSync(join(folder, 'postgres', 'data'))).toMatchObject({ uid: 65_534, gid: 65_534 });
    expect(statSync(join(folder, 'postgres', 'admin-password')).uid).toBe(0);
  });

  test('the first account that works is taken', async () => {
    const broken: PostgresAccount = { ...ANOTHER, invocation: () => ({ command: 'false', args: [] }) };
    expect(await accountFor('true', [broken])).toBeUndefined();
    expect(await accountFor('true', [broken, ANOTHER])).toBe(ANOTHER);
  });
});

test('a data folder that was broken off is made anew', async () => {
  const folder = dataFolder();
  const draft = join(folder, 'postgres', 'data.draft');
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, 'PG_VERSION'), '18\n');
  const cluster = await start(folder, await anAccount());
  expect(await query(cluster, 'select 1 as up')).toEqual([{ up: 1 }]);
  expect(readdirSync(join(folder, 'postgres')).sort()).toEqual(['admin-password', 'data']);
});

test('a pid file that names somebody else by now is no obstacle', async () => {
  const folder = dataFolder();
  const account = await anAccount();
  await (await start(folder, account)).stop();
  const data = join(folder, 'postgres', 'data');
  writeFileSync(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n1\n\n127.0.0.1\n`);
  account.own(join(data, 'postmaster.pid'));
  expect(await query(await start(folder, account), 'select 1 as up')).toEqual([{ up: 1 }]);
});

test('what PostgreSQL says when it does not start is what a person reads', async () => {
  const folder = dataFolder();
  const account = await anAccount();
  await (await start(folder, account)).stop();
  writeFileSync(join(folder, 'postgres', 'data', 'PG_VERSION'), '17\n');
  await expect(start(folder, account)).rejects.toThrow(
    /^PostgreSQL did not start: (.|\n)*database files are incompatible with server/,
  );
});

test('data and password outlive a stop', async () => {
  const folder = dataFolder();
  const account = await anAccount();
  const first = await start(folder, account);
  await query(first, 'create table thing as select 7 as id');
  await first.stop();
  expect(await query(await start(folder, account), 'select id from thing')).toEqual([{ id: 7 }]);
});
