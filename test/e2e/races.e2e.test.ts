import { waitFor } from '@qtm/local';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble, type Cast, handOff, submit } from '../harness/cast.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Answer, Visitor } from '../harness/visitor.ts';

const RACERS = 100;
const SEEN_WAITING = 50;

let system: TestSystem;
let cast: Cast;
/** Delegates of one operator, half of them at each replica of jobs. */
let racers: readonly Visitor[];
/** Sees who waits for what, and may hold a row. */
let admin: Client;

beforeAll(async () => {
  system = await startTestSystem({ replicas: { jobs: 2 }, env: { QTM_POOL_SIZE: '60' } });
  cast = await assemble(system);
  const { holder, operator } = cast;
  const replicas = system.services.get('jobs') ?? [];
  racers = await Promise.all(
    Array.from({ length: RACERS }, async (_, index) => {
      const racer = system.visitor({});
      const identityId = await racer.register();
      const delegating = system.again(holder).learn(racer);
      await delegating.mutate('delegate', { operator, identityId, power: 'EXECUTE' });
      const endpoint = `${replicas[index % replicas.length]?.url}/graphql`;
      return system.again(racer, { endpoint }).learn(delegating);
    }),
  );
  const address = new URL(system.stack.postgres.adminUrl);
  address.pathname = new URL(system.databases.get('jobs')?.ownerUrl ?? '').pathname;
  admin = new Client({ connectionString: address.href });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await system?.stop();
});

/** Sends all at once against a row that is held, lets go once enough of them wait for it, and gives every answer. */
async function race(table: string, id: string, send: (racer: Visitor) => Promise<Answer>): Promise<readonly Answer[]> {
  await admin.query('begin');
  await admin.query(`select 1 from ${table} where id = $1 for update`, [id]);
  const answers = racers.map(send);
  const waiting = await waitFor(
    async () => {
      // Within a transaction, who waits is remembered from the first look on.
      await admin.query('select pg_stat_clear_snapshot()');
      const { rows } = await admin.query<{ waiting: number }>(
        `select count(*)::integer as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
      );
      const seen = rows[0]?.waiting ?? 0;
      return seen >= SEEN_WAITING ? seen : undefined;
    },
    { timeoutMs: 7_000, what: `${SEEN_WAITING} of ${racers.length} wait for one ${table}`, everyMs: 5 },
  );
  await admin.query('commit');
  process.stdout.write(`${waiting} of ${racers.length} seen waiting for one ${table} at once\n`);
  return Promise.all(answers);
}

/** A job that waits to be claimed, and who has seen it made. */
async function newJob(): Promise<{ jobId: string; governor: Visitor }> {
  const [requester, governor] = [system.again(cast.requester), system.again(cast.governor)];
  const { taskId } = await submit(requester);
  const jobId = await handOff(governor.learn(requester), taskId, { operator: cast.operator });
  // The answer waits until jobs has it: only a row that is there can be held.
  const { data } = await governor.send('query ($id: ID!) { job(id: $id) { state } }', { id: jobId });
  expect(data.job.state).toBe('QUEUED');
  return { jobId, governor };
}

const outcomes = (answers: readonly Answer[], field: string) =>
  answers.map(({ data, errors }) => {
    expect(errors).toEqual([]);
    const { refusal } = data[field];
    return refusal === null ? 'won' : `${refusal.code} ${refusal.currentState}`;
  });

const numbers = (values: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length]));

describe('races at two replicas', () => {
  test('100 claims of one job: one winner, 99 refusals that name the state of the winner', async () => {
    const { operator } = cast;
    const { jobId, governor } = await newJob();
    for (const racer of racers) racer.learn(governor);
    const answers = await race('job', jobId, (racer) =>
      racer.attempt('claimJob', { jobId, asOperator: operator }, 'job { id claimedBy { id } }'),
    );
    expect(numbers(outcomes(answers, 'claimJob'))).toEqual({ won: 1, 'WRONG_STATE CLAIMED': RACERS - 1 });
  });

  test('50 parallel starts of one job: one service event (T-SP-07)', async () => {
    const { operator } = cast;
    const { jobId, governor } = await newJob();
    const holder = system.again(cast.holder);
    await holder.learn(governor).mutate('claimJob', { jobId, asOperator: operator });
    const starters = racers.slice(0, 50);
    for (const racer of starters) racer.learn(holder);
    const answers = await Promise.all(
      starters.map((racer) => racer.attempt('startJob', { jobId }, 'serviceEvent { id }')),
    );
    expect(numbers(outcomes(answers, 'startJob'))).toEqual({ won: 1, 'WRONG_STATE STARTED': 49 });
    const { data } = await governor
      .learn(...starters.slice(0, 2))
      .send('query ($id: ID!) { serviceEvents(filter: { jobId: $id }) { totalCount } }', { id: jobId });
    expect(data.serviceEvents.totalCount).toBe(1);
  });

  test('one key sent 100 times at once is one command', async () => {
    const { requester } = cast;
    const input = {
      idempotencyKey: 'the-same-for-all',
      surface: 'municipal',
      what: 'Broken lamp',
      channel: 'PHONE',
      actor: { reference: 'lamp' },
    };
    const answers = await Promise.all(
      Array.from({ length: RACERS }, () => requester.attempt('submitRequest', input, 'request { id }')),
    );
    expect(new Set(answers.map(({ data }) => data.submitRequest.request.id)).size).toBe(1);
  });
});
