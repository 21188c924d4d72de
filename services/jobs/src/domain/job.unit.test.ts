import { isRefusal } from '@qtm/service-kit/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cancel,
  claim,
  complete,
  type Job,
  type JobCommand,
  type JobState,
  lastJobOf,
  release,
  start,
  TRANSITIONS,
} from './job.ts';
import { ASSIGNED, BY, intakeIn, jobIn, LATER, newJob, POOL } from './test/samples.ts';

const STATES = Object.keys(TRANSITIONS) as JobState[];
const COMMANDS: readonly JobCommand[] = ['claim', 'release', 'start', 'complete', 'cancel'];
const intake = intakeIn('IN_PROGRESS');

/** Each command with everything else in its favour, so that the state alone decides. */
const ATTEMPTS = {
  claim: (job: Job) => claim(job, { asOperator: 'nypd', by: BY, now: LATER }, { poolMember: true }),
  release: (job: Job) => release(job),
  start: (job: Job) => start(job, { serviceEventId: 'service-event-2', now: LATER }),
  complete: (job: Job) => complete(job, { now: LATER }, { serviceEvent: 'COMPLETED', intake }),
  cancel: (job: Job) => cancel(job, { now: LATER }, { serviceEvent: 'ABORTED', intake }),
} satisfies Record<JobCommand, unknown>;

/** The job after the command, or undefined where it was refused. */
function attempt(job: Job, command: JobCommand): Job | undefined {
  const decision = ATTEMPTS[command](job);
  return isRefusal(decision) ? undefined : (decision[0]?.after as Job);
}

/** The life of a job, typed and not read from the table: the event of each command, and where it leads to from where. */
const LIFE: Readonly<Record<JobCommand, readonly [event: string, cells: Partial<Record<JobState, JobState>>]>> = {
  claim: ['job_claimed', { QUEUED: 'CLAIMED' }],
  release: ['job_released', { CLAIMED: 'QUEUED' }],
  start: ['job_started', { CLAIMED: 'STARTED' }],
  complete: ['job_completed', { STARTED: 'COMPLETED' }],
  cancel: ['job_canceled', { QUEUED: 'CANCELED', CLAIMED: 'CANCELED', STARTED: 'CANCELED' }],
};

describe('every state × every command', () => {
  const cells = STATES.flatMap((state) => COMMANDS.map((command) => ({ state, command })));
  test.each(cells)('$state × $command', ({ state, command }) => {
    const [name, { [state]: to }] = LIFE[command];
    for (const target of [ASSIGNED, POOL]) {
      const decision = ATTEMPTS[command](jobIn(state, target));
      if (to === undefined) expect(decision).toEqual({ kind: 'refusal', code: 'WRONG_STATE', details: [] });
      else expect(decision).toMatchObject({ 0: { name, aggregate: 'job', after: { state: to } } });
    }
  });

  test('every state is reached from QUEUED by commands', () => {
    const reached = new Set<JobState>(['QUEUED']);
    for (const state of reached) for (const to of Object.values(TRANSITIONS[state])) reached.add(to);
    expect([...reached].sort()).toEqual([...STATES].sort());
  });
});

describe('claim', () => {
  test('notes the operator, the identity and the time', () => {
    expect(attempt(jobIn('QUEUED'), 'claim')).toMatchObject({ heldBy: 'nypd', claimedBy: BY, claimedAt: LATER });
  });

  test('of an assigned job: only the assignee, whatever pools the other is in (C-23)', () => {
    const decision = claim(jobIn('QUEUED'), { asOperator: 'fdny', by: BY, now: LATER }, { poolMember: true });
    expect(decision).toMatchObject({
      code: 'OPERATOR_NOT_ASSIGNED',
      details: [{ name: 'asOperator', value: 'fdny' }],
    });
  });

  test("of a pool's job: any member, and nobody else", () => {
    const job = jobIn('QUEUED', POOL);
    const command = { asOperator: 'fdny', by: BY, now: LATER };
    expect(claim(job, command, { poolMember: true })).toMatchObject([{ after: { state: 'CLAIMED', heldBy: 'fdny' } }]);
    expect(claim(job, command, { poolMember: false })).toMatchObject({ code: 'OPERATOR_NOT_ASSIGNED' });
  });

  test('where it came from is not who may claim it (T-SP-02)', () => {
    const job = newJob({ target: { mode: 'ASSIGNED', operator: 'fdny', poolId: null } }, { routingOrigin: 'nypd' });
    const decision = claim(job, { asOperator: 'nypd', by: BY, now: LATER }, { poolMember: false });
    expect(decision).toMatchObject({ code: 'OPERATOR_NOT_ASSIGNED' });
  });
});

describe('release', () => {
  test('forgets the holder, and says in the event who it was', () => {
    expect(release(jobIn('CLAIMED'))).toMatchObject([
      { name: 'job_released', after: { heldBy: null, claimedBy: null, claimedAt: null }, data: { heldBy: 'nypd' } },
    ]);
  });

  test("a pool's job can be claimed by another member afterwards", () => {
    const released = attempt(jobIn('CLAIMED', POOL), 'release') as Job;
    const again = claim(released, { asOperator: 'fdny', by: BY, now: LATER }, { poolMember: true });
    expect(again).toMatchObject([{ after: { heldBy: 'fdny' } }]);
  });
});

describe('start', () => {
  test('allots the service event; the holder stays', () => {
    expect(attempt(jobIn('CLAIMED'), 'start')).toMatchObject({
      serviceEventId: 'service-event-2',
      startedAt: LATER,
      heldBy: 'nypd',
    });
  });

  test('a second start finds another state: one service event per job (T-SP-07)', () => {
    const started = attempt(jobIn('CLAIMED'), 'start') as Job;
    expect(attempt(started, 'start')).toBeUndefined();
  });
});

describe('complete', () => {
  test.each(['STARTED', 'IN_STAGE', 'ABORTED'])('not while the service event is %s (T-SP-13)', (serviceEvent) => {
    expect(complete(jobIn('STARTED'), { now: LATER }, { serviceEvent, intake })).toEqual({
      kind: 'refusal',
      code: 'SERVICE_EVENT_NOT_COMPLETED',
      details: [{ name: 'serviceEvent', value: serviceEvent }],
    });
  });

  test('not before workflow has told anything', () => {
    const decision = complete(jobIn('STARTED'), { now: LATER }, { serviceEvent: null, intake });
    expect(decision).toMatchObject({ details: [{ name: 'serviceEvent', value: 'UNKNOWN' }] });
  });

  test('closes the intake with it', () => {
    expect(complete(jobIn('STARTED'), { now: LATER }, { serviceEvent: 'COMPLETED', intake })).toMatchObject([
      { name: 'job_completed', after: { completedAt: LATER } },
      { name: 'intake_closed', after: { state: 'CLOSED', closure: 'COMPLETED' } },
    ]);
  });
});

describe('cancel', () => {
  test.each(['STARTED', 'IN_STAGE', 'COMPLETED', null])('a started job not while its service event is %s', (state) => {
    const decision = cancel(jobIn('STARTED'), { now: LATER }, { serviceEvent: state, intake });
    expect(decision).toMatchObject({ code: 'SERVICE_EVENT_NOT_ABORTED' });
  });

  test.each(['QUEUED', 'CLAIMED'] as const)('a %s job freely', (state) => {
    const decision = cancel(jobIn(state), { now: LATER }, { serviceEvent: null, intake });
    expect(decision).toMatchObject([{ name: 'job_canceled', after: { canceledAt: LATER } }]);
  });

  test('alone never closes the intake, so that a human may assign again', () => {
    const decision = cancel(jobIn('QUEUED'), { now: LATER }, { serviceEvent: null, intake });
    expect(decision).toHaveLength(1);
  });

  test('closes an intake whose task was closed before', () => {
    const ended = intakeIn('IN_PROGRESS', { taskEndedAt: LATER });
    expect(cancel(jobIn('QUEUED'), { now: LATER }, { serviceEvent: null, intake: ended })).toMatchObject([
      { name: 'job_canceled' },
      { name: 'intake_closed', after: { closure: 'CANCELED' } },
    ]);
  });
});

describe('one operator that governs and executes (C-24)', () => {
  const addressed = { addressedTo: 'nypd' };

  test("of a pool's job it is known with the claim, and gone with the release", () => {
    const job = newJob({ target: POOL, audience: 'OPERATOR' }, addressed);
    expect(job.selfGoverned).toBe(false);
    const claimed = attempt(job, 'claim') as Job;
    expect(claimed.selfGoverned).toBe(true);
    expect(attempt(claimed, 'release')?.selfGoverned).toBe(false);
  });

  test('of an assigned job it stays through the release', () => {
    const job = newJob({ audience: 'OPERATOR' }, addressed);
    expect(job.selfGoverned).toBe(true);
    expect(attempt(attempt(job, 'claim') as Job, 'release')?.selfGoverned).toBe(true);
  });

  test('not where the network governs, and not where another operator executes', () => {
    expect(newJob({ audience: 'ADMIN' }, addressed).selfGoverned).toBe(false);
    expect(newJob({ audience: 'OPERATOR' }, { addressedTo: 'fdny' }).selfGoverned).toBe(false);
  });
});

test('what a task last handed off: what is named and not here is on its way', () => {
  expect(lastJobOf(null, undefined)).toBe('NONE');
  expect(lastJobOf('job-1', undefined)).toBe('LIVE');
  const expected = { QUEUED: 'LIVE', CLAIMED: 'LIVE', STARTED: 'LIVE', COMPLETED: 'COMPLETED', CANCELED: 'CANCELED' };
  for (const state of STATES) expect(lastJobOf('job-1', jobIn(state))).toBe(expected[state]);
});

test('no sequence of commands skips or reverses a step, or changes what the job is (T-SP-26, T-SP-28)', () => {
  const rank: Record<JobState, number> = { QUEUED: 0, CLAIMED: 1, STARTED: 2, COMPLETED: 3, CANCELED: 3 };
  const order = (job: Job) => [
    job.id,
    job.taskId,
    job.intakeId,
    job.mode,
    job.operator,
    job.poolId,
    job.intakeSnapshot,
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...COMMANDS), { maxLength: 12 }),
      fc.constantFrom(ASSIGNED, POOL),
      (path, to) => {
        let job = newJob({ target: to });
        const first = job;
        for (const command of path) {
          const after = attempt(job, command);
          if (after === undefined) continue;
          expect(after.state).toBe(TRANSITIONS[job.state][command as never]);
          if (command === 'release') expect(after).toEqual(first);
          else expect(after.state === 'CANCELED' || rank[after.state] === rank[job.state] + 1).toBe(true);
          expect(order(after)).toEqual(order(first));
          expect(after.heldBy === null).toBe(after.claimedAt === null);
          expect(after.serviceEventId === null).toBe(after.startedAt === null);
          job = after;
        }
      },
    ),
  );
});
