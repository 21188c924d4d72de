import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bench, openBench } from '../../harness/bench.ts';
import { loadService } from '../../harness/services.ts';
import { sessionOf } from '../../harness/sessions.ts';
import { Databases } from '../world/databases.ts';
import { changedRows, standingsOf, unjournaled } from './rows.ts';

let bench: Bench;
let databases: Databases;
/** Enters past the service, as no running service may. */
let owner: Client;
beforeAll(async () => {
  bench = await openBench(await loadService('operator'));
  databases = new Databases(new Map([['operator', bench.urls.ownerUrl]]));
  owner = new Client({ connectionString: bench.urls.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await databases?.close();
  await bench?.stop();
});

const REGISTER = `mutation ($name: String) {
  registerIdentity(input: { idempotencyKey: "k", displayName: $name }) { identity { id } refusal { code } }
}`;

let people = 0;
async function register(): Promise<string> {
  people += 1;
  const { data } = await bench.ask(sessionOf(`somebody-${people}`), REGISTER, { name: 'Somebody' });
  return data.registerIdentity.identity.id;
}

let id: string;
beforeEach(async () => {
  id = await register();
});

/** What is found once this was done past the service. */
async function foundAfter(...statements: readonly string[]): Promise<readonly string[]> {
  for (const statement of statements) await owner.query(statement.replaceAll(':id', `'${id}'`));
  return (await unjournaled(databases)).map(({ what }) => what.replace(id, '…'));
}

test('what commands wrote is none to complain of', async () => {
  expect(await foundAfter()).toEqual([]);
});

test('planted faults are found: a row in no journal, and what is beside of no command', async () => {
  const found = await foundAfter(
    `insert into identity (id, version, state, published, occurred_at, last_event_id)
      select 'f0000000-0000-7000-8000-000000000000', 1, state, published, occurred_at, last_event_id from identity where id = :id`,
    `insert into idempotency (identity_id, transition, key, input_hash) values (:id, 'identity.register', 'another', '\\x00')`,
    "insert into personal_value (ref, aggregate_type, aggregate_id, field, value, salt) values (gen_random_uuid(), 'identity', 'x', 'y', 'z', '\\x00')",
  );
  expect(found).toEqual(
    expect.arrayContaining([
      'operator: identity f0000000-0000-7000-8000-000000000000 is in no journal row',
      'operator: 1 rows of idempotency belong to no journal row',
      'operator: 1 rows of personal_value belong to no journal row',
    ]),
  );
  await owner.query("delete from identity where id = 'f0000000-0000-7000-8000-000000000000'");
  await owner.query("delete from idempotency where key = 'another'");
  await owner.query("delete from personal_value where aggregate_id = 'x'");
  expect(await foundAfter()).toEqual([]);
});

test.each([
  ['another version', 'update identity set version = 2 where id = :id', 'has version 2, its journal 1'],
  ['another state', "update identity set state = 'SUSPENDED' where id = :id", 'is SUSPENDED, in its journal ACTIVE'],
  [
    'another event',
    'update identity set last_event_id = gen_random_uuid() where id = :id',
    'rests on another event than its journal',
  ],
  [
    'the same again',
    'update identity set version = version where id = :id',
    'was written by another transaction than its journal row',
  ],
  ['nothing any more', 'delete from identity where id = :id', 'is gone, and its journal is there'],
])('a planted fault is found: a row with %s', async (_, statement, fault) => {
  expect(await foundAfter(statement)).toContain(`operator: identity … ${fault}`);
  await owner.query('delete from identity where id = $1', [id]);
  await owner.query('delete from journal where aggregate_id = $1', [id]);
});

test('a planted fault is found: a row that somebody changed, though nobody had the power to', async () => {
  const before = await standingsOf(databases, [id]);
  expect(changedRows(before, await standingsOf(databases, [id]))).toEqual([]);
  await owner.query('update identity set version = 2 where id = $1', [id]);
  expect(changedRows(before, await standingsOf(databases, [id]))).toHaveLength(1);
  await owner.query('delete from identity where id = $1', [id]);
  expect(changedRows(before, await standingsOf(databases, [id]))).toHaveLength(1);
});
