import { describe, expect, test } from 'vitest';
import { canAnswerAll, QUESTIONS, type SevenAnswers, sevenAnswers } from './seven-answers.ts';
import {
  DOCTRINE_ALONE,
  frozen,
  HOLDER,
  proposed,
  SHA,
  SUPER_ADMIN,
  TARGET,
  TRANSFER_ID,
  transferIn,
} from './test/samples.ts';
import { run } from './test/steps.ts';
import type { Transfer, TransferState } from './transfer.ts';

/** S2:20-29, typed from it word by word. */
const SEED = {
  who: 'Who — which verified actors are the from-party and to-party?',
  what: 'What — what state or authority is moving?',
  underWhatConditions:
    'Under what conditions — what lifecycle state must the transfer be in before execution can occur?',
  withWhatEvidence: 'With what evidence — what records support the transfer?',
  approvedByWhom: 'Approved by whom — what role must authorize each transition?',
  recordedWhere: 'Recorded where — which storage paths are the authoritative register?',
  reversibleOrIrreversible:
    'Reversible or irreversible — does the governance model allow rollback or cancellation, or is the completed state permanent?',
} as const;
type Question = keyof typeof SEED;
const ALL = Object.keys(SEED) as Question[];

const answered = (answers: SevenAnswers) => ALL.filter((question) => answers[question].answered);
const factsOf = (answers: SevenAnswers, question: Question) =>
  Object.fromEntries(answers[question].facts.map(({ name, value }) => [name, value]));

/** A transfer as rules made it, step by step, so that its evidence is theirs. */
const accepted = run(['accept']).transfer as Transfer;
const completed = run(['accept', 'complete']).transfer as Transfer;

test('T-TR-21 allow: the questions are the seven of the doctrine, in its words and its order', () => {
  expect(QUESTIONS).toEqual(SEED);
  expect(Object.keys(QUESTIONS)).toEqual(ALL);
  expect(Object.fromEntries(ALL.map((one) => [one, sevenAnswers(accepted)[one].question]))).toEqual(SEED);
});

describe('which are answered', () => {
  test.each([
    ['accepted', accepted],
    ['completed', completed],
    ['voided', transferIn('voided')],
    ['expired after it was accepted', transferIn('expired')],
  ])('T-TR-21 allow: all, of one that is %s', (_, transfer) => {
    expect(answered(sevenAnswers(transfer))).toEqual(ALL);
    expect(sevenAnswers(transfer).complete).toBe(true);
  });

  test.each([
    ['proposed', transferIn('proposed')],
    ['rejected', transferIn('rejected')],
    ['canceled', transferIn('canceled')],
    ['expired before it was accepted', frozen({ ...transferIn('expired'), acceptedBy: null, acceptedAt: null })],
  ])('T-TR-21 deny: all but who approved it, of one that is %s', (_, transfer) => {
    expect(answered(sevenAnswers(transfer))).toEqual(ALL.filter((question) => question !== 'approvedByWhom'));
    expect(sevenAnswers(transfer).complete).toBe(false);
  });

  const without = (kinds: readonly string[]) => (transfer: Transfer) =>
    frozen({ ...transfer, evidence: transfer.evidence.filter(({ kind }) => !kinds.includes(kind)) });
  const withoutSessionOf = (by: string) => (transfer: Transfer) =>
    frozen({
      ...transfer,
      evidence: transfer.evidence.filter(({ kind, addedBy }) => kind !== 'SESSION' || addedBy !== by),
    });
  const withSessionsOf = (by: string) => (transfer: Transfer) =>
    frozen({ ...transfer, evidence: transfer.evidence.map((one) => ({ ...one, addedBy: by })) });
  const LACKS: readonly [string, Question, (transfer: Transfer) => Transfer][] = [
    ['evidence', 'withWhatEvidence', (transfer) => frozen({ ...transfer, evidence: [] })],
    ['a session', 'withWhatEvidence', without(['SESSION'])],
    ['the session of its proposal', 'withWhatEvidence', withoutSessionOf(HOLDER)],
    ['the session of its acceptance', 'withWhatEvidence', withoutSessionOf(TARGET)],
    ['the session of whoever accepted it, and not of another', 'withWhatEvidence', withSessionsOf(SUPER_ADMIN)],
    [
      'the session of that very acceptance',
      'withWhatEvidence',
      (one) => frozen({ ...one, acceptedAt: 'another time' }),
    ],
    ['a from-party', 'who', (transfer) => frozen({ ...transfer, fromIdentityId: '' })],
    ['a to-party', 'who', (transfer) => frozen({ ...transfer, toIdentityId: '' })],
    ['who accepted it', 'approvedByWhom', (transfer) => frozen({ ...transfer, acceptedBy: null })],
  ];

  test.each(LACKS)('T-TR-21 deny: not all, where it lacks %s', (_, question, take) => {
    const answers = sevenAnswers(take(accepted));
    expect(answered(answers)).toEqual(ALL.filter((one) => one !== question));
    expect(answers.complete).toBe(false);
  });

  test.each(LACKS)('T-TR-21 deny: it is not completed where it lacks %s', (_, __, take) => {
    expect(canAnswerAll(take(accepted))).toBe(false);
  });

  test('T-TR-21 allow: it is completed where it lacks nothing', () => {
    expect(canAnswerAll(accepted)).toBe(true);
  });

  const OTHERS: readonly TransferState[] = ['proposed', 'completed', 'rejected', 'canceled', 'expired', 'voided'];
  test.each(OTHERS)('T-TR-21 allow: of one that is %s nothing is asked, whatever it lacks', (state) => {
    const transfer = transferIn(state);
    expect(canAnswerAll(transfer)).toBe(true);
    for (const [, , take] of LACKS) expect(canAnswerAll(take(transfer))).toBe(true);
  });
});

describe('what answers them', () => {
  test('who and what: from whom to whom, over what and at which version', () => {
    const answers = sevenAnswers(accepted);
    expect(factsOf(answers, 'who')).toStrictEqual({ fromParty: HOLDER, toParty: TARGET });
    expect(factsOf(answers, 'what')).toStrictEqual({ authorityOver: 'operator nypd', atRegisterVersion: '4' });
  });

  test('under what conditions: where it stands, and its terms', () => {
    const conditions = { executableFrom: 'accepted', distinctActors: 'strict', policyVersion: '3' };
    expect(factsOf(sevenAnswers(accepted), 'underWhatConditions')).toStrictEqual({ state: 'accepted', ...conditions });
    const literal = sevenAnswers(proposed({ distinctActors: 'literal' }));
    expect(factsOf(literal, 'underWhatConditions')).toStrictEqual({
      ...conditions,
      state: 'proposed',
      distinctActors: 'literal',
    });
  });

  test('with what evidence: every hash of it, and the sessions', () => {
    expect(factsOf(sevenAnswers(accepted), 'withWhatEvidence')).toStrictEqual({
      evidence: `REGISTER_ENTRY ${SHA.entry}, SESSION ${SHA.session}, SESSION ${SHA.session}`,
      sessions: 'each transition names its session',
    });
    expect(factsOf(sevenAnswers({ ...accepted, evidence: [] }), 'withWhatEvidence')).toStrictEqual({});
  });

  test('approved by whom: who it was, or who it takes', () => {
    const proposer = `${HOLDER}, as current owner or super_admin`;
    const acceptor = `${TARGET}, as target identity or super_admin`;
    expect(factsOf(sevenAnswers(transferIn('proposed')), 'approvedByWhom')).toStrictEqual({
      proposed: proposer,
      completed: 'takes a super_admin',
    });
    expect(factsOf(sevenAnswers(accepted), 'approvedByWhom')).toStrictEqual({
      proposed: proposer,
      accepted: acceptor,
      completed: 'takes a super_admin',
    });
    expect(factsOf(sevenAnswers(completed), 'approvedByWhom')).toStrictEqual({
      proposed: proposer,
      accepted: acceptor,
      completed: `${SUPER_ADMIN}, as super_admin`,
    });
  });

  test('recorded where: the entry of the register, and the history', () => {
    expect(factsOf(sevenAnswers(accepted), 'recordedWhere')).toStrictEqual({
      register: 'register_entry operator:nypd',
      history: `journal of transfer ${TRANSFER_ID}`,
    });
  });

  const effectless = 'ended without effect; the register was not changed by it';
  test.each([
    ['proposed', 'reversible: it may be canceled or rejected', 'reversible: it may be canceled or rejected'],
    ['accepted', 'reversible: a super_admin may void it', 'irreversible by its parties: it waits for its completion'],
    ['completed', 'irreversible: a correction is another transfer', 'irreversible: a correction is another transfer'],
    ['rejected', effectless, effectless],
    ['canceled', effectless, effectless],
    ['expired', effectless, effectless],
    ['voided', effectless, effectless],
  ] as const)('reversible or irreversible: one that is %s', (state, extended, alone) => {
    const answer = (policy = {}) => factsOf(sevenAnswers(transferIn(state, policy)), 'reversibleOrIrreversible');
    expect(answer()).toStrictEqual({ answer: extended });
    expect(answer(DOCTRINE_ALONE)).toStrictEqual({ answer: alone });
  });
});
