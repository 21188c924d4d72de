import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMES, type Name, openTown, PEOPLE, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.stop());

const nameOf = (id: string) => NAMES.find((name) => PEOPLE[name].identityId === id);

/** Typed from the table of who sees what and the rule that a holder sees who its people are, not read from the code. */
const IDENTITIES: Readonly<Record<Name, readonly Name[]>> = {
  governor: NAMES,
  secondGovernor: NAMES,
  superAdmin: NAMES,
  auditor: NAMES,
  executive: NAMES,
  holder: ['holder', 'executor', 'operatorGovernor', 'member', 'helper'],
  executor: ['executor'],
  operatorGovernor: ['operatorGovernor'],
  member: ['member'],
  helper: ['helper'],
  rival: ['rival', 'helper'],
  stranger: ['stranger'],
};
/** Who reads what somebody is called: oneself, and who admits people to the network. */
const READS_NAMES: readonly Name[] = ['governor', 'secondGovernor', 'superAdmin'];
const OVERSEERS: readonly Name[] = [...READS_NAMES, 'auditor', 'executive'];

const DELEGATIONS = { crew: ['executor', 'operatorGovernor', 'helper'], rivals: ['helper'] } as const;
/** Delegates that each sees of an operator: those of whom it is one, or all where it governs or oversees. */
function delegatesSeenBy(name: Name, operator: keyof typeof DELEGATIONS): readonly string[] {
  const all: readonly Name[] = DELEGATIONS[operator];
  const governs = operator === 'crew' ? ['holder', 'operatorGovernor'] : ['rival'];
  return OVERSEERS.includes(name) || governs.includes(name) ? all : all.filter((one) => one === name);
}
/** Members of `crew` are seen by all its people. */
const SEE_MEMBERS: readonly Name[] = [...OVERSEERS, 'holder', 'executor', 'operatorGovernor', 'helper', 'member'];

interface Person {
  readonly id: string;
  readonly subject: string | null;
  readonly displayName: string | null;
}

async function identitiesListed(session: Session, args = ''): Promise<readonly Person[]> {
  const query = `{ identities(first: 100${args}) { totalCount edges { node { id subject displayName } } } }`;
  const { data, errors } = await town.ask(session, query);
  expect(errors).toEqual([]);
  expect(data.identities.totalCount).toBe(data.identities.edges.length);
  return data.identities.edges.map(({ node }: { node: Person }) => node);
}

const namesIn = (people: readonly { readonly id: string }[]) => people.map(({ id }) => nameOf(id)).sort();

describe.each(NAMES)('%s', (name) => {
  const session = PEOPLE[name];

  test('sees the identities that the rule gives it: in the list, by id and as entities', async () => {
    const seen = [...IDENTITIES[name]].sort();
    expect(namesIn(await identitiesListed(session))).toEqual(seen);
    const all = NAMES.map((one) => PEOPLE[one].identityId);
    expect(namesIn(await town.entities(session, 'Identity', all))).toEqual(seen);
    for (const one of NAMES) {
      const answer = await town.ask(session, 'query ($id: ID!) { identity(id: $id) { id } }', {
        id: PEOPLE[one].identityId,
      });
      expect(answer.data.identity !== null, one).toBe(seen.includes(one));
    }
  });

  test('reads subject and name of itself, and of others only where it admits people', async () => {
    for (const { id, subject, displayName } of await identitiesListed(session)) {
      const of = nameOf(id) as Name;
      const reads = of === name || READS_NAMES.includes(name);
      expect({ subject, displayName }, of).toEqual(
        reads ? { subject: PEOPLE[of].subject, displayName: `Called ${of}` } : { subject: null, displayName: null },
      );
    }
  });

  test('is led to no more of a person by what refers to it', async () => {
    const person = '{ id subject displayName }';
    const { data, errors } = await town.ask(
      session,
      `{ operators { edges { node { slug holderIdentityId holder ${person} onboardedBy ${person} activatedBy ${person}
        delegations { edges { node { identityId identity ${person} delegatedBy ${person} } } }
        members { edges { node { identityId identity ${person} addedBy ${person} } } } } } } }`,
    );
    expect(errors).toEqual([]);
    // biome-ignore lint/suspicious/noExplicitAny: an answer of the query above
    const rows: any[] = data.operators.edges.map(({ node }: any) => node);
    const links = rows.flatMap(({ holder, onboardedBy, activatedBy, delegations, members }) => [
      ...[holder, onboardedBy, activatedBy],
      // biome-ignore lint/suspicious/noExplicitAny: an answer of the query above
      ...delegations.edges.flatMap(({ node }: any) => [node.identity, node.delegatedBy]),
      // biome-ignore lint/suspicious/noExplicitAny: an answer of the query above
      ...members.edges.flatMap(({ node }: any) => [node.identity, node.addedBy]),
    ]);
    for (const person of links.filter((one) => one !== null)) {
      expect(IDENTITIES[name]).toContain(nameOf(person.id));
      if (nameOf(person.id) !== name && !READS_NAMES.includes(name)) {
        expect(person).toEqual({ id: person.id, subject: null, displayName: null });
      }
    }
  });

  test('sees every operator, and of its people what it is to them', async () => {
    const { data } = await town.ask(
      session,
      `{ operators { totalCount edges { node { slug name state readiness holderIdentityId
        delegations { totalCount edges { node { identityId } } } members { totalCount edges { node { identityId } } } } } } }`,
    );
    expect(data.operators.totalCount).toBe(2);
    for (const { node } of data.operators.edges) {
      const slug = node.slug as keyof typeof DELEGATIONS;
      expect(node).toMatchObject({ name: `The ${slug} of the town`, state: 'ACTIVE' });
      const ids = (connection: { edges: { node: { identityId: string } }[] }) =>
        namesIn(connection.edges.map(({ node: { identityId } }) => ({ id: identityId })));
      expect(ids(node.delegations), slug).toEqual([...delegatesSeenBy(name, slug)].sort());
      expect(ids(node.members), slug).toEqual(slug === 'crew' && SEE_MEMBERS.includes(name) ? ['member'] : []);
      expect(node.delegations.totalCount).toBe(node.delegations.edges.length);
      expect(node.members.totalCount).toBe(node.members.edges.length);
    }
  });

  test('sees histories of what it sees, with reasons where it reads names', async () => {
    const query = 'query ($id: ID!) { identity(id: $id) { history { edges { node { newState } } } } }';
    for (const one of NAMES) {
      const { data } = await town.ask(session, query, { id: PEOPLE[one].identityId });
      expect(data.identity?.history.edges ?? null, one).toEqual(
        IDENTITIES[name].includes(one) ? [{ node: { newState: 'ACTIVE' } }] : null,
      );
    }
  });

  test('tells an agent in its name whom it speaks for, and nothing else', async () => {
    const agent: Session = { ...session, kind: 'AGENT' };
    expect(await identitiesListed(agent)).toEqual([]);
    const { data } = await town.ask(
      agent,
      `query ($id: ID!) { identity(id: $id) { id } operators { totalCount } operator(slug: "crew") { slug }
        me { id kind roles identity { id } operators { relations } } }`,
      { id: session.identityId },
    );
    const me = { id: session.identityId, kind: 'AGENT', roles: [], identity: null, operators: [] };
    expect(data).toEqual({ identity: null, operators: { totalCount: 0 }, operator: null, me });
  });
});

test.each([
  ['holder', [['crew', ['HOLDER']]]],
  ['executor', [['crew', ['EXECUTE']]]],
  ['operatorGovernor', [['crew', ['GOVERN']]]],
  ['member', [['crew', ['MEMBER']]]],
  [
    'helper',
    [
      ['crew', ['EXECUTE']],
      ['rivals', ['EXECUTE']],
    ],
  ],
  ['stranger', []],
] as const)('me: %s is told what it is to which operators', async (name, expected) => {
  const { data } = await town.ask(
    PEOPLE[name],
    '{ me { id identity { displayName } operators { operator { slug } relations } } }',
  );
  expect(data.me).toEqual({
    id: PEOPLE[name].identityId,
    identity: { displayName: `Called ${name}` },
    operators: expected.map(([slug, relations]) => ({ operator: { slug }, relations })),
  });
});

// From here on the town changes.
describe('what somebody was and no longer is', () => {
  test('a delegation taken back shows its holder nothing more of that person', async () => {
    const { holder, executor, helper, rival } = PEOPLE;
    await town.mutate(holder, 'revokeDelegation', {
      operator: 'crew',
      identityId: executor.identityId,
      power: 'EXECUTE',
    });
    await town.mutate(rival, 'revokeDelegation', {
      operator: 'rivals',
      identityId: helper.identityId,
      power: 'EXECUTE',
    });
    expect(namesIn(await identitiesListed(holder))).toEqual(['helper', 'holder', 'member', 'operatorGovernor']);
    expect(namesIn(await identitiesListed(rival))).toEqual(['rival']);
  });

  test('a suspended identity sees itself alone, whatever it holds or oversees', async () => {
    const { superAdmin, governor, auditor, holder } = PEOPLE;
    for (const one of [auditor, holder]) {
      await town.mutate(superAdmin, 'suspendIdentity', {
        identityId: one.identityId,
        reason: 'Left the key in the door',
      });
      expect(namesIn(await identitiesListed(one))).toEqual([nameOf(one.identityId)]);
      const { data } = await town.ask(
        one,
        '{ operator(slug: "crew") { members { totalCount } delegations { totalCount } } }',
      );
      expect(data.operator).toEqual({ members: { totalCount: 0 }, delegations: { totalCount: 0 } });
    }
    const reasons = async (session: Session) => {
      const query = 'query ($id: ID!) { identity(id: $id) { history { edges { node { reason } } } } }';
      const { data } = await town.ask(session, query, { id: holder.identityId });
      return data.identity.history.edges.map(({ node }: { node: { reason: string | null } }) => node.reason);
    };
    expect(await reasons(governor)).toEqual([null, 'Left the key in the door']);
    expect(await reasons(holder)).toEqual([null, 'Left the key in the door']);
    expect(await reasons(PEOPLE.executive)).toEqual([null, null]);
  });

  test('why is told to whoever holds the operator and to those who admit people, not to everybody who sees that it happened', async () => {
    const { governor, rival, member, executor } = PEOPLE;
    await town.mutate(rival, 'addWorkspaceMember', { operator: 'rivals', identityId: member.identityId });
    await town.mutate(rival, 'removeWorkspaceMember', {
      operator: 'rivals',
      identityId: member.identityId,
      reason: 'Moved',
    });
    await town.mutate(rival, 'addWorkspaceMember', { operator: 'rivals', identityId: member.identityId });
    const delegation = { operator: 'rivals', identityId: executor.identityId, power: 'EXECUTE' };
    await town.mutate(rival, 'delegate', delegation);
    await town.mutate(rival, 'revokeDelegation', { ...delegation, reason: 'On leave' });
    await town.mutate(rival, 'delegate', delegation);
    await town.mutate(governor, 'suspendOperator', { slug: 'rivals', reason: 'A complaint of a neighbour' });
    const reasons = ['A complaint of a neighbour', 'Moved', 'On leave'];
    const history = 'history { edges { node { transition reason } } }';
    const told = async (session: Session) => {
      const { data } = await town.ask(
        session,
        `{ operator(slug: "rivals") { ${history}
            members { edges { node { ${history} } } } delegations { edges { node { ${history} } } } } }`,
      );
      expect(JSON.stringify(data.operator)).toContain('operator.suspend');
      return reasons.filter((reason) => JSON.stringify(data).includes(reason));
    };
    for (const session of [governor, rival]) expect(await told(session)).toEqual(reasons);
    for (const name of ['member', 'executive', 'executor', 'stranger'] as const)
      expect(await told(PEOPLE[name])).toEqual([]);
  });
});
