import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { gather } from '../../infra/service-kit/src/database/gather.ts';
import { sql } from '../../infra/service-kit/src/database/statement.ts';
import { ACTIONS, saidBy } from '../harness/agreement.ts';
import { type Bench, openBench } from '../harness/bench.ts';
import { foreignFact } from '../harness/foreign-facts.ts';
import { loadService } from '../harness/services.ts';
import { sessionOf } from '../harness/sessions.ts';

const TASKS = 100;
const governor = sessionOf('governor', ['admin_governor']);

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(await loadService('governance'));
  await bench.feed(
    foreignFact('operator', 'identity_registered', { id: governor.identityId }),
    ...Array.from({ length: TASKS }, () =>
      foreignFact('jobs', 'intake_received', { id: randomUUID(), request_id: randomUUID(), task_id: randomUUID() }),
    ),
  );
});
afterAll(() => bench?.stop());

/** Statements that a piece of work sends. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const query = vi.spyOn(Client.prototype, 'query');
  await work();
  const { length } = query.mock.calls;
  query.mockRestore();
  return length;
}

const LIST = `query ($first: Int!) { tasks(first: $first) { edges { node { ${ACTIONS} } } } }`;

describe('what all entities of a list offer', () => {
  test('costs as many statements as what two of them offer', async () => {
    const list = (first: number) => bench.ask(governor, LIST, { first });
    await list(2);
    const [two, hundred] = [await statementsOf(() => list(2)), await statementsOf(() => list(TASKS))];
    process.stdout.write(`actions of 2 tasks: ${two} statements, of ${TASKS}: ${hundred}\n`);
    expect(hundred).toBe(two);
  });

  test('is of each its own', async () => {
    const { data, errors } = await bench.ask(governor, `${LIST.replace('node {', 'node { id ')}`, { first: TASKS });
    expect(errors).toEqual([]);
    expect(data.tasks.edges).toHaveLength(TASKS);
    for (const { node } of data.tasks.edges) {
      expect(node.actions[0].input).toEqual([{ name: 'taskId', value: node.id }]);
      const said = node.actions.map((one: { transition: string }) => [one.transition, saidBy(one as never)]);
      expect(Object.fromEntries(said)).toEqual({
        'task.review': 'ACCEPTED',
        'task.approve': 'WRONG_STATE',
        'task.reject': 'ACCEPTED',
        'task.assign': 'WRONG_STATE',
        'assignment.create_job': 'WRONG_STATE',
        'task.close': 'ACCEPTED',
      });
    }
  });

  test('changes nothing: no row, no attempt, no key', async () => {
    const tables = ['journal', 'idempotency', 'task'];
    const counted = () => Promise.all(tables.map(async (table) => bench.rows(`select count(*) from ${table}`)));
    const before = await counted();
    await bench.ask(sessionOf('nobody'), LIST, { first: TASKS });
    await bench.ask(governor, LIST, { first: TASKS });
    expect(await counted()).toEqual(before);
  });

  test('needs a session that sees everything it has seen: otherwise it cannot be known', async () => {
    const { data } = await bench.ask(governor, LIST, { first: 1 }, { upToDate: false });
    const [{ node }] = data.tasks.edges;
    expect(node.actions[0]).toMatchObject({ allowed: null, refusal: { code: 'NOT_YET_VISIBLE' } });
  });
});

test('what rests on facts that are too old cannot be known either', async () => {
  const maxAgeMs = 5_000;
  const deaf = await openBench(await loadService('governance'), 2, maxAgeMs);
  try {
    await deaf.feed(
      foreignFact('operator', 'identity_registered', { id: governor.identityId }),
      foreignFact('jobs', 'intake_received', { id: randomUUID(), request_id: randomUUID(), task_id: randomUUID() }),
    );
    const { data, errors } = await deaf.ask(governor, LIST, { first: 1 });
    expect(errors).toEqual([]);
    const [review] = data.tasks.edges[0].node.actions;
    expect(review).toMatchObject({ transition: 'task.review', allowed: null, refusal: { code: 'AUTHORITY_STALE' } });
    expect(review.clauses.at(-1)).toMatchObject({ clause: 'identity_active', holds: null });
  } finally {
    await deaf.stop();
  }
});

describe('statements that are gathered', () => {
  /** Answers one by one, and gathered. */
  async function both(statements: readonly ReturnType<typeof sql>[]) {
    const client = await bench.pool.connect();
    try {
      const one: unknown[] = [];
      for (const statement of statements) one.push((await client.query(statement)).rows);
      const gathered = (await gather(client, statements)).map((rows) => rows.map(({ asked_n, ...row }) => row));
      return { one, gathered };
    } finally {
      client.release();
    }
  }

  test('answer as each alone: other values, the same twice, nothing found, several rows in their order, nulls', async () => {
    const series = (from: number | null, to: number) =>
      sql`select n, n::text as word, ${'same'}::text as same from generate_series(${from}::integer, ${to}::integer) as n order by n desc`;
    const named = (name: string) =>
      sql`select id, type from foreign_aggregate where type = ${'identity'} and id = ${name}`;
    const { one, gathered } = await both([
      series(1, 3),
      named(governor.identityId),
      series(5, 4),
      named('nobody'),
      series(1, 3),
      series(null, 2),
      sql`select 1 as single`,
    ]);
    expect(gathered).toEqual(one);
    expect(one.map((rows) => (rows as unknown[]).length)).toEqual([3, 1, 0, 0, 3, 0, 1]);
  });

  test('are one for each text', async () => {
    const client = await bench.pool.connect();
    const ask = () =>
      gather(
        client,
        [1, 2, 3, 4].flatMap((n) => [sql`select ${n}::integer`, sql`select ${n}::text`]),
      );
    await ask();
    expect(await statementsOf(ask)).toBe(2);
    client.release();
  });
});
