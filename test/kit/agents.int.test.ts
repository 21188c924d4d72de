import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACTIONS } from '../harness/agreement.ts';
import { sessionOf } from '../harness/sessions.ts';
import { type Lending, openLending } from './lending-bench.ts';

const DUE = '2999-01-01T00:00:00.000000Z';
const borrower = sessionOf('borrower', ['requester']);
const reader: Session = sessionOf('reader', [], 'AGENT');
/** An agent that acts for whoever borrowed it. */
const borrowing: Session = { ...borrower, kind: 'AGENT' };
const AGENTS = [
  ['a stranger', reader],
  ['whoever borrowed it', borrowing],
] as const;

let bench: Lending;
let loan: string;
let unseen: string;
let shelf: string;
beforeAll(async () => {
  bench = await openLending();
  loan = await bench.lend(borrower, { dueAt: DUE, note: 'for Ann' });
  unseen = await bench.lend(borrower, { dueAt: DUE, ending: 'UNSEEN' });
  await tried(borrower, 'renewLoan', { loanId: loan, dueAt: DUE, reason: 'not read yet' });
  shelf = (await tried(borrower, 'putShelf', {})).data.putShelf.shelf.id;
});
afterAll(() => bench?.stop());

function tried(session: Session, field: string, input: object) {
  const [type, answer] = field.endsWith('Loan') ? [`${capital(field)}Input`, 'loan'] : ['ShelfInput', 'shelf'];
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${answer} { id } refusal { code } } }`;
  return bench.ask(session, query, { input: { idempotencyKey: randomUUID(), ...input } });
}
const capital = (word: string) => `${word[0]?.toUpperCase()}${word.slice(1)}`;

const HISTORY = 'history { totalCount edges { node { transition actorId reason } } }';
const LOAN = `query ($id: ID!) { loan(id: $id) { state note ${HISTORY} } }`;
const LISTS = `{ loans { totalCount edges { node { id note } } } shelves { totalCount edges { node { id } } } }`;
const ENTITIES = `query ($all: [_Any!]!) { _entities(representations: $all) {
  ... on Loan { id note ${HISTORY} } ... on Shelf { id ${HISTORY} } } }`;

const TOLD = [
  { node: { transition: 'loan.take', actorId: borrower.identityId, reason: null } },
  { node: { transition: 'loan.renew', actorId: borrower.identityId, reason: null } },
];

describe.each(AGENTS)('an agent of %s', (_, agent) => {
  test('reads by its id what agents may see, and how it came about', async () => {
    const { data, errors } = await bench.ask(agent, LOAN, { id: loan });
    expect(errors).toEqual([]);
    expect(data.loan).toEqual({ state: 'OPEN', note: null, history: { totalCount: 2, edges: TOLD } });
  });

  test('reads no row that the predicate does not show it, and nothing of what is not for agents', async () => {
    const { data } = await bench.ask(agent, LOAN, { id: unseen });
    expect(data.loan).toBeNull();
    const asked = await bench.ask(agent, `query ($id: ID!) { shelf(id: $id) { state } }`, { id: shelf });
    expect(asked.data.shelf).toBeNull();
  });

  test('lists and counts just these', async () => {
    const { data, errors } = await bench.ask(agent, LISTS);
    expect(errors).toEqual([]);
    expect(data.loans).toEqual({ totalCount: 1, edges: [{ node: { id: loan, note: null } }] });
    expect(data.shelves).toEqual({ totalCount: 0, edges: [] });
  });

  test('looks up just these as entities', async () => {
    const all = [
      { __typename: 'Loan', id: loan },
      { __typename: 'Loan', id: unseen },
      { __typename: 'Shelf', id: shelf },
    ];
    const { data } = await bench.ask(agent, ENTITIES, { all });
    expect(data._entities).toEqual([{ id: loan, note: null, history: { totalCount: 2, edges: TOLD } }, null, null]);
  });

  test('is told of each transition, once, that it is for no agent, and nothing else', async () => {
    const { data, errors } = await bench.ask(agent, `query ($id: ID!) { loan(id: $id) { ${ACTIONS} } }`, { id: loan });
    expect(errors).toEqual([]);
    const remedy = 'it takes a session of kind HUMAN';
    const denied = [{ clause: 'principals', group: 'principals', holds: false, remedy }];
    expect(data.loan.actions).toEqual(
      ['loan.renew', 'shelf.move'].map((transition) => {
        return { transition, input: [], allowed: false, clauses: denied, refusal: null };
      }),
    );
  });

  test('changes nothing of what it sees', async () => {
    const { errors } = await tried(agent, 'renewLoan', { loanId: loan, dueAt: DUE });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'principals' });
  });
});

test('whoever borrowed it reads all of it, the values of people and reasons, too', async () => {
  const { data } = await bench.ask(borrower, LOAN, { id: loan });
  expect(data.loan.note).toBe('for Ann');
  expect(data.loan.history.edges[1].node.reason).toBe('not read yet');
  const { data: all } = await bench.ask(borrower, LISTS);
  expect([all.loans.totalCount, all.shelves.totalCount]).toEqual([2, 1]);
  const { data: own } = await bench.ask(borrower, `query ($id: ID!) { loan(id: $id) { ${ACTIONS} } }`, { id: loan });
  const offered = own.loan.actions.map(({ transition }: { transition: string }) => transition);
  expect(offered).toEqual(['loan.renew', 'shelf.move', 'shelf.move']);
});

test('an agent pages through what it sees with its own cursors', async () => {
  const second = await bench.lend(borrower, { dueAt: DUE });
  const query =
    'query ($after: String) { loans(first: 1, after: $after) { edges { node { id } } pageInfo { endCursor } } }';
  const first = await bench.ask(reader, query);
  const { endCursor } = first.data.loans.pageInfo;
  const next = await bench.ask(reader, query, { after: endCursor });
  const ids = [first, next].map(({ data }) => data.loans.edges[0].node.id);
  expect(ids).toEqual([loan, second]);
});
