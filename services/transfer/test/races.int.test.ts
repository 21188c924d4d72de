import { randomUUID } from 'node:crypto';
import { waitFor } from '@qtm/local';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../../infra/service-kit/src/command/run.ts';
import { ownSession } from '../../../infra/service-kit/src/service/own-acts.ts';
import { porcupineVerdict } from '../../../test/chaos/check/porcupine.ts';
import type { History } from '../../../test/chaos/check/search.ts';
import { newTrace } from '../../../test/harness/in-process.ts';
import { Random } from '../../../test/harness/random.ts';
import { expireTransfer } from '../src/commands/moves.ts';
import { isLinearizable, type Operation } from './linearizable.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { PEOPLE } from './town.ts';

const { holder, buyer, superAdmin, secondSuperAdmin, grantedSuperAdmin } = PEOPLE;
const SEED = Date.now() % 2 ** 31;
const random = new Random(SEED);

let town: OwnedTown;
beforeAll(async () => {
  town = await openOwnedTown();
});
afterAll(() => town?.stop());

/** Who may do what whenever its state allows it, so that every answer is the state's: whoever completes takes no other part. */
const ACTS: readonly (readonly [act: string, by: Session])[] = [
  ['accept', buyer],
  ['accept', secondSuperAdmin],
  ['cancel', holder],
  ['cancel', secondSuperAdmin],
  ['reject', buyer],
  ['complete', superAdmin],
  ['complete', grantedSuperAdmin],
  ['complete', superAdmin],
  ['void', superAdmin],
  ['expire', ownSession('transfer')],
  ['read', PEOPLE.auditor],
];

/** What one of them is answered. */
type Answered = Pick<Operation, 'answer' | 'state' | 'version'>;

async function answered(act: string, by: Session, transferId: string): Promise<Answered> {
  if (act === 'expire') return expired(by, transferId);
  if (act === 'read') {
    const { data } = await town.ask(by, 'query ($id: ID!) { transfer(id: $id) { state version } }', { id: transferId });
    return { answer: 'told', ...data.transfer };
  }
  const field = `${act}Transfer`;
  const input = { transferId, ...(act === 'void' ? { reason: 'No' } : {}) };
  const { data, errors } = await town.attempt(by, field, input, 'transfer { version }');
  if (errors.length > 0) return { answer: String(errors[0]?.extensions?.code) };
  const { refusal, transfer } = data[field];
  return refusal === null
    ? { answer: 'done', version: transfer.version }
    : { answer: refusal.code, state: refusal.currentState };
}

/** As the clock does it, which finds it due or not. */
async function expired(session: Session, transferId: string): Promise<Answered> {
  const input = { transferId, idempotencyKey: randomUUID() };
  const request = { session, pool: town.pool, trace: newTrace(), upToDate: true, wrote: () => undefined };
  const { refusal } = await runCommand(town.chassis, expireTransfer, input, request);
  return refusal === null ? { answer: 'done' } : { answer: refusal.code, state: refusal.currentState ?? '' };
}

/** Several at once, each one act after another; what they asked, when, and what they were answered. */
async function race(transferId: string): Promise<readonly Operation[]> {
  const plans = Array.from({ length: 5 }, () => Array.from({ length: 3 }, () => random.pick(ACTS)));
  const operations: Operation[] = [];
  await Promise.all(
    plans.map(async (plan) => {
      for (const [act, by] of plan) {
        const fromMs = performance.now();
        const answer = await answered(act, by, transferId);
        operations.push({ act, fromMs, toMs: performance.now(), ...answer });
      }
    }),
  );
  return operations;
}

/** Transfers to be raced for, each of an operator of its own. */
async function proposed(count: number, proposedExpiresSeconds: number | null): Promise<readonly string[]> {
  const crews: string[] = [];
  while (crews.length < count) crews.push(await town.newCrew());
  const policy = { objectClass: 'operator', distinctActors: 'strict', proposedExpiresSeconds };
  await town.mutate(superAdmin, 'setTransferPolicy', policy);
  const transferIds: string[] = [];
  for (const objectId of crews) transferIds.push(await town.propose(holder, buyer, { objectId }));
  return transferIds;
}

/** Waits until the deadline of a transfer is about to pass, where it has one: it passes while they race, or a little before. */
async function nearDeadline(transferId: string): Promise<void> {
  const aheadMs = random.integer(0, 15);
  const [row] = await town.rows<{ deadline: string | null }>('select deadline from transfer where id = $1', [
    transferId,
  ]);
  const near = () => (Date.now() >= Date.parse(row?.deadline ?? '1970-01-01') - aheadMs ? true : undefined);
  await waitFor(near, { timeoutMs: 20_000, what: 'its deadline comes near', everyMs: 1 });
}

/** As the checker knows them that shares no code with this one: it knows nothing of deadlines, so what is refused for one is left out. */
function asPorcupineKnows(operations: readonly Operation[]): History['operations'] {
  const proposed = { kind: 'propose', fromMs: 0, toMs: 0, happened: 'done' } as const;
  const known = operations.flatMap(({ act, answer, ...rest }): History['operations'] => {
    const happened = ({ done: 'done', told: 'told', WRONG_STATE: 'refused' } as const)[answer];
    if (happened === undefined || (act === 'expire' && happened === 'refused')) return [];
    return [{ ...rest, kind: act, happened }];
  });
  return [proposed, ...known];
}

const ENDINGS = ['completed', 'rejected', 'canceled', 'expired', 'voided'];

describe('T-TR-37: accept, cancel, reject, complete, void and expire at once', () => {
  test.each([
    ['without a deadline', 24, null],
    ['while its deadline passes', 24, 1],
  ] as const)(
    'T-TR-37 allow: %s, one ending wins, and every answer was right at some moment',
    async (_, rounds, expires) => {
      const transferIds = await proposed(rounds, expires);
      const seen: Record<string, number> = {};
      const histories: History[] = [];
      for (const [index, transferId] of transferIds.entries()) {
        if (index % 3 > 0) await nearDeadline(transferId);
        const operations = await race(transferId);
        const about = `seed ${SEED}: ${JSON.stringify(operations)}`;
        expect(isLinearizable({ expires: expires !== null, operations }), about).toBe(true);
        histories.push({ of: 'transfer', id: transferId, operations: asPorcupineKnows(operations) });
        const told = await town.rows<{ new_state: string }>(
          'select new_state from journal where aggregate_id = $1 order by aggregate_version',
          [transferId],
        );
        const states = told.map((row) => row.new_state);
        const endings = states.filter((state) => ENDINGS.includes(state));
        expect(endings.length, about).toBeLessThanOrEqual(1);
        const won = operations.filter(({ act, answer }) => answer === 'done' && act !== 'accept');
        expect(won.length, about).toBe(endings.length);
        const last = states.at(-1) ?? '';
        seen[last] = (seen[last] ?? 0) + 1;
        const [entry] = await town.rows(
          `select holder_identity_id as holder, register_version as version from register_entry
          where id = (select entry_id from transfer where id = $1)`,
          [transferId],
        );
        const moved = endings[0] === 'completed';
        expect(entry, about).toEqual({ holder: (moved ? buyer : holder).identityId, version: moved ? 2 : 1 });
      }
      const verdict = await porcupineVerdict(histories);
      expect(verdict?.findings ?? [], `seed ${SEED}`).toEqual([]);
      const second = verdict === undefined ? 'no Go compiler for porcupine' : `${verdict.checked} held by porcupine`;
      process.stdout.write(`races of seed ${SEED}: ${JSON.stringify(seen)}; ${second}\n`);
      const { data } = await town.ask(superAdmin, '{ verifyRegister { objects holds divergences { id what } } }');
      expect(data.verifyRegister).toMatchObject({ holds: true, divergences: [] });
    },
  );
});

describe('T-TR-37 deny: the search for an order finds none where', () => {
  const at = (
    fromMs: number,
    toMs: number,
    act: string,
    answer: string,
    further: Partial<Operation> = {},
  ): Operation => ({
    act,
    fromMs,
    toMs,
    answer,
    ...further,
  });
  test.each<[string, boolean, readonly Operation[]]>([
    ['two endings were acknowledged', false, [at(0, 9, 'cancel', 'done'), at(0, 9, 'reject', 'done')]],
    ['it was completed and never accepted', false, [at(0, 9, 'complete', 'done')]],
    ['it was canceled once accepted', false, [at(0, 1, 'accept', 'done'), at(2, 3, 'cancel', 'done')]],
    [
      'a reader was shown what was over',
      false,
      [at(0, 1, 'accept', 'done'), at(2, 3, 'read', 'told', { state: 'proposed', version: 1 })],
    ],
    [
      'it was refused in a state in which it was not',
      false,
      [at(0, 9, 'complete', 'WRONG_STATE', { state: 'voided' })],
    ],
    ['it was refused what its state allows', false, [at(0, 9, 'accept', 'WRONG_STATE', { state: 'proposed' })]],
    ['it expired without a deadline', false, [at(0, 9, 'expire', 'done')]],
    ['it was accepted after its deadline', true, [at(0, 1, 'accept', 'DEADLINE_PASSED'), at(2, 3, 'accept', 'done')]],
    [
      'two were told the same version',
      false,
      [at(0, 9, 'accept', 'done', { version: 2 }), at(0, 9, 'void', 'done', { version: 2 })],
    ],
  ])('%s', (_, expires, operations) => {
    expect(isLinearizable({ expires, operations })).toBe(false);
  });

  test('and one where there is one', () => {
    const operations = [
      at(0, 9, 'complete', 'done', { version: 3 }),
      at(0, 9, 'accept', 'done', { version: 2 }),
      at(0, 9, 'cancel', 'WRONG_STATE', { state: 'accepted' }),
      at(0, 9, 'reject', 'WRONG_STATE', { state: 'completed' }),
      at(0, 9, 'void', 'unknown'),
      at(0, 9, 'read', 'told', { state: 'proposed', version: 1 }),
    ];
    expect(isLinearizable({ expires: false, operations })).toBe(true);
    const overdue = [
      at(0, 9, 'expire', 'DEADLINE_NOT_PASSED', { state: 'proposed' }),
      at(0, 9, 'accept', 'DEADLINE_PASSED', { state: 'proposed' }),
      at(0, 9, 'expire', 'done'),
    ];
    expect(isLinearizable({ expires: true, operations: overdue })).toBe(true);
  });
});
