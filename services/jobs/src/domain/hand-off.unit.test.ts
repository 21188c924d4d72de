import { describe, expect, test } from 'vitest';
import { createJob } from './hand-off.ts';
import { decide, endTask, type Intake, snapshotOf } from './intake.ts';
import { cancel, complete, type Job, lastJobOf } from './job.ts';
import { ASSIGNED, handOff, intakeIn, jobIn, LATER, NOW, newIntake, newJob, POOL, SNAPSHOT } from './test/samples.ts';

describe('the job', () => {
  test('begins in the queue, held by nobody, with the task and the intake it came from (T-SP-01)', () => {
    expect(newJob()).toMatchObject({
      state: 'QUEUED',
      intakeId: 'intake-1',
      taskId: 'task-1',
      requestId: 'request-1',
      assignmentId: 'assignment-1',
      surface: 'municipal',
      packVersion: 3,
      ...ASSIGNED,
      heldBy: null,
      serviceEventId: null,
      createdAt: NOW,
    });
  });

  test('carries the intake as it was submitted (T-SP-26)', () => {
    const intake = newIntake();
    const job = newJob();
    expect(job.intakeSnapshot).toEqual(SNAPSHOT);
    expect(job.intakeSnapshot).toEqual(snapshotOf(intake));
  });

  test('goes to a pool as a pool', () => {
    expect(newJob({ target: POOL })).toMatchObject(POOL);
  });

  test('is due when the review said, or else the requester', () => {
    expect(newJob({ dueAt: LATER }, { dueAt: NOW }).dueAt).toBe(LATER);
    expect(newJob({}, { dueAt: NOW }).dueAt).toBe(NOW);
    expect(newJob().dueAt).toBeNull();
  });

  test('names the canceled one it does again (C-28)', () => {
    const intake = intakeIn('IN_PROGRESS');
    const facts = createJob(
      undefined,
      handOff({ jobId: 'job-2', assignmentId: 'assignment-2', reworkOf: 'job-1' }),
      intake,
    );
    expect(facts).toMatchObject([
      { name: 'job_created', after: { id: 'job-2', reworkOf: 'job-1' } },
      { name: 'intake_in_progress', after: { jobId: 'job-2' } },
    ]);
  });

  test('comes once, however often the hand-off is told', () => {
    for (const state of ['QUEUED', 'CLAIMED', 'STARTED', 'COMPLETED', 'CANCELED'] as const) {
      expect(createJob(jobIn(state), handOff(), newIntake())).toEqual([]);
    }
  });
});

/** The hand-off and the end of the task are facts of two aggregates: each order must lead to the same end. */
describe('a task closed beside its live job', () => {
  interface World {
    readonly intake: Intake;
    readonly job: Job | undefined;
  }
  type Step = (world: World) => World;
  const intakeAfter = ({ intake }: World, facts: readonly { readonly after: object }[]) =>
    (facts.find(({ after }) => 'closure' in after)?.after as Intake | undefined) ?? intake;

  const handedOff: Step = (world) => {
    const facts = createJob(world.job, handOff(), world.intake);
    return { intake: intakeAfter(world, facts), job: facts[0]?.after as Job };
  };
  const taskClosed: Step = (world) => {
    const lastJob = lastJobOf('job-1', world.job);
    return { ...world, intake: intakeAfter(world, endTask(world.intake, { how: 'CLOSED', at: LATER, lastJob })) };
  };
  const taskOpened: Step = (world) => {
    return { ...world, intake: intakeAfter(world, decide(world.intake, { type: 'task', audience: 'ADMIN' })) };
  };
  const canceled: Step = ({ intake, job }) => {
    const facts = cancel(job as Job, { now: LATER }, { serviceEvent: null, intake }) as readonly { after: object }[];
    return { intake: intakeAfter({ intake, job }, facts), job: facts[0]?.after as Job };
  };
  const completed: Step = ({ intake }) => {
    const facts = complete(jobIn('STARTED'), { now: LATER }, { serviceEvent: 'COMPLETED', intake });
    return {
      intake: intakeAfter({ intake, job: undefined }, facts as readonly { after: object }[]),
      job: jobIn('COMPLETED'),
    };
  };
  const end = (...steps: Step[]) =>
    steps.reduce<World>((world, step) => step(world), { intake: newIntake(), job: undefined }).intake;

  test('is canceled: CANCELED in every order', () => {
    const closed = { state: 'CLOSED', closure: 'CANCELED', taskEndedAt: LATER, jobId: 'job-1' };
    expect(end(taskOpened, handedOff, taskClosed, canceled)).toMatchObject(closed);
    expect(end(taskOpened, taskClosed, handedOff, canceled)).toMatchObject(closed);
    expect(end(handedOff, taskOpened, taskClosed, canceled)).toMatchObject(closed);
    expect(end(taskOpened, handedOff, canceled, taskClosed)).toMatchObject(closed);
  });

  test('is completed: COMPLETED in every order', () => {
    const closed = { state: 'CLOSED', closure: 'COMPLETED' };
    expect(end(taskOpened, handedOff, taskClosed, completed)).toMatchObject(closed);
    expect(end(taskOpened, taskClosed, handedOff, completed)).toMatchObject(closed);
    expect(end(taskOpened, handedOff, completed, taskClosed)).toMatchObject(closed);
  });
});
