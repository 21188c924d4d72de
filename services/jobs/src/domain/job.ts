import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';
import { endJob, type Intake, type IntakeEvent, type LastJob } from './intake.ts';
import type { Audience, IntakeSnapshot } from './snapshot.ts';

/** What every job has from its hand-off on, unchanged by what becomes of it. */
export interface JobOrder {
  readonly id: string;
  readonly intakeId: string;
  readonly requestId: string;
  readonly taskId: string;
  readonly assignmentId: string;
  readonly surface: string;
  readonly packVersion: number;
  /** The canceled job that this one does again (C-28). */
  readonly reworkOf: string | null;
  readonly audience: Audience;
  readonly createdAt: string;
  readonly dueAt: string | null;
  readonly intakeSnapshot: IntakeSnapshot;
}

/** Who may claim it: one operator alone, or any active member of a pool, once (C-23). */
export type JobTarget =
  | { readonly mode: 'ASSIGNED'; readonly operator: string; readonly poolId: null }
  | { readonly mode: 'POOL'; readonly operator: null; readonly poolId: string };

interface Unheld {
  readonly heldBy: null;
  readonly claimedBy: null;
  readonly claimedAt: null;
}
interface Held {
  readonly heldBy: string;
  readonly claimedBy: string;
  readonly claimedAt: string;
}
interface NotRun {
  readonly startedAt: null;
  readonly serviceEventId: null;
}
interface Run {
  readonly startedAt: string;
  readonly serviceEventId: string;
}
interface Open {
  readonly completedAt: null;
  readonly canceledAt: null;
}

type Life =
  | ({ readonly state: 'QUEUED' } & Unheld & NotRun & Open)
  | ({ readonly state: 'CLAIMED' } & Held & NotRun & Open)
  | ({ readonly state: 'STARTED' } & Held & Run & Open)
  | ({ readonly state: 'COMPLETED'; readonly completedAt: string; readonly canceledAt: null } & Held & Run)
  | ({ readonly state: 'CANCELED'; readonly completedAt: null; readonly canceledAt: string } & (Unheld | Held) &
      (NotRun | Run));

/** The executable work container (S1:31, S3:42-48). */
export type Job = JobOrder & JobTarget & Life & { readonly selfGoverned: boolean };
export type JobState = Job['state'];

export type JobCommand = 'claim' | 'release' | 'start' | 'complete' | 'cancel';

/** Job state is neither task state nor service event state: each has commands of its own (T-SP-05, 06, 12, 13). */
export const TRANSITIONS = {
  QUEUED: { claim: 'CLAIMED', cancel: 'CANCELED' },
  CLAIMED: { release: 'QUEUED', start: 'STARTED', cancel: 'CANCELED' },
  STARTED: { complete: 'COMPLETED', cancel: 'CANCELED' },
  COMPLETED: {},
  CANCELED: {},
} as const satisfies TransitionTable<JobState, JobCommand>;

export type JobEvent = DomainEvent<
  'job',
  'job_claimed' | 'job_released' | 'job_started' | 'job_completed' | 'job_canceled',
  Job
>;
export type JobRefusalCode =
  | 'WRONG_STATE'
  | 'OPERATOR_NOT_ASSIGNED'
  | 'SERVICE_EVENT_NOT_COMPLETED'
  | 'SERVICE_EVENT_NOT_ABORTED';
type JobDecision<C extends JobRefusalCode> = Decision<JobEvent | IntakeEvent, Refusal<C>>;

/** By an operator that was assigned, or is a member of the assigned pool; exactly one claim wins. */
export function claim(
  job: Job,
  command: { readonly asOperator: string; readonly by: string; readonly now: string },
  facts: { readonly poolMember: boolean },
): JobDecision<'WRONG_STATE' | 'OPERATOR_NOT_ASSIGNED'> {
  if (!accepts(job, 'claim')) return refuse('WRONG_STATE');
  const { asOperator, by, now } = command;
  if (!mayBeClaimedFor(job, asOperator, facts.poolMember)) return refuse('OPERATOR_NOT_ASSIGNED', { asOperator });
  const held = { heldBy: asOperator, claimedBy: by, claimedAt: now };
  const selfGoverned = isSelfGoverned(job, asOperator);
  return [event('job_claimed', 'job', { ...job, ...held, state: 'CLAIMED', selfGoverned })];
}

/** Back into the queue, for whoever could claim it before. */
export function release(job: Job): JobDecision<'WRONG_STATE'> {
  if (!accepts(job, 'release')) return refuse('WRONG_STATE');
  const unheld = { heldBy: null, claimedBy: null, claimedAt: null };
  const after = { ...job, ...unheld, state: 'QUEUED', selfGoverned: isSelfGoverned(job, job.operator) } as const;
  return [event('job_released', 'job', after, { heldBy: job.heldBy })];
}

/** The entry into execution: allots the one service event of the job, which workflow inserts as the consequence (T-SP-07). */
export function start(
  job: Job,
  command: { readonly serviceEventId: string; readonly now: string },
): JobDecision<'WRONG_STATE'> {
  if (!accepts(job, 'start')) return refuse('WRONG_STATE');
  const { serviceEventId, now } = command;
  return [event('job_started', 'job', { ...job, state: 'STARTED', startedAt: now, serviceEventId })];
}

/** What the end of a started job rests on. */
export interface EndFacts {
  /** State of the job's service event as workflow last told it; null where it has told nothing yet. */
  readonly serviceEvent: string | null;
  /** The intake the job came from, locked: the end of a job may close it. */
  readonly intake: Intake;
}

/** A command of its own: a completed service event does not complete the job (T-SP-13). */
export function complete(
  job: Job,
  command: { readonly now: string },
  facts: EndFacts,
): JobDecision<'WRONG_STATE' | 'SERVICE_EVENT_NOT_COMPLETED'> {
  if (!accepts(job, 'complete')) return refuse('WRONG_STATE');
  if (facts.serviceEvent !== 'COMPLETED') return refuse('SERVICE_EVENT_NOT_COMPLETED', standing(facts));
  const after = { ...job, state: 'COMPLETED', completedAt: command.now } as const;
  return [event('job_completed', 'job', after), ...endJob(facts.intake, 'COMPLETED')];
}

/** Freely before the start; afterwards only once its execution was aborted, so that no running work is cut off. */
export function cancel(
  job: Job,
  command: { readonly now: string },
  facts: EndFacts,
): JobDecision<'WRONG_STATE' | 'SERVICE_EVENT_NOT_ABORTED'> {
  if (!accepts(job, 'cancel')) return refuse('WRONG_STATE');
  if (job.state === 'STARTED' && facts.serviceEvent !== 'ABORTED') {
    return refuse('SERVICE_EVENT_NOT_ABORTED', standing(facts));
  }
  const after = { ...job, state: 'CANCELED', canceledAt: command.now } as const;
  return [event('job_canceled', 'job', after), ...endJob(facts.intake, 'CANCELED')];
}

/** Whether the operator is the assignee, or a member of the assigned pool: the part of `executes_for` that belongs to the job. */
export function mayBeClaimedFor(job: JobTarget, operator: string, poolMember: boolean): boolean {
  return job.mode === 'ASSIGNED' ? job.operator === operator : poolMember;
}

/** Work governed and executed by one operator is allowed, and marked (C-24). Of a pool's job it is known with the claim. */
export function isSelfGoverned(job: Pick<JobOrder, 'audience' | 'intakeSnapshot'>, executor: string | null): boolean {
  return job.audience === 'OPERATOR' && executor !== null && job.intakeSnapshot.addressedTo === executor;
}

/**
 * What has become of the job that a task last handed off, `jobId` as the task itself says. The hand-off and the end of the task
 * are facts of two aggregates and may arrive in either order: a job that is named and not here is on its way, so it is live.
 */
export function lastJobOf(jobId: string | null, job: Pick<Job, 'state'> | undefined): LastJob {
  if (jobId === null) return 'NONE';
  return job?.state === 'COMPLETED' || job?.state === 'CANCELED' ? job.state : 'LIVE';
}

type Accepting<C extends JobCommand> = {
  [S in JobState]: C extends keyof (typeof TRANSITIONS)[S] ? S : never;
}[JobState];

/** The table decides, and tells the compiler too. */
function accepts<C extends JobCommand>(job: Job, command: C): job is Extract<Job, { state: Accepting<C> }> {
  return next<JobState, JobCommand>(TRANSITIONS, job.state, command) !== undefined;
}

function standing({ serviceEvent }: EndFacts): { serviceEvent: string } {
  return { serviceEvent: serviceEvent ?? 'UNKNOWN' };
}
