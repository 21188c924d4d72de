import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { NAMES, openTown, PEOPLE, type Town } from './town.ts';

const { auditor, executor, governor, holder } = PEOPLE;

let town: Town;
let founded = 0;
/** Another operator of the holder, whose slug comes in the middle of the others. */
async function found(session: Session = governor): Promise<string> {
  founded += 1;
  const slug = `m${'nopqrst'[founded]}-crew`;
  const named = { slug, name: `Founded ${founded}`, type: 'AGENCY', surfaces: ['parking'] };
  await town.mutate(session, 'onboardOperator', { ...named, holderIdentityId: holder.identityId });
  return slug;
}

beforeAll(async () => {
  town = await openTown();
  // A delegate who is a member, too, and has both powers: one person to whom the holder is led on three grounds.
  await town.mutate(holder, 'addWorkspaceMember', { operator: 'crew', identityId: executor.identityId });
  await town.mutate(holder, 'delegate', { operator: 'crew', identityId: executor.identityId, power: 'GOVERN' });
  await found();
});
afterAll(() => town?.stop());

type List = 'identities' | 'operators';
const KEYS = { identities: 'id', operators: 'slug' } as const;
const ORDERS = [
  ['identities', 'REGISTERED_AT', 'ASC'],
  ['identities', 'REGISTERED_AT', 'DESC'],
  ['operators', 'SLUG', 'ASC'],
  ['operators', 'SLUG', 'DESC'],
  ['operators', 'ONBOARDED_AT', 'ASC'],
  ['operators', 'ONBOARDED_AT', 'DESC'],
] as const;

async function pageOf(session: Session, list: List, args: string) {
  const key = KEYS[list];
  const query = `{ ${list}(${args}) { totalCount edges { node { ${key} } } pageInfo { hasNextPage endCursor } } }`;
  const { data, errors } = await town.ask(session, query);
  expect(errors).toEqual([]);
  const { edges, pageInfo, totalCount } = data[list];
  const keys: string[] = edges.map(({ node }: { node: Record<string, string> }) => node[key]);
  return { keys, totalCount, ...(pageInfo as { hasNextPage: boolean; endCursor: string | null }) };
}

/** Reads page by page; `between` happens once, behind the first page. */
async function paged(session: Session, list: List, args: string, between: () => Promise<unknown>): Promise<string[]> {
  const keys: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await pageOf(session, list, `${args}, first: 1, after: ${JSON.stringify(after)}`);
    keys.push(...page.keys);
    if (!page.hasNextPage) return keys;
    if (after === null) await between();
    after = page.endCursor;
  }
}

describe.each(ORDERS)('%s by %s %s', (list, field, direction) => {
  const sorted = `sort: { field: ${field}, direction: ${direction} }`;

  test.each(['holder', 'rival', 'auditor', 'stranger'] as const)(
    'page by page, %s gets each once, whatever number of grounds it is seen on',
    async (name) => {
      const { keys, totalCount } = await pageOf(PEOPLE[name], list, `${sorted}, first: 100`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(totalCount).toBe(keys.length);
      expect(await paged(PEOPLE[name], list, sorted, async () => {})).toEqual(keys);
    },
  );

  test('one that comes in between two pages makes none come twice and none be missed', async () => {
    const session = list === 'identities' ? auditor : holder;
    const { keys: before } = await pageOf(session, list, `${sorted}, first: 100`);
    const between = () =>
      list === 'operators' ? found() : town.mutate(sessionOf(`newcomer ${direction}`), 'registerIdentity', {});
    const read = await paged(session, list, sorted, between);
    expect(new Set(read).size).toBe(read.length);
    expect(read.filter((key) => before.includes(key))).toEqual(before);
    const { keys: after } = await pageOf(session, list, `${sorted}, first: 100`);
    expect(after).toHaveLength(before.length + 1);
    expect(after.filter((key) => read.includes(key))).toEqual(read);
  });
});

test('a delegate on three grounds is one person to the holder', async () => {
  const { keys } = await pageOf(holder, 'identities', 'first: 100');
  expect(keys.filter((id) => id === executor.identityId)).toHaveLength(1);
});

describe('a cursor', () => {
  const codeOf = async (session: Session, list: List, args: string) =>
    (await town.ask(session, `{ ${list}(${args}) { totalCount } }`)).errors[0]?.extensions?.code;

  test.each([
    ['identities', 'filter: { kind: HUMAN }', 'sort: { field: REGISTERED_AT, direction: ASC }'],
    ['operators', 'filter: { mine: true }', 'search: "crew"'],
    ['operators', 'sort: { field: ONBOARDED_AT, direction: ASC }', 'sort: { field: SLUG, direction: DESC }'],
  ] as const)('of %s is none of another filter, sort, list, person, nor made up', async (list, one, another) => {
    const { endCursor } = await pageOf(holder, list, 'first: 1');
    const after = `after: ${JSON.stringify(endCursor)}`;
    expect(await codeOf(holder, list, after)).toBeUndefined();
    for (const [session, of, args] of [
      [holder, list, `${one}, ${after}`],
      [holder, list, `${another}, ${after}`],
      [holder, list === 'operators' ? 'identities' : 'operators', after],
      [auditor, list, after],
      [holder, list, 'after: "bm9uZQ"'],
      [holder, list, 'first: 0'],
      [holder, list, 'first: 101'],
    ] as const) {
      expect(await codeOf(session, of, args), args).toBe('BAD_USER_INPUT');
    }
  });

  test('of the people of one operator is none of another', async () => {
    const people = (slug: string, field: string, args: string) =>
      town.ask(
        auditor,
        `{ operator(slug: "${slug}") { ${field}(${args}) { edges { node { id } } pageInfo { endCursor } } } }`,
      );
    for (const field of ['delegations', 'members']) {
      const { data } = await people('crew', field, 'first: 1');
      const { edges, pageInfo } = data.operator[field];
      const after = `after: ${JSON.stringify(pageInfo.endCursor)}`;
      const next = (await people('crew', field, after)).data.operator[field].edges;
      expect(next.map(({ node }: { node: { id: string } }) => node.id)).not.toContain(edges[0].node.id);
      expect((await people('rivals', field, after)).errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('a filter', () => {
  const kept = async (list: List, args: string, session: Session = auditor) =>
    (await pageOf(session, list, `first: 100, ${args}`)).keys;

  test('of operators keeps what it names, and the search what it finds', async () => {
    const all = await kept('operators', 'sort: { field: SLUG, direction: ASC }');
    for (const every of ['filter: { readiness: NOT_READY }', 'filter: { states: [ACTIVE, ONBOARDING] }']) {
      expect(await kept('operators', every), every).toEqual(all);
    }
    expect(await kept('operators', 'filter: { type: ORGANIZATION }')).toEqual(['crew', 'rivals']);
    expect(await kept('operators', 'filter: { surface: "freight" }')).toEqual(['crew']);
    expect(await kept('operators', 'filter: { states: [ACTIVE] }')).toEqual(['crew', 'rivals']);
    expect(await kept('operators', 'filter: { states: [] }')).toEqual([]);
    expect(await kept('operators', 'search: "THE RIVALS"')).toEqual(['rivals']);
    for (const none of ['search: "%r%"', 'search: "c_ew"', 'search: "\\\\\\\\"'])
      expect(await kept('operators', none), none).toEqual([]);
    expect(await kept('operators', 'filter: { mine: true }', PEOPLE.helper)).toEqual(['crew', 'rivals']);
    expect(await kept('operators', 'filter: { mine: true }', PEOPLE.stranger)).toEqual([]);
    for (const search of ['x', 'x'.repeat(101)]) {
      const { errors } = await town.ask(auditor, `{ operators(search: "${search}") { totalCount } }`);
      expect(errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    }
  });

  test('of identities keeps what it names', async () => {
    const suspended = PEOPLE.stranger.identityId;
    await town.mutate(PEOPLE.superAdmin, 'suspendIdentity', { identityId: suspended });
    expect(await kept('identities', 'filter: { states: [SUSPENDED] }')).toEqual([suspended]);
    expect(await kept('identities', 'filter: { kind: SERVICE }')).toEqual([]);
    expect((await kept('identities', 'filter: { kind: HUMAN }')).length).toBeGreaterThanOrEqual(NAMES.length);
    expect(await kept('identities', 'filter: { states: [SUSPENDED] }', holder)).toEqual([]);
  });
});
