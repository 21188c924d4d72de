import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTown, PEOPLE, type Town } from './town.ts';

type Name = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as Name[];

let town: Town;
/** Ids of tasks by who governs them. */
const tasks = { network: [] as string[], crew: [] as string[], rivals: [] as string[] };
type Governed = keyof typeof tasks;

beforeAll(async () => {
  town = await openTown();
  tasks.network.push(await town.open(), await town.open(null, 'freight'), await town.open('nobody-knows'));
  tasks.crew.push(await town.open('crew'), await town.open('crew', 'freight'));
  tasks.rivals.push(await town.open('rivals'));
  await town.mutate(PEOPLE.networkGovernor, 'reviewTask', { taskId: tasks.network[0], risk: 'LOW' });
  await town.mutate(PEOPLE.holder, 'rejectTask', { taskId: tasks.crew[0], reason: 'Not ours' });
  for (const step of ['reviewTask', 'approveTask']) await town.mutate(PEOPLE.holder, step, { taskId: tasks.crew[1] });
  const assigned = { taskId: tasks.crew[1], operator: 'crew', reason: 'They know the place' };
  await town.mutate(PEOPLE.holder, 'assignTask', assigned);
});
afterAll(() => town?.stop());

/** Typed from the table of who sees what, not read from the code. */
const SEEN: Readonly<Record<Name, readonly Governed[]>> = {
  holder: ['crew'],
  operatorGovernor: ['crew'],
  member: ['crew'],
  executor: [],
  rival: ['rivals'],
  networkGovernor: ['network'],
  superAdmin: ['network'],
  auditor: ['network'],
  executive: ['network'],
  cloReviewer: [],
  both: ['network', 'crew'],
  requester: [],
};

interface Seen {
  readonly id: string;
  readonly state: string;
}

async function listed(session: Session): Promise<readonly Seen[]> {
  const { data, errors } = await town.ask(session, '{ tasks(first: 100) { edges { node { id state } } totalCount } }');
  expect(errors).toEqual([]);
  expect(data.tasks.totalCount).toBe(data.tasks.edges.length);
  return data.tasks.edges.map(({ node }: { node: Seen }) => node);
}

/** Of all tasks those that are shown by id. */
async function found(session: Session): Promise<string[]> {
  const answers = Object.values(tasks)
    .flat()
    .map((id) => town.ask(session, 'query ($id: ID!) { task(id: $id) { id } }', { id }));
  return (await Promise.all(answers)).flatMap(({ data }) => data.task?.id ?? []);
}

async function counted(session: Session, surface: string | null = null): Promise<Readonly<Record<string, number>>> {
  const { data, errors } = await town.ask(
    session,
    'query ($surface: String) { taskCounts(surface: $surface) { state tasks } }',
    { surface },
  );
  expect(errors).toEqual([]);
  const counts: readonly { state: string; tasks: number }[] = data.taskCounts;
  return Object.fromEntries(counts.filter((one) => one.tasks > 0).map((one) => [one.state, one.tasks]));
}

describe.each(NAMES)('%s', (name) => {
  const session = PEOPLE[name];
  const agent: Session = { ...session, kind: 'AGENT' };

  test('sees the tasks of whom it governs or oversees, in the list and by id', async () => {
    const expected = SEEN[name].flatMap((governed) => tasks[governed]).sort();
    expect((await listed(session)).map(({ id }) => id).sort()).toEqual(expected);
    expect((await found(session)).sort()).toEqual(expected);
  });

  test('counts what it sees, and nothing else', async () => {
    const states = (await listed(session)).map(({ state }) => state);
    const expected = Object.fromEntries(states.map((state) => [state, states.filter((one) => one === state).length]));
    expect(await counted(session)).toEqual(expected);
  });

  test('shows none of it to an agent', async () => {
    expect(await listed(agent)).toEqual([]);
    expect(await found(agent)).toEqual([]);
    expect(await counted(agent)).toEqual({});
  });
});

test('counts of one surface', async () => {
  expect(await counted(PEOPLE.networkGovernor, 'freight')).toEqual({ OPEN: 1 });
  expect(await counted(PEOPLE.both, 'municipal')).toEqual({ OPEN: 1, IN_REVIEW: 1, REJECTED: 1 });
  expect(await counted(PEOPLE.rival, 'freight')).toEqual({});
});

describe('the reason', () => {
  test('of a decision is for those who decide, at the task and in its history', async () => {
    const query = 'query ($id: ID!) { task(id: $id) { decisionReason history { edges { node { reason } } } } }';
    const reasonsFor = async (name: Name) => {
      const { task } = (await town.ask(PEOPLE[name], query, { id: tasks.crew[0] })).data;
      return task && [task.decisionReason, task.history.edges.at(-1).node.reason];
    };
    expect(await reasonsFor('operatorGovernor')).toEqual(['Not ours', 'Not ours']);
    expect(await reasonsFor('member')).toEqual([null, null]);
    expect(await reasonsFor('rival')).toBeNull();
  });

  test('of an assignment, too', async () => {
    const query = 'query ($id: ID!) { task(id: $id) { assignment { reason } } }';
    const reasonFor = async (name: Name) => (await town.ask(PEOPLE[name], query, { id: tasks.crew[1] })).data.task;
    expect(await reasonFor('operatorGovernor')).toEqual({ assignment: { reason: 'They know the place' } });
    expect(await reasonFor('member')).toEqual({ assignment: { reason: null } });
  });
});

describe('pools', () => {
  test('show to no agent, in whose name it may come', async () => {
    const { networkGovernor } = PEOPLE;
    const { pool } = await town.mutate(networkGovernor, 'createPool', { name: 'Day crews' }, 'pool { id }');
    const query = 'query ($id: ID!) { pool(id: $id) { id } pools { edges { node { id } } } }';
    const asked = async (session: Session) => (await town.ask(session, query, { id: pool.id })).data;
    const shown = await asked(networkGovernor);
    expect(shown.pool).toEqual(pool);
    expect(shown.pools.edges).toContainEqual({ node: pool });
    expect(await asked({ ...networkGovernor, kind: 'AGENT' })).toEqual({ pool: null, pools: { edges: [] } });
  });

  test('show their members to these and to overseers; why one was taken out only to governors', async () => {
    const { networkGovernor } = PEOPLE;
    const { pool } = await town.mutate(networkGovernor, 'createPool', { name: 'Night crews' }, 'pool { id }');
    for (const operator of ['crew', 'rivals']) {
      await town.mutate(networkGovernor, 'addPoolMember', { poolId: pool.id, operator });
    }
    await town.mutate(networkGovernor, 'removePoolMember', {
      poolId: pool.id,
      operator: 'rivals',
      reason: 'Left town',
    });

    const shown = async (name: Name): Promise<readonly { node: { id: string } }[]> => {
      const { data } = await town.ask(PEOPLE[name], '{ pools { edges { node { id members { id } } } } }');
      return data.pools.edges;
    };
    const crewsPool = { node: { id: pool.id, members: [{ id: `${pool.id}:crew` }] } };
    for (const name of ['member', 'executor', 'auditor', 'superAdmin'] as const) {
      expect(await shown(name)).toContainEqual(crewsPool);
    }
    for (const name of ['rival', 'requester'] as const) expect(await shown(name)).toEqual([]);

    await town.mutate(networkGovernor, 'addPoolMember', { poolId: pool.id, operator: 'rivals' });
    const reasons = async (name: Name) => {
      const query = '{ pools { edges { node { members { history { edges { node { reason } } } } } } } }';
      return JSON.stringify((await town.ask(PEOPLE[name], query)).data);
    };
    expect(await reasons('networkGovernor')).toContain('Left town');
    for (const name of ['auditor', 'rival'] as const) expect(await reasons(name)).not.toContain('Left town');
  });
});

describe('granted roles', () => {
  const seen = async (name: Name) => {
    const { data } = await town.ask(PEOPLE[name], '{ roleGrants { edges { node { id } } totalCount } }');
    expect(data.roleGrants.totalCount).toBe(data.roleGrants.edges.length);
    return data.roleGrants.edges.map(({ node }: { node: { id: string } }) => node.id);
  };

  test('are one’s own, or all of them for overseers; once given they count here at once', async () => {
    const auditor = { identityId: PEOPLE.requester.identityId, role: 'auditor' };
    const requester = { identityId: PEOPLE.member.identityId, role: 'requester' };
    const ids = [auditor, requester].map(({ identityId, role }) => `${identityId}:${role}`);
    expect(await listed(PEOPLE.requester)).toEqual([]);
    await town.mutate(PEOPLE.superAdmin, 'grantRole', auditor);
    expect(await listed(PEOPLE.requester)).toHaveLength(tasks.network.length);
    await town.mutate(PEOPLE.superAdmin, 'grantRole', requester);
    expect(await seen('member')).toEqual([ids[1]]);
    expect(await seen('rival')).toEqual([]);
    expect((await seen('superAdmin')).sort()).toEqual([...ids].sort());
    // Who was just made an auditor sees them all.
    expect((await seen('requester')).sort()).toEqual([...ids].sort());
    await town.mutate(PEOPLE.superAdmin, 'revokeRole', { ...auditor, reason: 'Not needed' });
    expect(await seen('requester')).toEqual([ids[0]]);
    const why = async (name: Name) => {
      const query = '{ roleGrants { edges { node { history { edges { node { reason } } } } } } }';
      return JSON.stringify((await town.ask(PEOPLE[name], query)).data);
    };
    expect(await why('superAdmin')).toContain('Not needed');
    for (const name of ['requester', 'auditor'] as const) expect(await why(name)).not.toContain('Not needed');
  });
});
