import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { accept, addEvidence, end, expire } from './move.ts';
import {
  ACT,
  COMPLETING,
  codeOf,
  DOCUMENT,
  documents,
  entryWith,
  frozen,
  HOLDER,
  LAST,
  LATER,
  microsAfter,
  OTHER,
  OVERDUE,
  personal,
  proposed,
  SHA,
  SUPER_ADMIN,
  TARGET,
  transferIn,
} from './test/samples.ts';
import { deadlineOf, isOverdue, type Transfer } from './transfer.ts';

const HOLDING = entryWith();
const WHY = personal('no longer wanted');
const WRONG_STATE = refuse('WRONG_STATE');
const DEADLINE_PASSED = refuse('DEADLINE_PASSED');
const PROPOSED_UNTIL = '2026-01-10T10:00:00.123456Z';
const ACCEPTED_UNTIL = '2026-01-15T10:00:00.123456Z';

/** A fact of a transfer, with what every one of them names beside the state after it. */
const fact = (name: string, after: Transfer) => {
  const data = { priorHolderIdentityId: HOLDER, evidenceSha256: after.evidence.map(({ sha256 }) => sha256) };
  return [{ kind: 'event', name, aggregate: 'transfer', after, data }];
};
const session = (addedBy: string, addedAt: string) =>
  ({
    source: 'SYSTEM',
    kind: 'SESSION',
    sha256: SHA.session,
    mediaType: null,
    storageRef: null,
    addedBy,
    addedAt,
  }) as const;
const given = (addedBy: string, addedAt: string) =>
  ({
    source: 'PARTY',
    kind: 'DOCUMENT',
    sha256: SHA.given,
    mediaType: null,
    storageRef: null,
    addedBy,
    addedAt,
  }) as const;

/** A transfer to which parties have put so much evidence. */
function withGiven(transfer: Transfer, count: number, by: string): Transfer {
  return frozen({ ...transfer, evidence: [...transfer.evidence, ...Array(count).fill(given(by, LATER))] });
}

describe('what is accepted', () => {
  const before = transferIn('proposed');

  test('notes by whom and when, its session, then what else was given; authority has not moved', () => {
    expect(accept(before, [DOCUMENT], ACT, HOLDING)).toEqual(
      fact('transfer_accepted', {
        ...before,
        state: 'accepted',
        acceptedBy: TARGET,
        acceptedAt: LATER,
        evidence: [...before.evidence, session(TARGET, LATER), given(TARGET, LATER)],
      }),
    );
  });

  test('is accepted until its deadline, to the microsecond', () => {
    const at = (now: string) => accept(before, [], { ...ACT, now }, HOLDING);
    expect(codeOf(at(microsAfter(PROPOSED_UNTIL, -1)))).toBeUndefined();
    expect(at(PROPOSED_UNTIL)).toEqual(DEADLINE_PASSED);
    expect(at(microsAfter(PROPOSED_UNTIL, 1))).toEqual(DEADLINE_PASSED);
  });

  test('without a deadline, at any time', () => {
    const endless = transferIn('proposed', { proposedExpiresS: null });
    expect(codeOf(accept(endless, [], { ...ACT, now: OVERDUE }, HOLDING))).toBeUndefined();
  });

  test('takes as much evidence as is left, and no other kind', () => {
    const kind = { ...DOCUMENT, kind: 'SESSION' };
    expect(codeOf(accept(withGiven(before, 49, ACT.by), documents(1), ACT, HOLDING))).toBeUndefined();
    expect(codeOf(accept(withGiven(before, 50, ACT.by), documents(1), ACT, HOLDING))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(accept(withGiven(before, 50, ACT.by), [], ACT, HOLDING))).toBeUndefined();
    expect(accept(before, [kind], ACT, HOLDING)).toEqual(refuse('EVIDENCE_KIND_NOT_ALLOWED', { kind: 'SESSION' }));
  });

  test('is told its state before its deadline, and its deadline before its evidence', () => {
    const late = { ...ACT, now: OVERDUE };
    expect(accept(transferIn('accepted'), documents(21), late, HOLDING)).toEqual(WRONG_STATE);
    expect(accept(before, documents(21), late, HOLDING)).toEqual(DEADLINE_PASSED);
  });
});

describe('what ends without effect', () => {
  test.each([
    ['reject', 'proposed', 'rejected', 'transfer_rejected'],
    ['cancel', 'proposed', 'canceled', 'transfer_canceled'],
    ['void', 'accepted', 'voided', 'transfer_voided'],
  ] as const)('%s notes by whom, when, why and under which session', (command, from, state, name) => {
    const before = transferIn(from);
    expect(end(before, command, WHY, COMPLETING, HOLDING)).toEqual(
      fact(name, {
        ...before,
        state,
        endedBy: SUPER_ADMIN,
        endedAt: LAST,
        endReason: WHY,
        evidence: [...before.evidence, session(SUPER_ADMIN, LAST)],
      }),
    );
  });

  test.each(['reject', 'cancel'] as const)('%s takes no reason', (command) => {
    expect(end(transferIn('proposed'), command, null, ACT, HOLDING)).toMatchObject([{ after: { endReason: null } }]);
  });

  test('void takes a reason; that its state does not allow it is told first', () => {
    const voiding = (transfer: Transfer) => end(transfer, 'void', null, COMPLETING, HOLDING);
    expect(voiding(transferIn('accepted'))).toEqual(refuse('REASON_MISSING'));
    expect(voiding(transferIn('proposed'))).toEqual(WRONG_STATE);
    expect(voiding(transferIn('accepted', { voidable: false }))).toEqual(WRONG_STATE);
  });

  test.each(['reject', 'cancel', 'void'] as const)(
    '%s is no step forward: it can be done after the deadline',
    (command) => {
      const overdue = transferIn(command === 'void' ? 'accepted' : 'proposed');
      expect(codeOf(end(overdue, command, WHY, { ...COMPLETING, now: OVERDUE }, HOLDING))).toBeUndefined();
    },
  );
});

describe('what expires', () => {
  test.each([
    ['proposed', PROPOSED_UNTIL],
    ['accepted', ACCEPTED_UNTIL],
  ] as const)('one that is %s, from its deadline on, to the microsecond; nobody is named', (state, deadline) => {
    const before = transferIn(state);
    expect(deadlineOf(before)).toBe(deadline);
    expect(isOverdue(before, microsAfter(deadline, -1))).toBe(false);
    expect(isOverdue(before, deadline)).toBe(true);
    expect(expire(before, microsAfter(deadline, -1), HOLDING)).toEqual(refuse('DEADLINE_NOT_PASSED'));
    expect(expire(before, deadline, HOLDING)).toEqual(
      fact('transfer_expired', { ...before, state: 'expired', endedAt: deadline }),
    );
    expect(before.endedBy).toBeNull();
  });

  test('what was accepted is measured by its own deadline alone', () => {
    expect(codeOf(expire(transferIn('accepted'), PROPOSED_UNTIL, HOLDING))).toBe('DEADLINE_NOT_PASSED');
    expect(expire(transferIn('accepted', { acceptedExpiresS: null }), OVERDUE, HOLDING)).toEqual(WRONG_STATE);
    expect(expire(transferIn('proposed', { proposedExpiresS: null }), OVERDUE, HOLDING)).toEqual(WRONG_STATE);
  });

  test.each(['completed', 'rejected', 'canceled', 'expired', 'voided'] as const)(
    'nothing that is %s is overdue',
    (state) => {
      expect(deadlineOf(transferIn(state))).toBeNull();
      expect(isOverdue(transferIn(state), OVERDUE)).toBe(false);
      expect(expire(transferIn(state), LAST, HOLDING)).toEqual(WRONG_STATE);
    },
  );
});

describe('evidence that is added', () => {
  test.each(['proposed', 'accepted'] as const)(
    'comes after what is there, and changes nothing else of one that is %s',
    (state) => {
      const before = transferIn(state);
      expect(addEvidence(before, [DOCUMENT, DOCUMENT], { by: OTHER, now: LAST }, HOLDING)).toEqual(
        fact('transfer_evidence_added', {
          ...before,
          evidence: [...before.evidence, given(OTHER, LAST), given(OTHER, LAST)],
        }),
      );
    },
  );

  test.each([
    ['proposed', PROPOSED_UNTIL],
    ['accepted', ACCEPTED_UNTIL],
  ] as const)('is taken of one that is %s until its deadline, to the microsecond', (state, deadline) => {
    const at = (now: string) => addEvidence(transferIn(state), [DOCUMENT], { by: OTHER, now }, HOLDING);
    expect(codeOf(at(microsAfter(deadline, -1)))).toBeUndefined();
    expect(at(deadline)).toEqual(DEADLINE_PASSED);
  });

  test('is at least one piece, at most 20 at a time and 50 in all', () => {
    const adding = (there: number, count: number) =>
      addEvidence(withGiven(proposed(), there, OTHER), documents(count), { by: OTHER, now: LATER }, HOLDING);
    expect(adding(0, 0)).toEqual(refuse('LIMIT_EXCEEDED', { field: 'evidence', limit: 'at least 1' }));
    expect(adding(0, 21)).toEqual(refuse('LIMIT_EXCEEDED', { field: 'evidence', limit: '20 at a time' }));
    expect(adding(31, 20)).toEqual(refuse('LIMIT_EXCEEDED', { field: 'evidence', limit: '50 of one identity' }));
    for (const [there, count] of [
      [0, 1],
      [0, 20],
      [30, 20],
      [49, 1],
    ] as const)
      expect(codeOf(adding(there, count))).toBeUndefined();
  });

  test('is told of the state before the deadline, and of that before what is wrong with it', () => {
    const late = { by: OTHER, now: OVERDUE };
    expect(addEvidence(transferIn('completed'), [], late, HOLDING)).toEqual(WRONG_STATE);
    expect(addEvidence(transferIn('proposed'), [], late, HOLDING)).toEqual(DEADLINE_PASSED);
  });
});
