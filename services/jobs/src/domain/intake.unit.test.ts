import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decide,
  endJob,
  endTask,
  INTAKE_STATES,
  type Intake,
  type IntakeCommand,
  type IntakeState,
  type LastJob,
  snapshotOf,
  TRANSITIONS,
} from './intake.ts';
import { intakeIn, LATER, newIntake, SNAPSHOT } from './test/samples.ts';

const rank = (state: IntakeState) => INTAKE_STATES.indexOf(state);

const COMMANDS: readonly IntakeCommand[] = [
  { type: 'task', audience: 'ADMIN' },
  { type: 'progress', jobId: 'job-2', audience: 'ADMIN' },
  { type: 'record', jobId: 'job-2' },
  { type: 'note_task_end', at: LATER },
  { type: 'close', closure: 'COMPLETED' },
];

/** The life of an intake, typed and not read from the table. */
const BEFORE_ITS_END = ['RECEIVED', 'TASKED', 'IN_PROGRESS', 'RECORDED'];
const LIFE: Readonly<
  Record<IntakeCommand['type'], readonly [event: string, from: readonly string[], to: IntakeState | 'SAME']>
> = {
  task: ['intake_tasked', ['RECEIVED'], 'TASKED'],
  progress: ['intake_in_progress', ['RECEIVED', 'TASKED', 'IN_PROGRESS'], 'IN_PROGRESS'],
  record: ['intake_recorded', ['RECEIVED', 'TASKED', 'IN_PROGRESS'], 'RECORDED'],
  note_task_end: ['intake_task_ended', BEFORE_ITS_END, 'SAME'],
  close: ['intake_closed', BEFORE_ITS_END, 'CLOSED'],
};

describe('every state × everything that can follow', () => {
  const cells = INTAKE_STATES.flatMap((state) => COMMANDS.map((command) => ({ state, command, type: command.type })));
  test.each(cells)('$state × $type', ({ state, command }) => {
    const [name, from, to] = LIFE[command.type];
    const facts = decide(intakeIn(state), command);
    if (!from.includes(state)) expect(facts).toEqual([]);
    else expect(facts).toMatchObject([{ name, aggregate: 'intake', after: { state: to === 'SAME' ? state : to } }]);
  });

  test('every state is reached from RECEIVED', () => {
    const reached = new Set<IntakeState>(['RECEIVED']);
    for (const state of reached) for (const to of Object.values(TRANSITIONS[state])) reached.add(to);
    expect([...reached].sort()).toEqual([...INTAKE_STATES].sort());
  });

  test('no cell leads backwards in rank', () => {
    for (const state of INTAKE_STATES) {
      for (const to of Object.values(TRANSITIONS[state])) expect(rank(to)).toBeGreaterThanOrEqual(rank(state));
    }
  });
});

describe('what is told again changes nothing', () => {
  test('the same job', () => {
    const command = { type: 'progress', jobId: 'job-1', audience: 'ADMIN' } as const;
    expect(decide(intakeIn('IN_PROGRESS'), command)).toEqual([]);
  });

  test('the same end of the task: the first time stays', () => {
    const ended = intakeIn('IN_PROGRESS', { taskEndedAt: LATER });
    expect(decide(ended, { type: 'note_task_end', at: '2027-01-01T00:00:00.000000Z' })).toEqual([]);
    expect(endJob(ended, 'COMPLETED')).toMatchObject([{ after: { taskEndedAt: LATER } }]);
  });
});

describe('the task ends', () => {
  const open = INTAKE_STATES.filter((state) => state !== 'CLOSED');
  const closures: Record<'CLOSED' | 'REJECTED', Record<LastJob, string | null>> = {
    CLOSED: { NONE: 'CLOSED_BY_TASK', CANCELED: 'CANCELED', COMPLETED: 'COMPLETED', LIVE: null },
    REJECTED: { NONE: 'REJECTED', CANCELED: 'REJECTED', COMPLETED: 'COMPLETED', LIVE: null },
  };
  const cases = (['CLOSED', 'REJECTED'] as const).flatMap((how) =>
    (['NONE', 'LIVE', 'CANCELED', 'COMPLETED'] as const).map((lastJob) => ({ how, lastJob })),
  );
  test.each(cases)('$how, last job $lastJob', ({ how, lastJob }) => {
    const closure = closures[how][lastJob];
    for (const state of open) {
      const facts = endTask(intakeIn(state), { how, at: LATER, lastJob });
      const expected =
        closure === null
          ? { name: 'intake_task_ended', after: { state, closure: null, taskEndedAt: LATER } }
          : { name: 'intake_closed', after: { state: 'CLOSED', closure, taskEndedAt: LATER } };
      expect(facts).toMatchObject([expected]);
    }
    expect(endTask(intakeIn('CLOSED'), { how, at: LATER, lastJob })).toEqual([]);
  });
});

describe('the job ends', () => {
  test('completed: the intake closes, whether the record was heard of or not', () => {
    for (const state of ['IN_PROGRESS', 'RECORDED'] as const) {
      expect(endJob(intakeIn(state), 'COMPLETED')).toMatchObject([
        { after: { state: 'CLOSED', closure: 'COMPLETED' } },
      ]);
    }
  });

  test('canceled: the intake stays open for another job', () => {
    const intake = intakeIn('IN_PROGRESS');
    expect(endJob(intake, 'CANCELED')).toEqual([]);
    expect(decide(intake, { type: 'progress', jobId: 'job-2', audience: 'ADMIN' })).toMatchObject([
      { name: 'intake_in_progress', after: { state: 'IN_PROGRESS', jobId: 'job-2' } },
    ]);
  });

  test('canceled after the task was closed: nothing is left that could follow', () => {
    const ended = intakeIn('IN_PROGRESS', { taskEndedAt: LATER });
    expect(endJob(ended, 'CANCELED')).toMatchObject([{ after: { state: 'CLOSED', closure: 'CANCELED' } }]);
  });
});

test('a hand-off heard of before the task was opened counts, and the task is not gone back to', () => {
  const [progress] = decide(newIntake(), { type: 'progress', jobId: 'job-1', audience: 'OPERATOR' });
  expect(progress?.after).toMatchObject({ state: 'IN_PROGRESS', audience: 'OPERATOR' });
  expect(decide(progress?.after as Intake, { type: 'task', audience: 'OPERATOR' })).toEqual([]);
});

test('an intake only moves forward and keeps what was submitted, in whatever order its causes arrive', () => {
  const causes = fc.constantFrom<(intake: Intake) => readonly { after: Intake }[]>(
    ...COMMANDS.map((command) => (intake: Intake) => decide(intake, command)),
    (intake) => endTask(intake, { how: 'CLOSED', at: LATER, lastJob: 'LIVE' }),
    (intake) => endTask(intake, { how: 'CLOSED', at: LATER, lastJob: 'CANCELED' }),
    (intake) => endTask(intake, { how: 'REJECTED', at: LATER, lastJob: 'NONE' }),
    (intake) => endJob(intake, 'CANCELED'),
  );
  fc.assert(
    fc.property(fc.array(causes, { maxLength: 10 }), (path) => {
      let intake = newIntake();
      for (const cause of path) {
        const after = cause(intake)[0]?.after ?? intake;
        expect(rank(after.state)).toBeGreaterThanOrEqual(rank(intake.state));
        expect(after.closure === null).toBe(after.state !== 'CLOSED');
        expect(snapshotOf(after)).toEqual(SNAPSHOT);
        intake = after;
      }
    }),
  );
});
