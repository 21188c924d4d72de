import { isRefusal, refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import * as rules from './governance-task.ts';
import { type GovernanceTask, type GovernanceTaskState, type ReviewedEvent, TRANSITIONS } from './governance-task.ts';
import { BY, NOW, personal } from './test/samples.ts';

const STATES = Object.keys(TRANSITIONS) as GovernanceTaskState[];

const subjectOf = (event: ReviewedEvent) => ({
  event,
  transferId: 'transfer-1',
  objectClass: 'operator',
  objectId: 'nypd',
  openedAt: NOW,
  causedByEventId: 'event-1',
});

function taskIn(state: GovernanceTaskState, event: ReviewedEvent = 'transfer_proposed'): GovernanceTask {
  const [created] = rules.create(subjectOf(event));
  if (created === undefined) throw new Error('a governance task is always created');
  const reviewed = state === 'REVIEWED' ? { reviewedBy: 'somebody', reviewedAt: NOW, note: personal('before') } : {};
  return { ...created.after, ...reviewed, state };
}

/** Typed from the doctrine's table (S2:83-87), and not read from the rule. */
const DOCTRINE = [
  ['transfer_proposed', 'high'],
  ['transfer_accepted', 'high'],
  ['transfer_completed', 'medium'],
] as const;

describe('an event of a transfer', () => {
  test.each(DOCTRINE)('T-TR-24 allow: %s comes before the CLO queue, pending, of risk %s', (event, risk) => {
    const after = {
      ...subjectOf(event),
      id: `transfer-1:${event}`,
      state: 'PENDING',
      queue: 'CLO',
      function: 'Transfer Review',
      risk,
      reviewedBy: null,
      reviewedAt: null,
      note: null,
    };
    const created = { kind: 'event', name: 'governance_task_created', aggregate: 'governance_task', after, data: {} };
    expect(rules.create(subjectOf(event))).toEqual([created]);
  });

  test('T-TR-24 deny: no other does', () => {
    expect(Object.keys(rules.RISKS)).toEqual(DOCTRINE.map(([event]) => event));
  });

  test('is found again by the transfer and what happened to it', () => {
    const ids = DOCTRINE.flatMap(([event]) => ['one', 'two'].map((id) => rules.governanceTaskId(id, event)));
    expect(new Set(ids).size).toBe(2 * DOCTRINE.length);
  });
});

/** The life of a governance task: where its only command leads to from where. */
const LIFE: Readonly<Record<GovernanceTaskState, GovernanceTaskState | undefined>> = {
  PENDING: 'REVIEWED',
  REVIEWED: undefined,
};

describe.each(STATES)('a governance task that is %s', (state) => {
  test.each([personal('seen'), null])('T-TR-25 review, noting %o', (note) => {
    const before = taskIn(state);
    const decision = rules.review(before, { by: BY, now: NOW, note });
    const to = LIFE[state];
    if (to === undefined) {
      expect(decision).toEqual(refuse('WRONG_STATE'));
      return;
    }
    if (isRefusal(decision)) throw new Error(decision.code);
    const [reviewed, ...others] = decision;
    expect(others).toEqual([]);
    expect([reviewed?.name, reviewed?.aggregate]).toEqual(['governance_task_reviewed', 'governance_task']);
    expect(reviewed?.after).toEqual({ ...before, state: to, reviewedBy: BY, reviewedAt: NOW, note });
  });
});

test('T-TR-25 deny: nothing but its review leads on from any state', () => {
  expect(TRANSITIONS).toEqual({ PENDING: { review: 'REVIEWED' }, REVIEWED: {} });
});
