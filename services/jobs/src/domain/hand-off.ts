import { type DomainEvent, event } from '@qtm/service-kit/domain';
import { decide, type Intake, type IntakeEvent, snapshotOf } from './intake.ts';
import { isSelfGoverned, type Job, type JobTarget } from './job.ts';
import type { Audience } from './snapshot.ts';

/** A human handed an assignment off: what governance decided, with the job's id allotted there (S1:29, S3:40). */
export interface HandOff {
  readonly jobId: string;
  readonly assignmentId: string;
  readonly target: JobTarget;
  readonly audience: Audience;
  readonly reworkOf: string | null;
  /** Due date the task was given at its review. */
  readonly dueAt: string | null;
  readonly now: string;
}

export type JobCreated = DomainEvent<'job', 'job_created', Job>;

/**
 * The one way a job comes into being, as the recorded consequence of the hand-off. It never refuses, and a hand-off that is told
 * again changes nothing. Without an intake there is nothing it could be called with (T-SP-01).
 */
export function createJob(
  existing: Job | undefined,
  handOff: HandOff,
  intake: Intake,
): readonly (JobCreated | IntakeEvent)[] {
  if (existing !== undefined) return [];
  const { jobId, assignmentId, target, audience, reworkOf, dueAt, now } = handOff;
  const intakeSnapshot = snapshotOf(intake);
  const job: Job = {
    id: jobId,
    state: 'QUEUED',
    intakeId: intake.id,
    requestId: intake.requestId,
    taskId: intake.taskId,
    assignmentId,
    surface: intake.surface,
    packVersion: intake.packVersion,
    ...target,
    reworkOf,
    audience,
    selfGoverned: isSelfGoverned({ audience, intakeSnapshot }, target.operator),
    createdAt: now,
    dueAt: dueAt ?? intake.dueAt,
    heldBy: null,
    claimedBy: null,
    claimedAt: null,
    startedAt: null,
    completedAt: null,
    canceledAt: null,
    serviceEventId: null,
    intakeSnapshot,
  };
  return [event('job_created', 'job', job), ...decide(intake, { type: 'progress', jobId, audience })];
}
