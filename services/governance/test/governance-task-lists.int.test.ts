import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { openTown, PEOPLE, person, type Town, transferEvent } from './town.ts';

type Name = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as Name[];
const { superAdmin, executive } = PEOPLE;

/** Typed from the table of who sees what, not read from the code. */
const SEEING: readonly Name[] = ['superAdmin', 'cloReviewer', 'executive', 'auditor'];
/** Who of them reads what a review found. */
const READING: readonly Name[] = ['superAdmin', 'cloReviewer'];

const suspended = person('suspended', ['super_admin']);
const omni: Session = { ...person('omni'), kind: 'AGENT' };

let town: Town;
const transfers = [randomUUID(), randomUUID(), randomUUID()] as const;
const [first, second, third] = transfers;
/** In the order in which they were opened. */
const ids = [
  `${first}:transfer_proposed`,
  `${second}:transfer_proposed`,
  `${first}:transfer_accepted`,
  `${first}:transfer_completed`,
  `${third}:transfer_proposed`,
];
const reviewed = [ids[0], ids[2]];

beforeAll(async () => {
  town = await openTown();
  await town.feed(
    foreignFact('operator', 'identity_suspended', { id: suspended.identityId }),
    transferEvent('transfer_proposed', first),
    transferEvent('transfer_proposed', second, 'rivals'),
    transferEvent('transfer_accepted', first),
    transferEvent('transfer_completed', first),
    transferEvent('transfer_proposed', third),
  );
  for (const governanceTaskId of reviewed) {
    await town.mutate(superAdmin, 'reviewGovernanceTask', { governanceTaskId, note: 'In order' });
  }
});
afterAll(() => town?.stop());

interface Page {
  readonly ids: readonly string[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

async function asked(session: Session, variables: object = {}) {
  return town.ask(
    session,
    `query ($queue: String, $filter: GovernanceTaskFilter, $sort: GovernanceTaskSort, $first: Int, $after: String) {
      governanceTasks(queue: $queue, filter: $filter, sort: $sort, first: $first, after: $after) {
        edges { node { id } } totalCount pageInfo { hasNextPage endCursor } } }`,
    variables,
  );
}

async function listed(session: Session, variables: object = {}): Promise<Page> {
  const { data, errors } = await asked(session, variables);
  expect(errors).toEqual([]);
  const { edges, totalCount, pageInfo } = data.governanceTasks;
  return { ids: edges.map(({ node }: { node: { id: string } }) => node.id), totalCount, ...pageInfo };
}

/** What of all there is a session is shown: in the list, by id, and as the gateway asks. */
async function shown(session: Session) {
  const list = await listed(session);
  expect(list.totalCount).toBe(list.ids.length);
  const byId = await Promise.all(
    ids.map((id) => town.ask(session, 'query ($id: ID!) { governanceTask(id: $id) { id } }', { id })),
  );
  const entities = await town.entities(session, 'GovernanceTask', ids);
  const all = { list: list.ids, byId: byId.map(({ data }) => data.governanceTask?.id ?? null), entities };
  return {
    list: [...all.list].sort(),
    byId: all.byId.filter((id) => id !== null).sort(),
    entities: all.entities.map(({ id }) => id).sort(),
  };
}

const EVERYTHING = { list: [...ids].sort(), byId: [...ids].sort(), entities: [...ids].sort() };
const NOTHING = { list: [], byId: [], entities: [] };

/** What a session reads of the first: its note, and what its history says why. */
async function noteFor(session: Session) {
  const query = 'query ($id: ID!) { governanceTask(id: $id) { note history { edges { node { reason } } } } }';
  const { governanceTask } = (await town.ask(session, query, { id: ids[0] })).data;
  return governanceTask && [governanceTask.note, governanceTask.history.edges.at(-1).node.reason];
}

describe('who sees what waits for the CLO', () => {
  test.each(SEEING)('T-TR-26 allow: %s', async (name) => {
    expect(await shown(PEOPLE[name])).toEqual(EVERYTHING);
  });

  test.each([
    ['Omni, whom nobody registered', omni],
    ['an agent in the name of an executive', { ...executive, kind: 'AGENT' } as const],
    ['an agent in the name of anybody', { ...PEOPLE.requester, kind: 'AGENT' } as const],
  ])('T-TR-26 allow: %s', async (_, agent) => {
    expect(await shown(agent)).toEqual(EVERYTHING);
  });

  test.each(NAMES.filter((name) => !SEEING.includes(name)))('T-TR-26 deny: %s does not', async (name) => {
    expect(await shown(PEOPLE[name])).toEqual(NOTHING);
  });

  test('T-TR-26 deny: whoever was suspended does not, nor through an agent', async () => {
    expect(await shown(suspended)).toEqual(NOTHING);
    expect(await shown({ ...suspended, kind: 'AGENT' })).toEqual(NOTHING);
  });

  test('a role that is granted shows it, until it is taken back', async () => {
    const { identityId } = PEOPLE.member;
    await town.mutate(superAdmin, 'grantRole', { identityId, role: 'clo_reviewer' });
    expect(await shown(PEOPLE.member)).toEqual(EVERYTHING);
    await town.mutate(superAdmin, 'revokeRole', { identityId, role: 'clo_reviewer' });
    expect(await shown(PEOPLE.member)).toEqual(NOTHING);
  });

  test.each(SEEING)('what a review found is for whoever reviews: %s', async (name) => {
    expect(await noteFor(PEOPLE[name])).toEqual(READING.includes(name) ? ['In order', 'In order'] : [null, null]);
  });

  test('T-TR-27 allow: an agent reads what it summarises: how it stands, who looked at it, what happened', async () => {
    const query = `query ($id: ID!) { governanceTask(id: $id) { state risk function event reviewedBy { id } transfer { id }
      history { totalCount edges { node { transition } } } actions { transition allowed } } }`;
    const { data, errors } = await town.ask(omni, query, { id: ids[0] });
    expect(errors).toEqual([]);
    expect(data.governanceTask).toEqual({
      state: 'REVIEWED',
      risk: 'high',
      function: 'Transfer Review',
      event: 'transfer_proposed',
      reviewedBy: { id: superAdmin.identityId },
      transfer: { id: first },
      history: {
        totalCount: 2,
        edges: [{ node: { transition: 'governance_task.create' } }, { node: { transition: 'governance_task.review' } }],
      },
      actions: [{ transition: 'governance_task.review', allowed: false }],
    });
  });

  test.each([omni, { ...superAdmin, kind: 'AGENT' } as const])(
    'T-TR-27 deny: no agent reads what a review found',
    async (agent) => expect(await noteFor(agent)).toEqual([null, null]),
  );
});

describe('the list', () => {
  const newestFirst = [...ids].reverse();
  const at = (...indices: readonly number[]) =>
    newestFirst.filter((id) => indices.map((index) => ids[index]).includes(id));

  test.each<[string, object, readonly string[]]>([
    ['everything', {}, newestFirst],
    ['the CLO queue', { queue: 'CLO' }, newestFirst],
    ['a queue that is none', { queue: 'OPS' }, []],
    ['oldest first', { sort: { field: 'OPENED_AT', direction: 'ASC' } }, ids],
    ['what waits', { filter: { states: ['PENDING'] } }, at(1, 3, 4)],
    ['what was reviewed', { filter: { states: ['REVIEWED'] } }, at(0, 2)],
    ['either', { filter: { states: ['PENDING', 'REVIEWED'] } }, newestFirst],
    ['no state', { filter: { states: [] } }, []],
    ['of high risk', { filter: { risk: 'high' } }, at(0, 1, 2, 4)],
    ['of medium risk', { filter: { risk: 'medium' } }, at(3)],
    ['for an event', { filter: { event: 'transfer_proposed' } }, at(0, 1, 4)],
    ['of a transfer', { filter: { transferId: first } }, at(0, 2, 3)],
    ['of a transfer that is none', { filter: { transferId: 'crew' } }, []],
    ['of a class', { filter: { objectClass: 'operator' } }, newestFirst],
    ['of another class', { filter: { objectClass: 'asset' } }, []],
    ['of an object', { filter: { objectId: 'rivals' } }, at(1)],
    ['all at once', { queue: 'CLO', filter: { states: ['PENDING'], risk: 'high', objectId: 'crew' } }, at(4)],
  ])('of %s', async (_, variables, expected) => {
    const { ids: found, totalCount } = await listed(superAdmin, variables);
    expect(found).toEqual(expected);
    expect(totalCount).toBe(expected.length);
  });

  test('of what was opened within a time', async () => {
    const { openedAt } = (
      await town.ask(superAdmin, 'query ($id: ID!) { governanceTask(id: $id) { openedAt } }', { id: ids[2] })
    ).data.governanceTask;
    expect((await listed(superAdmin, { filter: { openedFrom: openedAt } })).ids).toEqual(at(2, 3, 4));
    expect((await listed(superAdmin, { filter: { openedBefore: openedAt } })).ids).toEqual(at(0, 1));
  });

  test.each([superAdmin, omni])('is read page by page', async (session) => {
    const read: string[] = [];
    let after: string | null = null;
    do {
      const page: Page = await listed(session, { first: 2, after });
      expect(page.totalCount).toBe(ids.length);
      read.push(...page.ids);
      after = page.hasNextPage ? page.endCursor : null;
    } while (after !== null);
    expect(read).toEqual(newestFirst);
  });

  test('goes on only where it is the same list, of the same viewer', async () => {
    const { endCursor: after } = await listed(superAdmin, { first: 2, queue: 'CLO' });
    for (const [session, other] of [
      [superAdmin, { queue: 'CLO', filter: { risk: 'high' } }],
      [superAdmin, {}],
      [executive, { queue: 'CLO' }],
    ] as const) {
      const { errors } = await asked(session, { ...other, first: 2, after });
      expect(errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    }
    const { errors } = await asked(superAdmin, { first: 101 });
    expect(errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  test.each([{ risk: 'low' }, { risk: 'HIGH' }, { event: 'transfer_voided' }, { states: ['CLOSED'] }])(
    'knows the words of the doctrine and no other: %o',
    async (filter) => {
      const { data, errors } = await asked(superAdmin, { filter });
      expect(data).toBeUndefined();
      expect(errors).toHaveLength(1);
    },
  );
});
