import { describe, expect, test } from 'vitest';
import type { Attempt } from '../attempt.ts';
import type { WireAnswer } from '../wire-answer.ts';
import { Canaries, type Chain, type Dealing } from '../world/canaries.ts';
import type { Person } from '../world/people.ts';
import { answerProblems } from './answer.ts';

const NORTH: Chain = { name: 'north done', submitter: 'north requester', governedBy: 'network', worker: 'north' };
const ADDRESSED: Chain = { name: 'north addressed', submitter: 'north requester', governedBy: 'north' };
const POOLED: Chain = { name: 'north pooled', submitter: 'north requester', governedBy: 'network', claimant: 'north' };
const OFFER: Dealing = { name: 'north offer', parties: ['north HOLDER', 'north MEMBER'] };
const TRANSFER = '019b8d2e-7a00-7000-8000-000000000002';
const ID = '019b8d2e-7a00-7000-8000-000000000001';

const canaries = new Canaries();
const asked = canaries.plant('asked', NORTH);
const decision = canaries.plant('decision', ADDRESSED);
const pooled = canaries.plant('asked', POOLED);
const name = canaries.plant('called', 'north HOLDER');
canaries.plantIds(NORTH, [ID]);
const motive = canaries.plant('motive', OFFER);
canaries.plantIds(OFFER, [TRANSFER]);

const human = (change: Partial<Person> = {}): Person => {
  return { name: 'somebody', subject: 's', kind: 'HUMAN', roles: [], registered: true, ...change };
};
const of = (operator: string, standing: 'HOLDER' | 'EXECUTE' | 'GOVERN' | 'MEMBER') =>
  human({ name: `${operator} ${standing}`, of: { operator, standing } });

const attempt = (person: Person | undefined, change: Partial<Attempt> = {}): Attempt => {
  const door = { name: 'gateway', url: 'http://nowhere' };
  return { label: 'it', door, request: { body: '{"query":"{ me { id } }"}' }, person, ...change };
};
const answer = (body: unknown, change: Partial<WireAnswer> = {}): WireAnswer => {
  return {
    status: 200,
    headers: {},
    elapsedMs: 1,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...change,
  };
};
const found = (
  person: Person | undefined,
  body: unknown,
  change: Partial<WireAnswer> = {},
  of: Partial<Attempt> = {},
) => answerProblems(attempt(person, of), answer(body, change), canaries).map(({ invariant }) => invariant);

const ROWS = 'no row of another’s';

test('an ordinary answer is none to complain of', () => {
  const refusal = { code: 'NOT_FOUND', message: 'there is no such task, or you may not see it' };
  expect(found(human(), { data: { approveTask: { task: null, refusal } } })).toEqual([]);
  expect(found(human(), { errors: [{ message: 'you may not do this', extensions: { code: 'FORBIDDEN' } }] })).toEqual(
    [],
  );
});

describe('planted faults are found', () => {
  test('a status of 500, an unforeseen code, an error without one', () => {
    expect(found(human(), 'oops', { status: 500 })).toEqual(['no 5xx']);
    expect(found(human(), { errors: [{ extensions: { code: 'INTERNAL' } }] })).toEqual(['no unforeseen fault']);
    expect(found(human(), { errors: [{ message: 'x' }] })).toEqual(['no unforeseen fault']);
  });

  test('no answer at all, unless hanging up is one; an answer too late', () => {
    expect(found(human(), 'ECONNRESET of the peer', { status: 0 })).toContain('always an answer');
    expect(found(human(), 'closed', { status: 0 }, { mayHangUp: true })).toEqual([]);
    expect(found(human(), { data: null }, { elapsedMs: 40_000 })).toEqual(['answered in time']);
  });

  test('another’s personal value, another’s id, also within a cursor, a message or a header', () => {
    expect(found(human(), { data: { a: asked } })).toEqual([ROWS]);
    expect(found(human(), { data: { a: ID } })).toEqual([ROWS]);
    const cursor = Buffer.from(JSON.stringify(['binding', '2026-01-01T00:00:00.000000Z', ID])).toString('base64url');
    expect(found(human(), { data: { cursor } })).toEqual([ROWS]);
    expect(found(human(), { errors: [{ message: `no ${ID}`, extensions: { code: 'X' } }] })).toEqual([ROWS]);
    expect(found(human(), {}, { headers: { 'qtm-consistency': `jobs/job/${ID}@1.1~x` } })).toEqual([ROWS]);
  });

  test('why authority moves, told to an overseer, an agent, or a delegate of the operator', () => {
    const agent = human({ kind: 'AGENT' });
    const clo = human({ roles: ['clo_reviewer'] });
    for (const person of [agent, clo, human({ roles: ['auditor'] })]) {
      expect(found(person, { data: { a: TRANSFER } })).toEqual([]);
      expect(found(person, { data: { a: motive } })).toEqual([ROWS]);
    }
    for (const person of [of('north', 'HOLDER'), of('north', 'MEMBER'), human({ roles: ['super_admin'] })]) {
      expect(found(person, { data: { a: motive, b: TRANSFER } })).toEqual([]);
    }
    expect(found(of('north', 'EXECUTE'), { data: { a: TRANSFER } })).toEqual([ROWS]);
    expect(found(of('south', 'HOLDER'), { data: { a: motive } })).toEqual([ROWS]);
  });

  test('what one may see is no fault, nor what one has said oneself', () => {
    expect(found(human({ name: 'north requester' }), { data: { asked, ID } })).toEqual([]);
    expect(found(of('north', 'MEMBER'), { data: { asked, ID } })).toEqual([]);
    expect(found(human(), { data: { a: ID } }, {}, { request: { body: `{"id":"${ID}"}` } })).toEqual([]);
  });

  test.each([
    ['the other operator’s holder', of('south', 'HOLDER'), asked],
    ['an overseer, of what a row says of people', human({ roles: ['auditor'] }), asked],
    ['an executor, of a task that is not theirs to govern', of('north', 'EXECUTE'), decision],
    ['a member, of why it was decided', of('north', 'MEMBER'), decision],
    ['the network’s governor, of what an operator was addressed with', human({ roles: ['admin_governor'] }), decision],
    ['whoever may claim a job, of what it says of people', of('north', 'HOLDER'), pooled],
    ['an agent, whoever it acts for', { ...human({ name: 'north requester' }), act: { qtm_kind: 'AGENT' } }, asked],
    ['a holder, of what another is called', of('south', 'HOLDER'), name],
    ['nobody at all', undefined, asked],
  ])('%s', (_, person, value) => {
    expect(found(person, { data: { a: value } })).toEqual([ROWS]);
  });

  test('data without a session, and a command accepted of an agent', () => {
    expect(found(undefined, { data: { me: { id: 'x' } } }, {}, { sessionless: true })).toEqual([
      'nothing without a session',
    ]);
    expect(found(human({ kind: 'AGENT' }), { data: { claimJob: { refusal: null } } })).toEqual(['no agent acts']);
    expect(found(human(), { data: { claimJob: { refusal: null } } })).toEqual([]);
  });

  test('a count that is not what the whole list shows', () => {
    const list = (totalCount: number, hasNextPage = false) => ({
      data: { jobs: { edges: [{}], totalCount, pageInfo: { hasNextPage, hasPreviousPage: false } } },
    });
    const still = { stillLists: true };
    expect(found(human(), list(1), {}, still)).toEqual([]);
    expect(found(human(), list(2, true), {}, still)).toEqual([]);
    for (const count of [0, 2]) expect(found(human(), list(count), {}, still)).toEqual(['counts count what is seen']);
    expect(found(human(), list(2))).toEqual([]);
  });

  test('what an attempt itself expects', () => {
    expect(found(human(), {}, {}, { verdict: () => 'another' })).toEqual(['as promised']);
  });
});
