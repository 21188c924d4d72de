import { randomUUID } from 'node:crypto';
import { waitFor } from '@qtm/local';
import { type Session, sql } from '@qtm/service-kit';
import { createSessionVerifier } from '@qtm/service-kit/process';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Clock } from '../../infra/service-kit/src/clock/clock.ts';
import type { Deadline } from '../../infra/service-kit/src/clock/deadline.ts';
import { runCommand } from '../../infra/service-kit/src/command/run.ts';
import { newTrace } from '../harness/in-process.ts';
import { sessionOf } from '../harness/sessions.ts';
import { sharedStack } from '../harness/stack.ts';
import { lapseLoan, lending } from './lending.ts';
import { type Lending, openLending } from './lending-bench.ts';

const PAST = '2020-01-01T00:00:00.000000Z';
const FUTURE = '2999-01-01T00:00:00.000000Z';
const borrower = sessionOf('borrower', ['requester']);

let bench: Lending;
beforeAll(async () => {
  bench = await openLending();
});
afterAll(() => bench?.stop());

const clockOf = (deadlines: readonly Deadline[] = lending.clock ?? []) =>
  new Clock(bench.chassis, bench.pool, deadlines);
const lend = (ending = 'LAPSED', dueAt = PAST) => bench.lend(borrower, { dueAt, ending });
const stateOf = async (id: string): Promise<unknown> =>
  (await bench.rows('select state from loan where id = $1', [id]))[0]?.state;
const lapses = (ids: readonly string[]) =>
  bench.rows("select * from journal where transition = 'loan.lapse' and aggregate_id = any($1)", [[...ids]]);
const attempts = (id: string) =>
  bench.rows(
    `select published -> 'clause' as clause, published -> 'principal_kind' as kind from attempt
    where published ->> 'subject_id' = $1 and published ->> 'transition' = 'loan.lapse'`,
    [id],
  );

describe('the own clock of a service', () => {
  test('does what is due, as the service itself, and leaves what is not', async () => {
    const [due, later] = [await lend(), await lend('LAPSED', FUTURE)];
    await clockOf().look();
    expect([await stateOf(due), await stateOf(later)]).toEqual(['LAPSED', 'OPEN']);
    const rows = await lapses([due]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      actor_id: 'lending',
      actor_kind: 'SERVICE',
      authority: 'own_clock',
      session_hash: null,
      matrix_version: bench.chassis.matrix.version,
    });
  });

  test('does it once, although two look at the same time', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 10; index++) ids.push(await lend());
    await Promise.all([clockOf().look(), clockOf().look()]);
    expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(['LAPSED']));
    expect(await lapses(ids)).toHaveLength(ids.length);
    const keys = await bench.rows("select distinct identity_id from idempotency where transition = 'loan.lapse'");
    expect(keys).toHaveLength(1);
  });

  test('goes on past what is refused, denied or fails, and leaves that alone for a while', async () => {
    const stuck = { refused: await lend('REFUSED'), denied: await lend('DENIED'), failed: await lend('FAILED') };
    const due = await lend();
    const clock = clockOf();
    const warn = vi.spyOn(bench.chassis.logger, 'warn');
    await clock.look();
    expect(await stateOf(due)).toBe('LAPSED');
    expect(await Promise.all(Object.values(stuck).map(stateOf))).toEqual(['OPEN', 'OPEN', 'OPEN']);
    expect(await attempts(stuck.denied)).toEqual([{ clause: 'not_sealed', kind: 'SERVICE' }]);
    const said = warn.mock.calls.length;
    await clock.look();
    expect(await attempts(stuck.denied)).toHaveLength(1);
    expect(warn).toHaveBeenCalledTimes(said);
    warn.mockRestore();
    const text = await bench.registry.metrics();
    for (const outcome of ['done', 'refused', 'denied', 'failed']) {
      expect(text).toMatch(new RegExp(`qtm_clock_runs_total{.*transition="loan.lapse",outcome="${outcome}"`));
    }
    await bench.rows("update loan set state = 'KEPT' where id = any($1)", [Object.values(stuck)]);
  });

  test('loses to whoever changed it since it was found, and goes on', async () => {
    const [renewed, due] = [await lend(), await lend()];
    const found: Deadline = {
      command: lapseLoan,
      due: () => sql`select id as loan_id, 1 as expected_version from loan
        where id = any(${[renewed, due]}::uuid[]) order by ordered`,
    };
    const input = { idempotencyKey: randomUUID(), loanId: renewed, dueAt: FUTURE };
    const query = 'mutation ($input: RenewLoanInput!) { renewLoan(input: $input) { refusal { code } } }';
    expect((await bench.ask(borrower, query, { input })).errors).toEqual([]);
    await clockOf([found]).look();
    expect([await stateOf(renewed), await stateOf(due)]).toEqual(['OPEN', 'LAPSED']);
  });

  test('says once that its database fails it, and goes on when that is over', async () => {
    const [warn, info] = [vi.spyOn(bench.chassis.logger, 'warn'), vi.spyOn(bench.chassis.logger, 'info')];
    const clock = clockOf();
    const id = await lend();
    await asOwner('alter table loan rename to loan_elsewhere');
    await clock.look();
    await clock.look();
    expect(warn).toHaveBeenCalledTimes(1);
    await asOwner('alter table loan_elsewhere rename to loan');
    await clock.look();
    expect(await stateOf(id)).toBe('LAPSED');
    expect(info).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    info.mockRestore();
  });

  test('looks by itself until it is stopped, and then begins nothing', async () => {
    const clock = clockOf();
    const id = await lend();
    clock.start(10);
    const lapsed = async () => ((await stateOf(id)) === 'LAPSED' ? true : undefined);
    await waitFor(lapsed, { timeoutMs: 20_000, what: 'the clock does what is due' });
    await clock.stop();
    const afterwards = await lend();
    await clock.look();
    expect(await stateOf(afterwards)).toBe('OPEN');
    await clockOf().look();
  });
});

async function asOwner(text: string): Promise<void> {
  const client = new Client({ connectionString: bench.ownerUrl });
  await client.connect();
  await client.query(text);
  await client.end();
}

describe('what the own clock alone may do', () => {
  const tokens = [
    ['a service that is the borrower', { ...borrower, kind: 'SERVICE' }, 'anyOf'],
    ['a service with every role', { ...borrower, kind: 'SERVICE', roles: ['super_admin', 'admin_governor'] }, 'anyOf'],
    ['a super_admin', { ...borrower, roles: ['super_admin'] }, 'principals'],
    ['an agent', { ...borrower, kind: 'AGENT' }, 'principals'],
  ] as const satisfies readonly (readonly [string, Session, string])[];

  test.each(tokens)('is denied to %s, and is an attempt', async (_, session, clause) => {
    const loanId = await lend();
    const before = await bench.rows('select id from attempt');
    const request = { session, pool: bench.pool, trace: newTrace(), upToDate: true, wrote: () => undefined };
    const run = runCommand(bench.chassis, lapseLoan, { loanId, idempotencyKey: randomUUID() }, request);
    await expect(run).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN', clause } });
    expect(await stateOf(loanId)).toBe('OPEN');
    const tried = await bench.rows("select published ->> 'clause' as clause from attempt where not id = any($1)", [
      before.map(({ id }) => id),
    ]);
    expect(tried).toEqual([{ clause }]);
  });

  test('is denied to whoever only says to be the service: no claim of a token makes a session its own', async () => {
    const { issuer } = sharedStack();
    const { issuer: name, audience, jwksUrl } = issuer;
    const verify = createSessionVerifier({ issuer: name, audience, jwksUrl, rolesClaim: 'roles' });
    const extra = { own: true, identityId: 'lending' };
    const session = await verify(await issuer.sign({ subject: 'lending', kind: 'SERVICE', extra }));
    expect('own' in session).toBe(false);
    expect(session.identityId).not.toBe('lending');
  });
});
