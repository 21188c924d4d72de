import { fromWire, type Incoming, type ReactionTx } from '@qtm/service-kit';
import { createJob, type HandOff } from './domain/hand-off.ts';
import { decide, endTask, type Intake } from './domain/intake.ts';
import { type JobTarget, lastJobOf } from './domain/job.ts';
import type { Audience } from './domain/snapshot.ts';
import { intakes, jobs } from './store.ts';

/** What other services decide, and what follows from it here. */
export const reactions = {
  'governance.task_opened': taskOpened,
  'governance.assignment_handed_off': assignmentHandedOff,
  'governance.task_rejected': taskEnded('REJECTED'),
  'governance.task_closed': taskEnded('CLOSED'),
  'workflow.service_event_completed': serviceEventCompleted,
};

interface TaskState {
  readonly id: string;
  readonly intakeId: string;
  readonly audience: Audience;
  readonly jobId: string | null;
}

type AssignmentState = JobTarget & {
  readonly id: string;
  readonly jobId: string;
  readonly intakeId: string;
  readonly audience: Audience;
  readonly reworkOf: string | null;
  readonly dueAt: string | null;
};

async function taskOpened(tx: ReactionTx, fact: Incoming): Promise<void> {
  const { intakeId, audience } = fromWire<TaskState>(fact.state);
  await tx.write('intake.task', decide(await intakeOf(tx, intakeId), { type: 'task', audience }));
}

async function assignmentHandedOff(tx: ReactionTx, fact: Incoming): Promise<void> {
  const { id, jobId, intakeId, mode, operator, poolId, ...rest } = fromWire<AssignmentState>(fact.state);
  const intake = await intakeOf(tx, intakeId);
  const existing = await tx.lock(jobs, jobId);
  const target = { mode, operator, poolId } as JobTarget;
  const { audience, reworkOf, dueAt } = rest;
  const handOff: HandOff = { jobId, assignmentId: id, target, audience, reworkOf, dueAt, now: await tx.now() };
  await tx.write('job.create', createJob(existing?.value, handOff, intake));
}

function taskEnded(how: 'REJECTED' | 'CLOSED') {
  return async (tx: ReactionTx, fact: Incoming): Promise<void> => {
    const { intakeId, jobId } = fromWire<TaskState>(fact.state);
    // Job before intake, as the commands that end a job lock them; once more after it, where the hand-off comes in between.
    const locked = jobId === null ? undefined : await tx.lock(jobs, jobId);
    const intake = await intakeOf(tx, intakeId);
    const job = locked ?? (jobId === null ? undefined : await tx.lock(jobs, jobId));
    const events = endTask(intake, { how, at: fact.occurred_at, lastJob: lastJobOf(jobId, job?.value) });
    const transition = events[0]?.name === 'intake_task_ended' ? 'intake.note_task_end' : 'intake.close';
    await tx.write(transition, events);
  };
}

async function serviceEventCompleted(tx: ReactionTx, fact: Incoming): Promise<void> {
  const { intakeId, jobId } = fromWire<{ intakeId: string; jobId: string }>(fact.state);
  await tx.write('intake.record', decide(await intakeOf(tx, intakeId), { type: 'record', jobId }));
}

/** @throws Error where it is missing: the facts of others begin with an intake of ours, so this one is parked for a human */
async function intakeOf(tx: ReactionTx, id: string): Promise<Intake> {
  const intake = await tx.lock(intakes, id);
  if (intake === undefined) throw new Error(`there is no intake ${id}`);
  return intake.value;
}
