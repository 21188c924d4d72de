import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACTIONS, agreement, type Mutations, type Subject } from '../../../test/harness/agreement.ts';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { openTown, PEOPLE, person, type Town, transferEvent } from './town.ts';

const { holder, operatorGovernor, executor, member, rival, networkGovernor, superAdmin, auditor, requester } = PEOPLE;
const { executive, cloReviewer } = PEOPLE;
const machine: Session = { ...person('machine', ['admin_governor', 'super_admin']), kind: 'SERVICE' };
const agent: Session = { ...networkGovernor, kind: 'AGENT' };
const EVERYBODY: readonly Session[] = [
  holder,
  operatorGovernor,
  executor,
  member,
  rival,
  networkGovernor,
  superAdmin,
  auditor,
  executive,
  cloReviewer,
  requester,
  machine,
  agent,
];

let town: Town;
beforeAll(async () => {
  town = await openTown();
  await town.feed(foreignFact('operator', 'identity_registered', { id: machine.identityId }));
});
afterAll(() => town?.stop());

/** Holds what is said against what is done for everybody, and gives the ends that were met. */
async function everybody(mutations: Mutations, fresh: () => Promise<Subject>): Promise<ReadonlySet<string>> {
  const met = new Set<string>();
  for (const session of EVERYBODY) {
    for (const end of (await agreement(town, session, mutations, fresh)).keys()) met.add(end);
  }
  return met;
}

const toAssign = { operator: 'crew' };
const OF_TASK: Mutations = {
  'task.review': ['reviewTask', {}],
  'task.approve': ['approveTask', {}],
  'task.reject': ['rejectTask', {}],
  'task.assign': ['assignTask', toAssign],
  'assignment.create_job': ['createJob', {}],
  'task.close': ['closeTask', {}],
};
const OF_ASSIGNMENT: Mutations = { 'assignment.withdraw': ['withdrawAssignment', {}] };

/** The lives of a task: the mutations that bring it there, and how its own may end then beside NOT_FOUND and FORBIDDEN. */
const LIVES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['OPEN', [], ['ACCEPTED', 'WRONG_STATE']],
  ['IN_REVIEW', ['reviewTask'], ['ACCEPTED', 'WRONG_STATE']],
  ['REJECTED', ['rejectTask'], ['WRONG_STATE']],
  ['APPROVED', ['reviewTask', 'approveTask'], ['ACCEPTED', 'WRONG_STATE']],
  ['ASSIGNED', ['reviewTask', 'approveTask', 'assignTask'], ['ACCEPTED', 'ALREADY_ASSIGNED', 'WRONG_STATE']],
  [
    'handed off',
    ['reviewTask', 'approveTask', 'assignTask', 'createJob'],
    ['ACCEPTED', 'ALREADY_HANDED_OFF', 'WRONG_STATE'],
  ],
  [
    'to be done again',
    ['reviewTask', 'approveTask', 'assignTask', 'createJob', 'cancelJob'],
    ['ACCEPTED', 'ALREADY_HANDED_OFF', 'WRONG_STATE'],
  ],
  ['CLOSED', ['closeTask'], ['WRONG_STATE']],
];

async function taskAfter(steps: readonly string[], addressedTo: string | null) {
  const taskId = await town.open(addressedTo);
  const by = addressedTo === null ? networkGovernor : holder;
  let assignmentId: string | undefined;
  for (const step of steps) {
    if (step === 'cancelJob') {
      const { data } = await town.ask(by, 'query ($id: ID!) { task(id: $id) { job { id } } }', { id: taskId });
      await town.feed(foreignFact('jobs', 'job_canceled', { id: data.task.job.id, task_id: taskId }));
      continue;
    }
    const rest = step === 'assignTask' ? toAssign : {};
    const payload = await town.mutate(by, step, { taskId, ...rest }, step === 'assignTask' ? 'assignment { id }' : '');
    assignmentId ??= payload.assignment?.id;
  }
  return { taskId, assignmentId };
}

describe.each([
  ['of the network', null],
  ['of an operator', 'crew'],
])('a task %s says what its mutations do', (_, addressedTo) => {
  test.each(LIVES)('%s', async (_, steps, ends) => {
    const met = await everybody(OF_TASK, async () => {
      const { taskId } = await taskAfter(steps, addressedTo);
      const query = `query ($id: ID!) { task(id: $id) { ${ACTIONS} } }`;
      return { query, variables: { id: taskId }, key: { taskId } };
    });
    expect([...met].filter((end) => end !== 'NOT_FOUND' && end !== 'FORBIDDEN').sort()).toEqual(ends);
  });

  test.each(LIVES.filter(([, steps]) => steps.includes('assignTask')))('its assignment, %s', async (life, steps) => {
    const met = await everybody(OF_ASSIGNMENT, async () => {
      const { assignmentId = '' } = await taskAfter(steps, addressedTo);
      const query = `query ($id: ID!) { assignment(id: $id) { ${ACTIONS} } }`;
      return { query, variables: { id: assignmentId }, key: { assignmentId } };
    });
    expect([...met]).toContain(life === 'ASSIGNED' ? 'ACCEPTED' : 'WRONG_STATE');
  });
});

async function newPool(): Promise<string> {
  const { pool } = await town.mutate(networkGovernor, 'createPool', { name: `Pool ${randomUUID()}` }, 'pool { id }');
  return pool.id;
}

describe('pools and roles say what their mutations do', () => {
  test('a pool: whom to take in is the client’s', async () => {
    const met = await everybody({ 'pool_member.add': ['addPoolMember', { operator: 'crew' }] }, async () => {
      const poolId = await newPool();
      return { query: `query ($id: ID!) { pool(id: $id) { ${ACTIONS} } }`, variables: { id: poolId }, key: { poolId } };
    });
    expect([...met].sort()).toEqual(['ACCEPTED', 'FORBIDDEN', 'NOT_FOUND']);
  });

  test('a member of a pool', async () => {
    const mutations: Mutations = {
      'pool_member.add': ['addPoolMember', { operator: 'crew' }],
      'pool_member.remove': ['removePoolMember', { operator: 'crew' }],
    };
    const met = await everybody(mutations, async () => {
      const poolId = await newPool();
      await town.mutate(networkGovernor, 'addPoolMember', { poolId, operator: 'crew' });
      const query = `query ($id: ID!) { pool(id: $id) { members { ${ACTIONS} } } }`;
      return { query, variables: { id: poolId }, key: { poolId } };
    });
    expect([...met].sort()).toEqual(['ACCEPTED', 'FORBIDDEN', 'NOT_FOUND', 'WRONG_STATE']);
  });

  test.each(['ACTIVE', 'REVOKED'])('a granted role that is %s, one’s own too', async (state) => {
    const mutations: Mutations = {
      'role_grant.grant': ['grantRole', { role: 'auditor' }],
      'role_grant.revoke': ['revokeRole', { role: 'auditor' }],
    };
    for (const grantee of [requester, superAdmin]) {
      const given = { identityId: grantee.identityId, role: 'auditor' };
      const by = grantee === superAdmin ? { ...superAdmin, identityId: auditor.identityId } : superAdmin;
      const met = await everybody(mutations, async () => {
        await town.ask(
          by,
          `mutation ($a: GrantRoleInput!, $b: RevokeRoleInput!) { grantRole(input: $a) { refusal { code } }
            revokeRole(input: $b) @include(if: ${state === 'REVOKED'}) { refusal { code } } }`,
          {
            a: { idempotencyKey: randomUUID(), ...given },
            b: { idempotencyKey: randomUUID(), ...given },
          },
        );
        const query = `query ($id: ID!) { roleGrants(filter: { identityId: $id, role: "auditor" }) { edges { node { ${ACTIONS} } } } }`;
        return { query, variables: { id: grantee.identityId }, key: { identityId: grantee.identityId } };
      });
      expect(met.has('ACCEPTED')).toBe(grantee !== superAdmin);
      expect(met).toContain('FORBIDDEN');
    }
  });
});

test.each([
  ['waits', [], ['ACCEPTED', 'FORBIDDEN', 'NOT_FOUND']],
  ['was reviewed', ['reviewGovernanceTask'], ['FORBIDDEN', 'NOT_FOUND', 'WRONG_STATE']],
])('a governance task that %s says what its mutation does', async (_, steps, ends) => {
  // An agent is offered no input.
  const mutations: Mutations = { 'governance_task.review': ['reviewGovernanceTask', { governanceTaskId: 'none' }] };
  const met = await everybody(mutations, async () => {
    const transferId = randomUUID();
    await town.feed(transferEvent('transfer_accepted', transferId));
    const governanceTaskId = `${transferId}:transfer_accepted`;
    for (const step of steps) await town.mutate(superAdmin, step, { governanceTaskId });
    const query = `query ($id: ID!) { governanceTask(id: $id) { ${ACTIONS} } }`;
    return { query, variables: { id: governanceTaskId }, key: { governanceTaskId } };
  });
  expect([...met].sort()).toEqual(ends);
});
