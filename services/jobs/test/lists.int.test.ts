import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorSuspended } from '../../../test/harness/people.ts';
import { type Chain, openTown, PEOPLE, POOL, type Town } from './town.ts';

const { everything, holder, executor, neighbour, networkGovernor, requester } = PEOPLE;

let town: Town;
/** Work that `everything` sees on several grounds at once: as submitter, as governor of both kinds, with its operator. */
const chains: Chain[] = [];
beforeAll(async () => {
  town = await openTown();
  for (const [index, day] of ['05', '02', '04', '01', '03'].entries()) {
    const by = index % 2 === 0 ? everything : requester;
    const dueAt = `2030-01-${day}T00:00:00.000000Z`;
    chains.push(await town.begin({ by, operator: 'crew', dueAt, ...(index === 3 ? { addressedTo: 'crew' } : {}) }));
  }
  chains.push(await town.begin({ by: everything, pooled: true }));
  chains.push(await town.begin({ by: neighbour, operator: 'rivals', surface: 'freight' }));
});
afterAll(() => town?.stop());

type List = 'jobs' | 'intakes' | 'requests';
const SORTS: Readonly<Record<List, readonly string[]>> = {
  jobs: ['CREATED_AT', 'DUE_AT'],
  intakes: ['RECEIVED_AT', 'DUE_AT'],
  requests: ['SUBMITTED_AT'],
};
const ORDERS = Object.entries(SORTS).flatMap(([list, fields]) =>
  fields.flatMap((field) => ['ASC', 'DESC'].map((direction) => [list as List, field, direction] as const)),
);

interface Page {
  readonly ids: readonly string[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

async function pageOf(session: Session, list: List, args: string): Promise<Page> {
  const query = `{ ${list}(${args}) { totalCount edges { node { id } } pageInfo { hasNextPage endCursor } } }`;
  const { data, errors } = await town.ask(session, query);
  expect(errors).toEqual([]);
  const { edges, pageInfo, totalCount } = data[list];
  return { ids: edges.map(({ node }: { node: { id: string } }) => node.id), ...pageInfo, totalCount };
}

/** Reads page by page; `between` happens once, behind the first page. */
async function paged(session: Session, list: List, args: string, between = async () => {}): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await pageOf(session, list, `${args}, first: 2, after: ${JSON.stringify(after)}`);
    ids.push(...page.ids);
    if (!page.hasNextPage) return ids;
    if (after === null) await between();
    after = page.endCursor;
  }
}

describe.each(ORDERS)('%s by %s %s', (list, field, direction) => {
  const sorted = `sort: { field: ${field}, direction: ${direction} }`;

  test.each(['everything', 'holder', 'executor', 'networkGovernor', 'auditor', 'requester', 'mate'] as const)(
    'page by page, %s gets every row once, whatever number of grounds it is seen on',
    async (name) => {
      const session = PEOPLE[name];
      const { ids, totalCount } = await pageOf(session, list, `${sorted}, first: 100`);
      expect(new Set(ids).size).toBe(ids.length);
      expect(totalCount).toBe(ids.length);
      expect(await paged(session, list, sorted)).toEqual(ids);
    },
  );

  test('the other way round is the reverse', async () => {
    const { ids } = await pageOf(everything, list, `${sorted}, first: 100`);
    const other = sorted.replace(direction, direction === 'ASC' ? 'DESC' : 'ASC');
    expect((await pageOf(everything, list, `${other}, first: 100`)).ids).toEqual([...ids].reverse());
  });

  test('a row that comes in between two pages makes none come twice and none be missed', async () => {
    const { ids: before } = await pageOf(everything, list, `${sorted}, first: 100`);
    const begin = async () => {
      await town.begin({ by: everything, operator: 'crew', dueAt: '2030-01-03T12:00:00.000000Z' });
    };
    const read = await paged(everything, list, sorted, begin);
    expect(new Set(read).size).toBe(read.length);
    expect(read.filter((id) => before.includes(id))).toEqual(before);
    const { ids: after } = await pageOf(everything, list, `${sorted}, first: 100`);
    expect(after).toHaveLength(before.length + 1);
    expect(after.filter((id) => read.includes(id))).toEqual(read);
  });
});

test('a job is listed once where the claim moves it from one ground to another between two pages', async () => {
  const { jobId } = await town.begin({ by: neighbour, pooled: true });
  const claimed = async () => {
    await town.mutate(executor, 'claimJob', { jobId, asOperator: 'crew' });
  };
  const sorted = 'sort: { field: CREATED_AT, direction: ASC }';
  const read = await paged(executor, 'jobs', sorted, claimed);
  expect(read.filter((id) => id === jobId)).toEqual([jobId]);
  expect(read).toEqual((await pageOf(executor, 'jobs', `${sorted}, first: 100`)).ids);
});

describe('a cursor', () => {
  const codeOf = async (session: Session, list: List, args: string) =>
    (await town.ask(session, `{ ${list}(${args}) { edges { node { id } } } }`)).errors[0]?.extensions?.code;

  test.each([
    ['jobs', 'filter: { surface: "municipal" }', 'sort: { field: DUE_AT, direction: DESC }'],
    ['intakes', 'filter: { channel: "PHONE" }', 'sort: { field: DUE_AT, direction: DESC }'],
    ['requests', 'filter: { channel: "PHONE" }', 'mine: true'],
  ] as const)(
    'of %s is none of another filter, sort, direction, list, person, nor made up',
    async (list, filter, other) => {
      const { endCursor } = await pageOf(everything, list, 'first: 1');
      const after = `after: ${JSON.stringify(endCursor)}`;
      expect(await codeOf(everything, list, after)).toBeUndefined();
      const foreign = list === 'jobs' ? 'intakes' : 'jobs';
      const ascending = `sort: { field: ${SORTS[list][0]}, direction: ASC }`;
      for (const [session, of, args] of [
        [everything, list, `${filter}, ${after}`],
        [everything, list, `${other}, ${after}`],
        [everything, list, `${ascending}, ${after}`],
        [everything, foreign, after],
        [networkGovernor, list, after],
        [everything, list, 'after: "bm9uZQ"'],
      ] as const) {
        expect(await codeOf(session, of, args), args).toBe('BAD_USER_INPUT');
      }
    },
  );

  test('of a desk is none of another desk, and a page has its bounds', async () => {
    const desk = (surface: string, args: string) =>
      town.ask(everything, `{ desk(surface: "${surface}") { queue(${args}) { pageInfo { endCursor } } } }`);
    const { data } = await desk('municipal', 'first: 1');
    const after = `after: ${JSON.stringify(data.desk.queue.pageInfo.endCursor)}`;
    expect((await desk('municipal', after)).errors).toEqual([]);
    expect((await desk('freight', after)).errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    for (const first of [0, 101, -1])
      expect(await codeOf(everything, 'jobs', `first: ${first}`)).toBe('BAD_USER_INPUT');
  });
});

describe('a filter', () => {
  const narrowed = async (list: List, filter: string, session: Session = everything) =>
    (await pageOf(session, list, `first: 100, filter: { ${filter} }`)).ids;

  test('of jobs keeps what it names', async () => {
    const { ids: all } = await pageOf(everything, 'jobs', 'first: 100');
    const [freight] = chains.filter((_, index) => index === 6).map(({ jobId }) => jobId);
    expect(await narrowed('jobs', 'surface: "freight"')).toEqual([freight]);
    expect(await narrowed('jobs', 'operator: "rivals"')).toEqual([freight]);
    expect(await narrowed('jobs', `taskId: "${chains[2]?.taskId}"`)).toEqual([chains[2]?.jobId]);
    expect(await narrowed('jobs', `poolId: "${POOL}"`)).toEqual([chains[5]?.jobId]);
    expect(await narrowed('jobs', 'dueBefore: "2030-01-02T00:00:00Z"')).toEqual([chains[3]?.jobId]);
    for (const every of ['states: [QUEUED, CLAIMED]', 'category: "Lamps"', 'createdFrom: "2020-01-01T00:00:00Z"']) {
      expect(await narrowed('jobs', every), every).toEqual(all);
    }
    for (const none of [
      'states: []',
      'states: [CANCELED]',
      'category: "Noise"',
      'createdBefore: "2020-01-01T00:00:00Z"',
    ]) {
      expect(await narrowed('jobs', none), none).toEqual([]);
    }
  });

  test('of intakes and requests keeps what it names', async () => {
    const own = (await pageOf(everything, 'requests', 'first: 100, mine: true')).ids;
    expect(own).toContain(chains[0]?.requestId);
    expect(own).not.toContain(chains[1]?.requestId);
    for (const list of ['intakes', 'requests'] as const) {
      const { ids: all } = await pageOf(everything, list, 'first: 100');
      expect(await narrowed(list, 'surface: "freight"')).toHaveLength(1);
      expect(await narrowed(list, 'channel: "PHONE"')).toEqual(all);
      for (const none of ['channel: "MAIL"', 'routingOrigin: "crew"', 'surface: "nowhere"']) {
        expect(await narrowed(list, none), none).toEqual([]);
      }
    }
    expect(await narrowed('intakes', 'states: [CLOSED]')).toEqual([]);
    expect(await narrowed('requests', 'origin: SYSTEM')).toEqual([]);
    expect(await narrowed('requests', 'submittedBefore: "2020-01-01T00:00:00Z"')).toEqual([]);
  });

  test('that names no id is said to be wrong', async () => {
    const { errors } = await town.ask(everything, '{ jobs(filter: { taskId: "seven" }) { totalCount } }');
    expect(errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });
});

describe('a history', () => {
  const HISTORY = 'history { totalCount edges { node { transition newState reason actorId basis } } }';

  test('is seen by whoever works on it or governs it; reasons by those who may read what people wrote', async () => {
    const { jobId } = await town.begin({ operator: 'crew' });
    await town.mutate(executor, 'claimJob', { jobId, asOperator: 'crew' });
    await town.mutate(executor, 'releaseJob', { jobId, reason: 'Wrong house' });
    const of = async (session: Session) =>
      (await town.ask(session, `query ($id: ID!) { job(id: $id) { ${HISTORY} } }`, { id: jobId })).data.job.history;
    for (const [session, reason] of [
      [holder, 'Wrong house'],
      [networkGovernor, 'Wrong house'],
      [PEOPLE.auditor, null],
    ] as const) {
      const { edges } = await of(session);
      expect(
        edges.map(({ node }: { node: { transition: string; newState: string; reason: string | null } }) => [
          node.transition,
          node.newState,
          node.reason,
        ]),
      ).toEqual([
        ['job.create', 'QUEUED', null],
        ['job.claim', 'CLAIMED', null],
        ['job.release', 'QUEUED', reason],
      ]);
    }
    expect(await of(requester)).toBeNull();
  });

  test('of an intake tells its submitter nothing of who did the work', async () => {
    const { jobId, intakeId } = await town.begin({ operator: 'crew' });
    await town.complete(executor, 'crew', { jobId, intakeId });
    const query = `query ($id: ID!) { intake(id: $id) { state ${HISTORY} job { state ${HISTORY} } request { ${HISTORY} } } }`;
    const of = async (session: Session) => (await town.ask(session, query, { id: intakeId })).data.intake;
    const submitted = await of(requester);
    expect(submitted).toMatchObject({ state: 'CLOSED', history: null, job: { state: 'COMPLETED', history: null } });
    for (const name of ['crew', executor.identityId]) expect(JSON.stringify(submitted)).not.toContain(name);
    for (const session of [holder, networkGovernor]) {
      const { edges } = (await of(session)).history;
      const passed = edges.map(({ node }: { node: { newState: string } }) => node.newState);
      expect(passed).toEqual(['RECEIVED', 'TASKED', 'IN_PROGRESS', 'RECORDED', 'CLOSED']);
    }
  });
});

// The last of all: what happened to the operator stays.
test('of a suspended operator only those who govern for it go on to see what was addressed to it', async () => {
  await town.feed(operatorSuspended('crew', holder));
  for (const session of [executor, PEOPLE.member]) {
    for (const list of ['jobs', 'intakes', 'requests'] as const)
      expect((await pageOf(session, list, 'first: 1')).ids).toEqual([]);
  }
  expect((await pageOf(holder, 'jobs', 'first: 100')).ids).toEqual([chains[3]?.jobId]);
  expect((await pageOf(holder, 'intakes', 'first: 100')).ids).toEqual([chains[3]?.intakeId]);
});
