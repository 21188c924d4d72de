import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACTIONS, agreement, type Mutations, type Subject } from '../../../test/harness/agreement.ts';
import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { uniqueName } from '../../../test/harness/names.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { service } from '../src/service.ts';

const governor = sessionOf('governor', ['admin_governor']);
const secondGovernor = sessionOf('second-governor', ['admin_governor']);
const superAdmin = sessionOf('super-admin', ['super_admin']);
const auditor = sessionOf('auditor', ['auditor']);
const holder = sessionOf('holder');
const delegate = sessionOf('delegate');
const stranger = sessionOf('stranger');
const machine = sessionOf('machine', ['admin_governor', 'super_admin'], 'SERVICE');
const unregistered = sessionOf('unregistered', ['admin_governor', 'super_admin']);
const REGISTERED = [governor, secondGovernor, superAdmin, auditor, holder, delegate, stranger, machine] as const;
const EVERYBODY: readonly Session[] = [...REGISTERED, unregistered, { ...holder, kind: 'AGENT' }];

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(service);
  for (const session of REGISTERED) await mutate(session, 'registerIdentity', {});
});
afterAll(() => bench?.stop());

async function mutate(session: Session, field: string, input: object): Promise<void> {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { refusal { code } } }`;
  const { data, errors } = await bench.ask(session, query, { input: { idempotencyKey: randomUUID(), ...input } });
  expect({ errors, refusal: data?.[field].refusal }).toEqual({ errors: [], refusal: null });
}

/** Ends met by everybody, beside those of who may not. */
async function endsOf(mutations: Mutations, fresh: () => Promise<Subject>): Promise<readonly string[]> {
  const met = new Set<string>();
  for (const session of EVERYBODY) {
    for (const end of (await agreement(bench, session, mutations, fresh)).keys()) met.add(end);
  }
  return [...met].filter((end) => end !== 'NOT_FOUND' && end !== 'FORBIDDEN').sort();
}

/** An operator of the holder's, brought on by another governor than the one who onboarded it. */
async function operatorAfter(steps: readonly string[]): Promise<string> {
  const slug = uniqueName('crew-');
  const profile = { name: slug, type: 'ORGANIZATION', surfaces: ['municipal'], holderIdentityId: holder.identityId };
  await mutate(governor, 'onboardOperator', { slug, ...profile });
  for (const step of steps) await mutate(secondGovernor, step, { slug });
  return slug;
}

/** An entity that is asked for as the gateway asks. */
function entityOf(type: string, id: string): Pick<Subject, 'query' | 'variables'> {
  return {
    query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { ${ACTIONS} } } }`,
    variables: { of: [{ __typename: type, id }] },
  };
}

describe('an operator says what its mutations do', () => {
  test.each([
    ['ONBOARDING', [], ['ACCEPTED', 'WRONG_STATE']],
    ['ACTIVE', ['activateOperator'], ['ACCEPTED', 'WRONG_STATE']],
    ['SUSPENDED', ['activateOperator', 'suspendOperator'], ['ACCEPTED', 'WRONG_STATE']],
    ['RETIRED', ['retireOperator'], ['OPERATOR_RETIRED', 'WRONG_STATE']],
  ])('%s', async (_, steps, ends) => {
    const mutations: Mutations = {
      'operator.activate': ['activateOperator', {}],
      'operator.suspend': ['suspendOperator', {}],
      'operator.reinstate': ['reinstateOperator', {}],
      'operator.retire': ['retireOperator', {}],
      'operator.set_readiness': ['setReadiness', { readiness: 'READY' }],
      'delegation.grant': ['delegate', { identityId: delegate.identityId, power: 'EXECUTE' }],
      'workspace_membership.add': ['addWorkspaceMember', { identityId: stranger.identityId }],
    };
    const met = await endsOf(mutations, async () => {
      const slug = await operatorAfter(steps);
      const query = `query ($id: Slug!) { operator(slug: $id) { ${ACTIONS} } }`;
      const key = (transition: string) => (transition.startsWith('operator.') ? { slug } : { operator: slug });
      return { query, variables: { id: slug }, key };
    });
    expect(met).toEqual(ends);
  });
});

describe('what an operator gave says what its mutations do', () => {
  const bothWays = ['ACCEPTED', 'WRONG_STATE'];

  test.each(['ACTIVE', 'REVOKED'])('a delegation that is %s', async (state) => {
    const mutations: Mutations = {
      'delegation.grant': ['delegate', {}],
      'delegation.revoke': ['revokeDelegation', {}],
    };
    const met = await endsOf(mutations, async () => {
      const operator = await operatorAfter(['activateOperator']);
      const key = { operator, identityId: delegate.identityId, power: 'GOVERN' };
      await mutate(holder, 'delegate', key);
      if (state === 'REVOKED') await mutate(holder, 'revokeDelegation', key);
      return { ...entityOf('Delegation', `${operator}:${key.identityId}:${key.power}`), key };
    });
    expect(met).toEqual(bothWays);
  });

  test.each(['ACTIVE', 'REMOVED'])('a membership that is %s', async (state) => {
    const mutations: Mutations = {
      'workspace_membership.add': ['addWorkspaceMember', {}],
      'workspace_membership.remove': ['removeWorkspaceMember', {}],
    };
    const met = await endsOf(mutations, async () => {
      const operator = await operatorAfter(['activateOperator']);
      const key = { operator, identityId: delegate.identityId };
      await mutate(governor, 'addWorkspaceMember', key);
      if (state === 'REMOVED') await mutate(governor, 'removeWorkspaceMember', key);
      return { ...entityOf('WorkspaceMembership', `${operator}:${key.identityId}`), key };
    });
    expect(met).toEqual(bothWays);
  });
});

describe('an identity says what its mutations do', () => {
  const mutations: Mutations = {
    'identity.suspend': ['suspendIdentity', {}],
    'identity.reinstate': ['reinstateIdentity', {}],
  };
  const subjectOf = (identityId: string): Subject => ({ ...entityOf('Identity', identityId), key: { identityId } });

  test.each(['ACTIVE', 'SUSPENDED'])('%s', async (state) => {
    const met = await endsOf(mutations, async () => {
      const somebody = sessionOf(uniqueName('somebody-'));
      const { identityId } = somebody;
      await mutate(somebody, 'registerIdentity', {});
      if (state === 'SUSPENDED') await mutate(superAdmin, 'suspendIdentity', { identityId });
      return subjectOf(identityId);
    });
    expect(met).toEqual(['ACCEPTED', 'WRONG_STATE']);
  });

  test('one’s own', async () => {
    const own = await agreement(bench, superAdmin, mutations, async () => subjectOf(superAdmin.identityId));
    expect([...own.keys()]).toEqual(['FORBIDDEN']);
  });
});
