import { isRefusal, refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import * as rules from './task.ts';
import { type AssigningFacts, type Task, type TaskCommand, type TaskState, TRANSITIONS } from './task.ts';
import { assignmentIn, BY, DUE, NOW, newTask, personal, TO_OPERATOR, TO_POOL, taskIn } from './test/samples.ts';

const STATES = Object.keys(TRANSITIONS) as TaskState[];
const DECIDING = { by: BY, now: NOW, reason: personal('why') };
const ASSIGNING: rules.Assigning = { ...DECIDING, assignmentId: 'assignment-2', operator: 'nypd', poolId: null };
const FACTS: AssigningFacts = {
  operator: 'ACTIVE',
  poolKnown: true,
  poolHasMember: true,
  current: undefined,
  job: null,
};

const COMMANDS: Record<TaskCommand, (task: Task) => ReturnType<typeof rules.close>> = {
  review: (task) => rules.review(task, { risk: 'HIGH', dueAt: DUE }),
  approve: (task) => rules.approve(task, DECIDING),
  reject: (task) => rules.reject(task, DECIDING),
  assign: (task) => rules.assign(task, ASSIGNING, FACTS),
  withdraw: (task) => rules.withdraw(task, assignmentIn('ACTIVE')),
  create_job: (task) => rules.createJob(task, assignmentIn('ACTIVE'), { jobId: 'job-1', by: BY, now: NOW }),
  close: (task) => rules.close(task, undefined, { now: NOW }),
};

/** The life of a task, typed and not read from the table: the event of each command, and where it leads to from where. */
const LIFE: Readonly<Record<TaskCommand, readonly [event: string, cells: Partial<Record<TaskState, TaskState>>]>> = {
  review: ['task_reviewed', { OPEN: 'IN_REVIEW', IN_REVIEW: 'IN_REVIEW' }],
  approve: ['task_approved', { IN_REVIEW: 'APPROVED' }],
  reject: ['task_rejected', { OPEN: 'REJECTED', IN_REVIEW: 'REJECTED' }],
  assign: ['task_assigned', { APPROVED: 'ASSIGNED', ASSIGNED: 'ASSIGNED' }],
  withdraw: ['task_unassigned', { ASSIGNED: 'APPROVED' }],
  create_job: ['task_handed_off', { ASSIGNED: 'ASSIGNED' }],
  close: ['task_closed', { OPEN: 'CLOSED', IN_REVIEW: 'CLOSED', APPROVED: 'CLOSED', ASSIGNED: 'CLOSED' }],
};

function accepted(decision: ReturnType<typeof rules.close>) {
  if (isRefusal(decision)) throw new Error(decision.code);
  return decision;
}

const aggregateAndName = ({ aggregate, name }: { readonly aggregate: string; readonly name: string }) =>
  `${aggregate} ${name}`;
const codeOf = (decision: ReturnType<typeof rules.close>) => (isRefusal(decision) ? decision.code : undefined);

describe.each(STATES)('a task that is %s', (state) => {
  test.each(Object.keys(COMMANDS) as TaskCommand[])('%s', (command) => {
    const before = taskIn(state);
    const decision = COMMANDS[command](before);
    const [name, { [state]: to }] = LIFE[command];
    if (to === undefined) {
      expect(codeOf(decision)).toBe('WRONG_STATE');
      return;
    }
    const [first] = accepted(decision);
    expect([first?.name, first?.aggregate]).toEqual([name, 'task']);
    expect(first?.after.state).toBe(to);
    // What it is about never changes.
    for (const field of ['id', 'intakeId', 'requestId', 'audience', 'operator', 'routingOrigin', 'openedAt'] as const) {
      expect(first?.after).toHaveProperty(field, before[field]);
    }
  });
});

test('a task is opened with nothing decided', () => {
  const subject = {
    id: 'task-1',
    intakeId: 'intake-1',
    requestId: 'request-1',
    surface: 'municipal',
    category: null,
    audience: 'ADMIN',
    operator: null,
    routingOrigin: null,
    submittedBy: BY,
    openedAt: NOW,
  } as const;
  const undecided = { decidedBy: null, decidedAt: null, decisionReason: null, closedAt: null };
  const nothing = { risk: null, dueAt: null, assignmentId: null, jobId: null, selfGoverned: false, ...undecided };
  expect(rules.open(subject)).toEqual([
    {
      kind: 'event',
      name: 'task_opened',
      aggregate: 'task',
      after: { ...subject, state: 'OPEN', ...nothing },
      data: {},
    },
  ]);
});

describe('audience', () => {
  test('is the operator addressed, where that is active; the network otherwise, whatever the routing origin (T-SP-25)', () => {
    expect(rules.audienceOf('nypd', true)).toEqual({ audience: 'OPERATOR', operator: 'nypd' });
    expect(rules.audienceOf('nypd', false)).toEqual({ audience: 'ADMIN', operator: null });
    expect(rules.audienceOf(null, false)).toEqual({ audience: 'ADMIN', operator: null });
    expect(newTask().routingOrigin).toBe('nypd');
    expect(newTask().operator).toBeNull();
  });
});

describe('review', () => {
  test('what is not said stays', () => {
    const [first] = accepted(rules.review(taskIn('OPEN'), { risk: 'LOW', dueAt: DUE }));
    const [second] = accepted(rules.review(first?.after as Task, { risk: null, dueAt: null }));
    expect(second?.after).toMatchObject({ state: 'IN_REVIEW', risk: 'LOW', dueAt: DUE });
  });

  test.each(['approve', 'reject'] as const)('%s keeps who, when and why', (command) => {
    const [first] = accepted(COMMANDS[command](taskIn('IN_REVIEW')));
    expect(first?.after).toMatchObject({ decidedBy: BY, decidedAt: NOW, decisionReason: personal('why') });
  });
});

describe('assignment', () => {
  test.each([
    ['an operator', { operator: 'nypd', poolId: null }, TO_OPERATOR],
    ['a pool', { operator: null, poolId: 'pool-1' }, TO_POOL],
  ] as const)('to %s makes an assignment and no job (T-SP-03)', (_, to, target) => {
    const events = accepted(rules.assign(taskIn('APPROVED', { dueAt: DUE }), { ...ASSIGNING, ...to }, FACTS));
    expect(events.map(aggregateAndName)).toEqual(['task task_assigned', 'assignment assignment_created']);
    expect(events[0]?.after).toMatchObject({ state: 'ASSIGNED', assignmentId: 'assignment-2', jobId: null });
    expect(events[1]?.after).toEqual({
      ...assignmentIn('ACTIVE', target),
      id: 'assignment-2',
      dueAt: DUE,
      reason: personal('why'),
    });
  });

  type To = { operator?: string | null; poolId?: string | null };
  const inactive = (state: string): [string, To, Partial<AssigningFacts>, string, object] => {
    return [`one that is ${state}`, {}, { operator: state }, 'OPERATOR_NOT_ACTIVE', { operator: 'nypd', state }];
  };
  test.each<[string, To, Partial<AssigningFacts>, string, object]>([
    ['both', { poolId: 'pool-1' }, {}, 'ASSIGNEE_NOT_ONE', {}],
    ['nobody', { operator: null }, {}, 'ASSIGNEE_NOT_ONE', {}],
    ['an operator nobody knows', {}, { operator: null }, 'OPERATOR_UNKNOWN', { operator: 'nypd' }],
    ...['ONBOARDING', 'SUSPENDED', 'RETIRED'].map(inactive),
    ['no pool', { operator: null, poolId: 'x' }, { poolKnown: false }, 'POOL_UNKNOWN', {}],
    ['an empty pool', { operator: null, poolId: 'x' }, { poolHasMember: false }, 'POOL_EMPTY', { poolId: 'x' }],
    [
      'somebody else while one is in force',
      {},
      { current: assignmentIn('ACTIVE') },
      'ALREADY_ASSIGNED',
      { assignment: 'assignment-1' },
    ],
  ])('is refused to %s', (_, command, facts, code, details) => {
    const decision = rules.assign(taskIn('APPROVED'), { ...ASSIGNING, ...command }, { ...FACTS, ...facts });
    expect(decision).toEqual(refuse(code, details as never));
  });

  const handedOff = taskIn('ASSIGNED', { jobId: 'job-1' });
  const current = assignmentIn('HANDED_OFF');

  test('again after a canceled job, which the next one does again (C-28)', () => {
    const events = accepted(rules.assign(handedOff, ASSIGNING, { ...FACTS, current, job: 'CANCELED' }));
    expect(events[1]?.after).toMatchObject({ reworkOf: 'job-1' });
  });

  test.each([null, 'QUEUED', 'CLAIMED', 'STARTED', 'COMPLETED'])('not again while the job is %s', (job) => {
    const refusal = refuse('ALREADY_HANDED_OFF', { jobId: 'job-1', job: job ?? 'UNKNOWN' });
    expect(rules.assign(handedOff, ASSIGNING, { ...FACTS, current, job })).toEqual(refusal);
  });

  test('of an operator to itself is allowed, and marked (C-24)', () => {
    const own = taskIn('APPROVED', { audience: 'OPERATOR', operator: 'nypd' });
    for (const { after } of accepted(rules.assign(own, ASSIGNING, FACTS))) expect(after.selfGoverned).toBe(true);
    const other = accepted(rules.assign(own, { ...ASSIGNING, operator: 'dsny' }, FACTS));
    for (const { after } of other) expect(after.selfGoverned).toBe(false);
  });
});

describe('withdrawal', () => {
  test('gives the task back to be assigned', () => {
    const events = accepted(rules.withdraw(taskIn('ASSIGNED', { selfGoverned: true }), assignmentIn('ACTIVE')));
    expect(events.map(aggregateAndName)).toEqual(['task task_unassigned', 'assignment assignment_withdrawn']);
    expect(events.map(({ after }) => after.state)).toEqual(['APPROVED', 'WITHDRAWN']);
    expect(events[0]?.after).toMatchObject({ assignmentId: null, selfGoverned: false });
  });

  test.each(['HANDED_OFF', 'WITHDRAWN'] as const)('not of one that is %s', (state) => {
    const decision = rules.withdraw(taskIn('ASSIGNED'), assignmentIn(state));
    expect(decision).toEqual(refuse('WRONG_STATE', { assignment: state }));
  });
});

describe('hand-off', () => {
  const command = { jobId: 'job-9', by: BY, now: NOW };

  test('allots the job, once', () => {
    const events = accepted(rules.createJob(taskIn('ASSIGNED'), assignmentIn('ACTIVE'), command));
    expect(events.map(aggregateAndName)).toEqual(['task task_handed_off', 'assignment assignment_handed_off']);
    expect(events[0]?.after).toMatchObject({ state: 'ASSIGNED', jobId: 'job-9' });
    expect(events[1]?.after).toMatchObject({ state: 'HANDED_OFF', jobId: 'job-9', handedOffBy: BY });
  });

  test.each([
    [undefined, 'NONE'],
    [assignmentIn('HANDED_OFF'), 'HANDED_OFF'],
    [assignmentIn('WITHDRAWN'), 'WITHDRAWN'],
  ])('not of %o', (assignment, standing) => {
    for (const jobId of ['job-1', null]) {
      const refusal = refuse('ALREADY_HANDED_OFF', { jobId: jobId ?? '', assignment: standing });
      expect(rules.createJob(taskIn('ASSIGNED', { jobId }), assignment, command)).toEqual(refusal);
    }
  });
});

describe('closing', () => {
  test('withdraws what was not handed off, so that nothing can be', () => {
    // The second assignment, after the first one's job was canceled.
    const task = taskIn('ASSIGNED', { jobId: 'job-1', selfGoverned: true });
    const events = accepted(rules.close(task, assignmentIn('ACTIVE'), { now: NOW }));
    expect(events.map(aggregateAndName)).toEqual(['task task_closed', 'assignment assignment_withdrawn']);
    expect(events[0]?.after).toMatchObject({
      state: 'CLOSED',
      assignmentId: null,
      selfGoverned: false,
      jobId: 'job-1',
    });
  });

  test('leaves what was handed off, and says which job it was (T-SP-12)', () => {
    const task = taskIn('ASSIGNED', { jobId: 'job-1' });
    const events = accepted(rules.close(task, assignmentIn('HANDED_OFF'), { now: NOW }));
    expect(events.map(aggregateAndName)).toEqual(['task task_closed']);
    expect(events.map(({ after }) => after)).toEqual([{ ...task, state: 'CLOSED', closedAt: NOW }]);
  });
});
