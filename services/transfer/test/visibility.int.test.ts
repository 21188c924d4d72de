import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { AGENT, PEOPLE } from './town.ts';

type Name = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as Name[];
const { holder, buyer, rival, stranger, superAdmin, governor, executive } = PEOPLE;

/** Transfers by their parties, and the operators they are of. */
const TRANSFERS = ['completed', 'proposed', 'bySuperAdmin', 'away'] as const;
type Work = (typeof TRANSFERS)[number];
/** `idle`: no transfer was ever proposed of it. */
type Entry = Work | 'idle';
const ENTRIES: readonly Entry[] = [...TRANSFERS, 'idle'];

/** Typed from the table of who sees what (docs/decisions/0019-transfer-contract.md), not read from the code. */
const SEEN: Readonly<Record<Name, { readonly transfers: readonly Work[]; readonly entries: readonly Entry[] }>> = {
  // From-party of all that was sold by them; what is completed is theirs no more.
  holder: {
    transfers: ['completed', 'proposed', 'bySuperAdmin'],
    entries: ['proposed', 'bySuperAdmin', 'idle'],
  },
  buyer: { transfers: ['completed', 'proposed', 'bySuperAdmin', 'away'], entries: ['completed'] },
  executor: { transfers: [], entries: ['proposed', 'bySuperAdmin', 'idle'] },
  member: { transfers: [], entries: ['proposed', 'bySuperAdmin', 'idle'] },
  rival: { transfers: ['away'], entries: ['away'] },
  stranger: { transfers: [], entries: [] },
  superAdmin: { transfers: TRANSFERS, entries: ENTRIES },
  secondSuperAdmin: { transfers: TRANSFERS, entries: ENTRIES },
  grantedSuperAdmin: { transfers: TRANSFERS, entries: ENTRIES },
  governor: { transfers: [], entries: ENTRIES },
  cloReviewer: { transfers: TRANSFERS, entries: ENTRIES },
  auditor: { transfers: TRANSFERS, entries: ENTRIES },
  executive: { transfers: TRANSFERS, entries: ENTRIES },
};
const READ_NO_REASONS: readonly Name[] = ['cloReviewer', 'auditor', 'executive'];

let town: OwnedTown;
const transferIds = {} as Record<Work, string>;
const objectIds = {} as Record<Entry, string>;
beforeAll(async () => {
  town = await openOwnedTown();
  await town.mutate(superAdmin, 'setTransferPolicy', { objectClass: 'operator', distinctActors: 'strict' });
  for (const entry of ENTRIES) {
    objectIds[entry] = entry === 'idle' ? 'crew' : await town.newCrew(entry === 'away' ? rival : holder);
    if (entry !== 'away') await town.staff(objectIds[entry]);
  }
  for (const [work, by, further] of [
    ['completed', holder, { reasonType: 'sale', reason: 'Retires' }],
    ['proposed', holder, { reasonType: 'succession', reason: 'Hands over' }],
    ['bySuperAdmin', superAdmin, { reason: 'By order' }],
    ['away', rival, { reasonType: 'sale', reason: 'Moves away' }],
  ] as const) {
    transferIds[work] = await town.propose(by, buyer, { objectId: objectIds[work], ...further });
  }
  for (const work of ['completed', 'away'] as const) {
    await town.mutate(buyer, 'acceptTransfer', { transferId: transferIds[work] });
  }
  await town.mutate(superAdmin, 'completeTransfer', { transferId: transferIds.completed });
  await town.mutate(superAdmin, 'voidTransfer', { transferId: transferIds.away, reason: 'Never paid' });
});
afterAll(() => town?.stop());

const worksOf = (ids: readonly string[]) => TRANSFERS.filter((work) => ids.includes(transferIds[work]));
const entriesOf = (ids: readonly string[]) => ENTRIES.filter((entry) => ids.includes(`operator:${objectIds[entry]}`));
const idsOf = (edges: readonly { readonly node: { readonly id: string } }[]) => edges.map(({ node }) => node.id);

/** What a list shows: its ids, in its order, and its count, which must say the same. */
async function listed(session: Session, field: 'transfers' | 'registerEntries', args = ''): Promise<string[]> {
  const { data, errors } = await town.ask(session, `{ ${field}${args} { totalCount edges { node { id } } } }`);
  expect(errors).toEqual([]);
  expect(data[field].totalCount).toBe(data[field].edges.length);
  return idsOf(data[field].edges);
}

async function shownById(session: Session) {
  const found: { transfers: string[]; entries: string[] } = { transfers: [], entries: [] };
  for (const id of Object.values(transferIds)) {
    const { data } = await town.ask(session, 'query ($id: ID!) { transfer(id: $id) { id } }', { id });
    if (data.transfer !== null) found.transfers.push(data.transfer.id);
  }
  for (const objectId of Object.values(objectIds)) {
    const of = `objectClass: "operator", objectId: "${objectId}"`;
    const now = `instant: "${new Date().toISOString()}"`;
    const query = `{ registerEntry(${of}) { id } authorityAt(${of}, ${now}) { holderIdentityId } }`;
    const { data } = await town.ask(session, query);
    expect(data.authorityAt === null).toBe(data.registerEntry === null);
    if (data.registerEntry !== null) found.entries.push(data.registerEntry.id);
  }
  return { transfers: worksOf(found.transfers), entries: entriesOf(found.entries) };
}

async function shownAsEntities(session: Session) {
  const entryIds = Object.values(objectIds).map((objectId) => `operator:${objectId}`);
  const ofOperators = await town.ask(
    session,
    'query ($all: [_Any!]!) { _entities(representations: $all) { ... on Operator { registerEntry { id } } } }',
    { all: Object.values(objectIds).map((slug) => ({ __typename: 'Operator', slug })) },
  );
  const byOperators = ofOperators.data._entities.flatMap(
    ({ registerEntry }: { registerEntry: { id: string } | null }) => registerEntry?.id ?? [],
  );
  const transfers = await town.entities(session, 'Transfer', Object.values(transferIds));
  const entries = await town.entities(session, 'RegisterEntry', entryIds);
  expect(entriesOf(byOperators)).toEqual(entriesOf(entries.map(({ id }) => id)));
  return {
    transfers: worksOf(transfers.map(({ id }) => id)),
    entries: entriesOf(entries.map(({ id }) => id)),
  };
}

describe.each(NAMES)('%s', (name) => {
  const session = PEOPLE[name];
  const { transfers, entries } = SEEN[name];

  test('sees what the table says: by id, as an entity, in lists and in their counts', async () => {
    expect(await shownById(session)).toEqual({ transfers, entries });
    expect(await shownAsEntities(session)).toEqual({ transfers, entries });
    expect(worksOf(await listed(session, 'transfers'))).toEqual(transfers);
    expect(entriesOf(await listed(session, 'registerEntries'))).toEqual(entries);
    for (const entry of ENTRIES) {
      const of = `objectClass: "operator", objectId: "${objectIds[entry]}"`;
      const { data } = await town.ask(session, `{ verifyRegister(${of}) { objects holds } }`);
      expect(data.verifyRegister).toEqual({ objects: entries.includes(entry) ? 1 : 0, holds: true });
    }
  });

  test('reads why where it takes part or administers, and nowhere else', async () => {
    const { data } = await town.ask(
      session,
      `{ transfers { edges { node { id reason endReason transitions { reason } history { edges { node { reason } } } } } } }`,
    );
    const reads = !READ_NO_REASONS.includes(name);
    const WORDS: Readonly<Record<Work, readonly [string, string | null]>> = {
      completed: ['Retires', null],
      proposed: ['Hands over', null],
      bySuperAdmin: ['By order', null],
      away: ['Moves away', 'Never paid'],
    };
    for (const { node } of data.transfers.edges) {
      const [work = 'away'] = worksOf([node.id]);
      const [reason, endReason] = reads ? WORDS[work] : [null, null];
      expect([node.reason, node.endReason]).toEqual([reason, endReason]);
      const rows = [reason, ...node.transitions.slice(1, -1).map(() => null), endReason].slice(
        0,
        node.transitions.length,
      );
      expect(node.transitions.map((one: { reason: string | null }) => one.reason)).toEqual(rows);
      expect(node.history.edges.map((edge: { node: { reason: string | null } }) => edge.node.reason)).toEqual(rows);
    }
  });

  test('sees the policies', async () => {
    const { data, errors } = await town.ask(session, '{ transferPolicies { id version history { totalCount } } }');
    expect(errors).toEqual([]);
    expect(data.transferPolicies).toEqual([{ id: 'operator', version: 2, history: { totalCount: 2 } }]);
    expect(await town.entities(session, 'TransferPolicy', ['operator'])).toEqual([{ id: 'operator' }]);
  });
});

test('a transfer that one does not see is not there for its mutations either', async () => {
  const transferId = transferIds.proposed;
  for (const session of [stranger, rival, governor, PEOPLE.executor, PEOPLE.member]) {
    for (const [field, further] of [
      ['acceptTransfer', {}],
      ['rejectTransfer', {}],
      ['cancelTransfer', {}],
      ['completeTransfer', {}],
      ['voidTransfer', { reason: 'No' }],
      ['addTransferEvidence', { evidence: [] }],
    ] as const) {
      const { data } = await town.attempt(session, field, { transferId, ...further });
      expect(data[field].refusal, `${session.subject} ${field}`).toMatchObject({
        code: 'NOT_FOUND',
        currentState: null,
      });
    }
  }
});

test('what leads from an entry to its transfer is not shown to whom the transfer is not', async () => {
  const query = `query ($id: String!) { registerEntry(objectClass: "operator", objectId: $id) {
    setBy setByTransfer { id } activeTransfer { id } holder { id } } }`;
  const leads = async (session: Session, entry: Entry) => {
    const { data } = await town.ask(session, query, { id: objectIds[entry] });
    return [data.registerEntry.setByTransfer, data.registerEntry.activeTransfer];
  };
  expect(await leads(superAdmin, 'completed')).toEqual([{ id: transferIds.completed }, null]);
  expect(await leads(governor, 'completed')).toEqual([null, null]);
  expect(await leads(holder, 'proposed')).toEqual([null, { id: transferIds.proposed }]);
  expect(await leads(PEOPLE.executor, 'proposed')).toEqual([null, null]);
});

test('the active transfers of a list of entries are read in one statement', async () => {
  const query = vi.spyOn(town.pool, 'query');
  const { data } = await town.ask(
    superAdmin,
    '{ registerEntries { edges { node { objectId activeTransfer { id } } } } }',
  );
  const statements = query.mock.calls.map(([statement]) => (statement as unknown as { text: string }).text);
  query.mockRestore();
  expect(statements.filter((text) => /from transfer\b/.test(text))).toHaveLength(1);
  const active = data.registerEntries.edges.map(
    ({ node }: { node: { objectId: string; activeTransfer: { id: string } | null } }) => [
      node.objectId,
      node.activeTransfer?.id,
    ],
  );
  const ofEntry = (entry: Entry) => (entry === 'proposed' || entry === 'bySuperAdmin' ? transferIds[entry] : undefined);
  expect(new Map(active)).toEqual(new Map(ENTRIES.map((entry) => [objectIds[entry], ofEntry(entry)])));
});

describe('filters and sorts', () => {
  const narrowed = async (filter: string, session: Session = superAdmin) =>
    worksOf(await listed(session, 'transfers', `(filter: { ${filter} })`));

  test('of transfers narrow the list to what they name', async () => {
    const of = (work: Work) => `objectClass: "operator", objectId: "${objectIds[work]}"`;
    expect(await narrowed(of('proposed'))).toEqual(['proposed']);
    expect(await narrowed('objectClass: "operator"')).toEqual(TRANSFERS);
    expect(await narrowed('objectClass: "castle"')).toEqual([]);
    expect(await narrowed(`partyIdentityId: "${rival.identityId}"`)).toEqual(['away']);
    expect(await narrowed(`partyIdentityId: "${superAdmin.identityId}"`)).toEqual(['bySuperAdmin']);
    expect(await narrowed('states: [proposed]')).toEqual(['proposed', 'bySuperAdmin']);
    expect(await narrowed('states: [completed, voided]')).toEqual(['completed', 'away']);
    expect(await narrowed('states: []')).toEqual([]);
    expect(await narrowed('reasonTypes: [succession]')).toEqual(['proposed']);
    expect(await narrowed('classified: false')).toEqual(['bySuperAdmin']);
    expect(await narrowed('classified: true, reasonTypes: [sale], states: [completed]')).toEqual(['completed']);
    expect(await narrowed('since: "2999-01-01T00:00:00Z"')).toEqual([]);
    expect(await narrowed('since: "2020-01-01T00:00:00Z"')).toEqual(TRANSFERS);
  });

  test('find nothing that one does not see', async () => {
    expect(await narrowed(`partyIdentityId: "${rival.identityId}"`, holder)).toEqual([]);
    expect(await narrowed('states: [voided]', holder)).toEqual([]);
    const held = `(filter: { holderIdentityId: "${buyer.identityId}" })`;
    expect(await listed(holder, 'registerEntries', held)).toEqual([]);
    expect(entriesOf(await listed(buyer, 'registerEntries', held))).toEqual(['completed']);
  });

  test('of entries narrow them, too', async () => {
    const entries = async (filter: string) =>
      entriesOf(await listed(superAdmin, 'registerEntries', `(filter: { ${filter} })`));
    expect(await entries(`holderIdentityId: "${rival.identityId}"`)).toEqual(['away']);
    expect(await entries('objectClass: "castle"')).toEqual([]);
    expect(await entries('states: [LOCKED]')).toEqual([]);
    expect(await entries('objectClass: "operator", states: [HELD]')).toEqual(ENTRIES);
  });

  test('of an object without its class are said to be wrong', async () => {
    const { errors } = await town.ask(superAdmin, '{ transfers(filter: { objectId: "crew" }) { totalCount } }');
    expect(errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  const ORDERS = [
    ['transfers', ''],
    ['transfers', 'sort: { field: PROPOSED_AT, direction: ASC }'],
    ['transfers', 'sort: { field: PROPOSED_AT, direction: DESC }'],
    ['registerEntries', ''],
    ['registerEntries', 'sort: { field: OBJECT, direction: DESC }'],
    ['registerEntries', 'sort: { field: SINCE, direction: ASC }'],
    ['registerEntries', 'sort: { field: SINCE, direction: DESC }'],
  ] as const;

  test.each(ORDERS)('%s in the order {%s} come page by page, each once', async (field, sorted) => {
    for (const session of [holder, buyer, superAdmin, executive, AGENT]) {
      const ids: string[] = [];
      for (let after: string | null = null; ; ) {
        const args = [sorted, 'first: 1', `after: ${JSON.stringify(after)}`].filter((arg) => arg !== '').join(', ');
        const { data } = await town.ask(
          session,
          `{ ${field}(${args}) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
        );
        ids.push(...idsOf(data[field].edges));
        if (!data[field].pageInfo.hasNextPage) break;
        after = data[field].pageInfo.endCursor;
      }
      expect(ids).toEqual(await listed(session, field, sorted === '' ? '' : `(${sorted})`));
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test('put them into the order they say', async () => {
    const order = Object.values(transferIds);
    expect(await listed(superAdmin, 'transfers', '(sort: { field: PROPOSED_AT, direction: ASC })')).toEqual(order);
    expect(await listed(superAdmin, 'transfers')).toEqual([...order].reverse());
    const entries = await listed(superAdmin, 'registerEntries');
    expect(entries).toEqual([...entries].sort());
    const since = await listed(superAdmin, 'registerEntries', '(sort: { field: SINCE, direction: DESC })');
    expect(entriesOf(since.slice(0, 1))).toEqual(['completed']);
  });

  test('a cursor of another list, or of somebody else, is no place to go on from', async () => {
    const { data } = await town.ask(buyer, '{ transfers(first: 1) { pageInfo { endCursor } } }');
    const after = `after: ${JSON.stringify(data.transfers.pageInfo.endCursor)}`;
    for (const [session, args] of [
      [buyer, `filter: { states: [proposed] }, ${after}`],
      [buyer, `sort: { field: PROPOSED_AT, direction: ASC }, ${after}`],
      [holder, after],
    ] as const) {
      const { errors } = await town.ask(session, `{ transfers(${args}) { totalCount } }`);
      expect(errors[0]?.extensions?.code, args).toBe('BAD_USER_INPUT');
    }
  });
});

test.each(['holder', 'buyer', 'superAdmin', 'executor'] as const)(
  'whoever was suspended, be it as %s, sees nothing any more, and all of it again once reinstated',
  async (name) => {
    const session = PEOPLE[name];
    const { transfers, entries } = SEEN[name];
    const tell = (event: string, version: number) =>
      town.feed(
        foreignFact(
          'operator',
          event,
          { id: session.identityId, state: event === 'identity_suspended' ? 'SUSPENDED' : 'ACTIVE' },
          { aggregate_version: version },
        ),
      );
    await tell('identity_suspended', 2);
    expect(await shownById(session)).toEqual({ transfers: [], entries: [] });
    expect(await shownAsEntities(session)).toEqual({ transfers: [], entries: [] });
    expect([await listed(session, 'transfers'), await listed(session, 'registerEntries')]).toEqual([[], []]);
    await tell('identity_reinstated', 3);
    expect(await shownById(session)).toEqual({ transfers, entries });
    expect(worksOf(await listed(session, 'transfers'))).toEqual(transfers);
  },
);
