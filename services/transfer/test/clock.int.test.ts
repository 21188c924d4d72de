import { randomUUID } from 'node:crypto';
import { waitFor } from '@qtm/local';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Clock } from '../../../infra/service-kit/src/clock/clock.ts';
import { CLOCK } from '../../../infra/service-kit/src/command/flight.ts';
import { runCommand } from '../../../infra/service-kit/src/command/run.ts';
import { rowsOf } from '../../../infra/service-kit/src/database/statement.ts';
import { ownSession } from '../../../infra/service-kit/src/service/own-acts.ts';
import { newTrace } from '../../../test/harness/in-process.ts';
import { completion } from '../src/commands/completion.ts';
import { acceptTransfer, expireTransfer } from '../src/commands/moves.ts';
import { readObjectClasses } from '../src/object-classes.ts';
import { service } from '../src/service.ts';
import { AGENT, openTown, PEOPLE, proved, SERVICE, type Town } from './town.ts';

const { holder, buyer, superAdmin } = PEOPLE;
const completeTransfer = completion(new Map(readObjectClasses().map((of) => [of.class, of])));
/** Once a moment is enough to wait for. */
const SOON = { proposedExpiresSeconds: 1 };
const SOON_ONCE_ACCEPTED = { proposedExpiresSeconds: null, acceptedExpiresSeconds: 1 };

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.stop());

/** As two replicas have it: each a clock of its own. */
const newClock = () => new Clock(town.chassis, town.pool, service.clock ?? []);

/** A transfer of an operator of its own, under terms with these deadlines. */
async function proposedUnder(deadlines: object): Promise<string> {
  const objectId = await town.newCrew();
  const policy = { objectClass: 'operator', distinctActors: 'strict', ...deadlines };
  await town.mutate(proved(superAdmin), 'setTransferPolicy', policy);
  return town.propose(holder, buyer, { objectId });
}

/** Waits until the database's clock has passed the deadline of a transfer, as it stands. */
async function overdue(transferId: string): Promise<void> {
  const passed = async () => {
    const [row] = await town.rows<{ deadline: string }>('select deadline from transfer where id = $1', [transferId]);
    const [clock] = await rowsOf<{ now: string }>(town.pool, CLOCK);
    return (clock?.now ?? '') >= (row?.deadline ?? '~') ? true : undefined;
  };
  await waitFor(passed, { timeoutMs: 20_000, what: 'its deadline passes' });
}

const stateOf = async (transferId: string) =>
  (await town.rows('select state from transfer where id = $1', [transferId]))[0]?.state;
const journalOf = (transferId: string) =>
  town.rows('select * from journal where aggregate_id = $1 order by aggregate_version', [transferId]);

/** How a command of a session ends: the error's code, the refusal's, or ACCEPTED. */
async function outcome(by: Session, field: string, input: object): Promise<string> {
  const { data, errors } = await town.attempt(by, field, input);
  return String(errors[0]?.extensions?.code ?? data[field].refusal?.code ?? 'ACCEPTED');
}

describe('a transfer whose deadline has passed', () => {
  test('T-TR-01 allow: expires once, although two replicas look at the same time, and frees the object', async () => {
    const transferIds = [];
    for (let index = 0; index < 5; index++) transferIds.push(await proposedUnder(SOON));
    for (const transferId of transferIds) await overdue(transferId);
    await Promise.all([newClock().look(), newClock().look()]);
    for (const transferId of transferIds) {
      const [, expired, ...further] = await journalOf(transferId);
      expect(further).toEqual([]);
      expect(expired).toMatchObject({
        transition: 'transfer.expire',
        prior_state: 'proposed',
        new_state: 'expired',
        actor_id: 'transfer',
        actor_kind: 'SERVICE',
        authority: 'own_clock',
        session_hash: null,
      });
      expect(await outcome(superAdmin, 'acceptTransfer', { transferId })).toBe('WRONG_STATE');
    }
    const [row] = await town.rows(
      `select object_id, published ->> 'ended_by' as by, published ->> 'ended_at' >= published -> 'terms' ->> 'proposed_until' as late
        from transfer where id = $1`,
      [transferIds[0]],
    );
    expect([row?.by, row?.late]).toEqual([null, true]);
    await town.propose(holder, buyer, { objectId: row?.object_id });
  });

  test('T-TR-01 allow: expires once accepted, where its terms say so', async () => {
    const transferId = await proposedUnder(SOON_ONCE_ACCEPTED);
    await town.mutate(buyer, 'acceptTransfer', { transferId });
    await overdue(transferId);
    await newClock().look();
    expect(await stateOf(transferId)).toBe('expired');
    expect((await journalOf(transferId)).at(-1)).toMatchObject({ prior_state: 'accepted', authority: 'own_clock' });
  });

  test('is neither accepted nor completed nor supported any more, also before the clock has looked', async () => {
    const transferId = await proposedUnder(SOON);
    await overdue(transferId);
    for (const by of [buyer, superAdmin]) {
      expect(await outcome(by, 'acceptTransfer', { transferId })).toBe('DEADLINE_PASSED');
    }
    const evidence = [{ kind: 'DOCUMENT', sha256: 'a'.repeat(64) }];
    expect(await outcome(holder, 'addTransferEvidence', { transferId, evidence })).toBe('DEADLINE_PASSED');
    expect(await stateOf(transferId)).toBe('proposed');
    expect(await outcome(holder, 'cancelTransfer', { transferId }), 'to end it is still theirs').toBe('ACCEPTED');

    const accepted = await proposedUnder(SOON_ONCE_ACCEPTED);
    await town.mutate(buyer, 'acceptTransfer', { transferId: accepted });
    await overdue(accepted);
    const input = { transferId: accepted };
    expect(await outcome(proved(superAdmin), 'completeTransfer', input)).toBe('DEADLINE_PASSED');
  });

  test('holds the object until the clock has looked', async () => {
    const transferId = await proposedUnder(SOON);
    await overdue(transferId);
    const [row] = await town.rows('select object_id from transfer where id = $1', [transferId]);
    const again = { objectClass: 'operator', objectId: row?.object_id, toIdentityId: buyer.identityId };
    expect(await outcome(holder, 'proposeTransfer', again)).toBe('TRANSFER_ACTIVE');
    await newClock().look();
    expect(await outcome(holder, 'proposeTransfer', again)).toBe('ACCEPTED');
  });
});

describe('the clock', () => {
  const asked = (session: Session) => ({
    session,
    pool: town.pool,
    trace: newTrace(),
    upToDate: true,
    wrote: () => undefined,
  });

  test('T-TR-01 deny: leaves alone what has no deadline, or one that has not passed', async () => {
    const never = await proposedUnder({ proposedExpiresSeconds: null });
    const later = await proposedUnder({ proposedExpiresSeconds: 3_600 });
    const accepted = await proposedUnder({ proposedExpiresSeconds: 3_600 });
    await town.mutate(buyer, 'acceptTransfer', { transferId: accepted });
    const passed = await proposedUnder(SOON);
    await overdue(passed);
    await newClock().look();
    expect(await Promise.all([never, later, accepted, passed].map(stateOf))).toEqual([
      'proposed',
      'proposed',
      'accepted',
      'expired',
    ]);
  });

  test.each([
    ['that has no deadline', { proposedExpiresSeconds: null }, 'WRONG_STATE'],
    ['whose deadline has not passed', { proposedExpiresSeconds: 3_600 }, 'DEADLINE_NOT_PASSED'],
  ])('T-TR-01 deny: the service itself does not expire one %s', async (_, deadlines, code) => {
    const transferId = await proposedUnder(deadlines);
    const input = { transferId, idempotencyKey: randomUUID() };
    const { refusal } = await runCommand(town.chassis, expireTransfer, input, asked(ownSession('transfer')));
    expect(refusal?.code).toBe(code);
  });

  const AUTOMATIC = [
    ['the service’s own clock', ownSession('transfer')],
    ['a service that says it has every role', proved(SERVICE)],
    ['a service that is the identity it goes to', proved({ ...buyer, kind: 'SERVICE' })],
    ['an agent', proved(AGENT)],
    ['an agent of a super_admin', proved({ ...superAdmin, kind: 'AGENT' })],
  ] as const satisfies readonly (readonly [string, Session])[];

  test.each(AUTOMATIC)('T-TR-22 deny: %s neither accepts nor completes', async (_, session) => {
    const transferId = await proposedUnder({ proposedExpiresSeconds: 3_600 });
    const tried = (of: typeof acceptTransfer | typeof completeTransfer) =>
      runCommand(town.chassis, of, { transferId, idempotencyKey: randomUUID() }, asked(session));
    const denied = { extensions: { code: 'FORBIDDEN', clause: 'principals' } };
    await expect(tried(acceptTransfer)).rejects.toMatchObject(denied);
    await town.mutate(buyer, 'acceptTransfer', { transferId });
    await expect(tried(completeTransfer)).rejects.toMatchObject(denied);
    expect(await stateOf(transferId)).toBe('accepted');
  });

  test('T-TR-22 deny: no service, nor an agent, expires one either, be it due', async () => {
    const transferId = await proposedUnder(SOON);
    await overdue(transferId);
    for (const [who, session] of AUTOMATIC.slice(1)) {
      const run = runCommand(
        town.chassis,
        expireTransfer,
        { transferId, idempotencyKey: randomUUID() },
        asked(session),
      );
      await expect(run, who).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    }
    expect(await stateOf(transferId)).toBe('proposed');
  });

  test('T-TR-22 allow: has one command, and that one ends a transfer', () => {
    expect(service.clock?.map(({ command }) => command.transition)).toEqual(['transfer.expire']);
    const own = [...town.chassis.matrix.rows].filter(([, { principals }]) => principals.includes('SERVICE'));
    expect(own.map(([transition]) => transition)).toEqual(['transfer.expire']);
  });
});
