import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bench } from '../harness/bench.ts';
import { foreignFact } from '../harness/foreign-facts.ts';
import { sessionOf } from '../harness/sessions.ts';
import { openTown, submit } from './town.ts';

/** Submits, governs the network, and holds the operator that works: sees what it submits on three grounds. */
const EVERYBODY = sessionOf('everybody', ['requester', 'admin_governor']);
const PAGE = 2;

let town: Bench;
beforeAll(async () => {
  town = await openTown();
  await town.feed(
    foreignFact('operator', 'identity_registered', { id: EVERYBODY.identityId }),
    foreignFact('operator', 'operator_activated', { id: 'crew', holder_identity_id: EVERYBODY.identityId }),
  );
});
afterAll(() => town?.stop());

/** Submits, and lets governance open the task and hand it off to the operator of the same person; gives the job's id. */
async function work(key: string): Promise<string> {
  const { payload } = await submit(town, key, {}, EVERYBODY);
  const [intake] = await town.rows("select published ->> 'task_id' as task from intake where id = $1", [
    payload.intake.id,
  ]);
  const of = { intake_id: payload.intake.id, audience: 'ADMIN' };
  const [assignment, job] = [crypto.randomUUID(), crypto.randomUUID()];
  await town.feed(
    foreignFact('governance', 'task_opened', { ...of, id: intake?.task }),
    foreignFact('governance', 'assignment_handed_off', {
      ...of,
      id: assignment,
      task_id: intake?.task,
      job_id: job,
      operator: 'crew',
    }),
  );
  return job;
}

/**
 * Reads a connection from its first page to its last and gives what was on them; `between` runs after each page. `of` is where the
 * connection stands in the answer.
 */
async function walk<T>(query: string, of: string, between: () => Promise<unknown> = async () => undefined) {
  const nodes: T[] = [];
  const counts: number[] = [];
  for (let after: string | null = null; ; ) {
    const { data, errors } = await town.ask(EVERYBODY, query, { after });
    expect(errors).toEqual([]);
    const { edges, pageInfo, totalCount } = of.split('.').reduce((value, field) => value[field], data);
    nodes.push(...edges.map((edge: { node: T }) => edge.node));
    counts.push(totalCount);
    if (!pageInfo.hasNextPage) return { nodes, counts };
    expect(edges).toHaveLength(PAGE);
    after = pageInfo.endCursor;
    await between();
  }
}

const listOf = (field: string, direction: 'ASC' | 'DESC', sort: string) =>
  `query ($after: String) { ${field}(first: ${PAGE}, after: $after, sort: { field: ${sort}, direction: ${direction} }) {
    edges { node { id } } pageInfo { hasNextPage endCursor } totalCount } }`;

const ids = ({ nodes }: { readonly nodes: readonly { readonly id: string }[] }) => nodes.map(({ id }) => id);

describe('a row that is seen on several grounds', () => {
  test.each([
    ['jobs', 'CREATED_AT'],
    ['intakes', 'RECEIVED_AT'],
    ['requests', 'SUBMITTED_AT'],
  ])('is listed once in %s, and counted once', async (field, sort) => {
    for (let index = 0; index < 3; index++) await work(`grounds-${field}-${index}`);
    const [row] = await town.rows(`select count(*)::integer as all from ${field.slice(0, -1)}`);
    for (const direction of ['ASC', 'DESC'] as const) {
      const walked = await walk<{ id: string }>(listOf(field, direction, sort), field);
      expect(new Set(ids(walked)).size).toBe(row?.all);
      expect(walked.nodes).toHaveLength(row?.all);
      expect(new Set(walked.counts)).toEqual(new Set([row?.all]));
    }
  });
});

describe('a row that is added between two pages', () => {
  test.each([
    ['at the end that was not read yet, is read', 'ASC', true],
    ['at the end that was read, is not', 'DESC', false],
  ] as const)('%s; none other is doubled or left out', async (_, direction, read) => {
    for (let index = 0; index < 3; index++) await work(`list-${direction}-${index}`);
    const before = ids(await walk(listOf('jobs', direction, 'CREATED_AT'), 'jobs'));
    const added: string[] = [];
    const walked = await walk<{ id: string }>(listOf('jobs', direction, 'CREATED_AT'), 'jobs', async () => {
      if (added.length === 0) added.push(await work(`between-${direction}`));
    });
    expect(ids(walked)).toEqual(read ? [...before, ...added] : before);
  });
});

describe('a history', () => {
  test('that grows between its pages is read whole, each transition once', async () => {
    const jobId = await work('history');
    const turn = async (field: 'claimJob' | 'releaseJob', input: object, key: string) => {
      const mutation = `mutation ($input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!) {
        ${field}(input: $input) { refusal { code } } }`;
      const { data } = await town.ask(EVERYBODY, mutation, { input: { jobId, idempotencyKey: key, ...input } });
      expect(data[field].refusal).toBeNull();
    };
    for (const key of ['one', 'two']) {
      await turn('claimJob', { asOperator: 'crew' }, key);
      await turn('releaseJob', {}, key);
    }
    let pages = 0;
    const query = `query ($after: String) { job(id: "${jobId}") { history(first: ${PAGE}, after: $after) {
      edges { node { version transition } } pageInfo { hasNextPage endCursor } totalCount } } }`;
    const walked = await walk<{ version: number; transition: string }>(query, 'job.history', async () => {
      pages += 1;
      if (pages === 1) await turn('claimJob', { asOperator: 'crew' }, 'between');
      if (pages === 2) await turn('releaseJob', {}, 'between');
    });
    expect(walked.nodes.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(walked.nodes.at(-1)?.transition).toBe('job.release');
    expect(walked.counts).toEqual([5, 6, 7, 7]);
  });
});
