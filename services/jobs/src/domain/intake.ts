import { type DomainEvent, event, next, type TransitionTable } from '@qtm/service-kit/domain';
import type { Audience, IntakeSnapshot } from './snapshot.ts';

/** In the order of their ranks: an intake only ever moves forward, since its causes arrive from two topics. */
export const INTAKE_STATES = ['RECEIVED', 'TASKED', 'IN_PROGRESS', 'RECORDED', 'CLOSED'] as const;
export type IntakeState = (typeof INTAKE_STATES)[number];

export type Closure = 'COMPLETED' | 'REJECTED' | 'CLOSED_BY_TASK' | 'CANCELED';

/** The first object inside the system, structured and governed (S3:21-27). */
export type Intake = IntakeSnapshot & {
  readonly id: string;
  /** Null until the task is known to be open. */
  readonly audience: Audience | null;
  /** The last job. */
  readonly jobId: string | null;
  /** When governance ended the task; a job that is live then decides how the intake closes. */
  readonly taskEndedAt: string | null;
} & (
    | { readonly state: Exclude<IntakeState, 'CLOSED'>; readonly closure: null }
    | { readonly state: 'CLOSED'; readonly closure: Closure }
  );

/** What other decisions lead to here. None of it refuses: where there is no cell, or nothing new, nothing happens. */
export type IntakeCommand =
  | { readonly type: 'task'; readonly audience: Audience }
  | { readonly type: 'progress'; readonly jobId: string; readonly audience: Audience }
  | { readonly type: 'record'; readonly jobId: string }
  | { readonly type: 'note_task_end'; readonly at: string }
  | { readonly type: 'close'; readonly closure: Closure; readonly taskEndedAt?: string };

export const TRANSITIONS = {
  RECEIVED: {
    task: 'TASKED',
    progress: 'IN_PROGRESS',
    record: 'RECORDED',
    note_task_end: 'RECEIVED',
    close: 'CLOSED',
  },
  TASKED: { progress: 'IN_PROGRESS', record: 'RECORDED', note_task_end: 'TASKED', close: 'CLOSED' },
  IN_PROGRESS: { progress: 'IN_PROGRESS', record: 'RECORDED', note_task_end: 'IN_PROGRESS', close: 'CLOSED' },
  RECORDED: { note_task_end: 'RECORDED', close: 'CLOSED' },
  CLOSED: {},
} as const satisfies TransitionTable<IntakeState, IntakeCommand['type']>;

export type IntakeReceived = DomainEvent<'intake', 'intake_received', Intake>;
export type IntakeEvent = DomainEvent<
  'intake',
  'intake_tasked' | 'intake_in_progress' | 'intake_recorded' | 'intake_task_ended' | 'intake_closed',
  Intake
>;

export function received(id: string, snapshot: IntakeSnapshot): IntakeReceived {
  const life = { audience: null, jobId: null, taskEndedAt: null, closure: null } as const;
  return event('intake_received', 'intake', { id, state: 'RECEIVED', ...snapshot, ...life });
}

/** What the intake carries over to a job. */
export function snapshotOf(intake: Intake): IntakeSnapshot {
  const { id, state, audience, jobId, taskEndedAt, closure, ...snapshot } = intake;
  return snapshot;
}

export function decide(intake: Intake, command: IntakeCommand): readonly IntakeEvent[] {
  if (!accepts(intake, command.type)) return [];
  switch (command.type) {
    case 'task':
      return [event('intake_tasked', 'intake', { ...intake, state: 'TASKED', audience: command.audience })];
    case 'progress': {
      const { jobId, audience } = command;
      if (intake.jobId === jobId) return [];
      return [event('intake_in_progress', 'intake', { ...intake, state: 'IN_PROGRESS', jobId, audience })];
    }
    case 'record':
      return [event('intake_recorded', 'intake', { ...intake, state: 'RECORDED', jobId: command.jobId })];
    case 'note_task_end':
      if (intake.taskEndedAt !== null) return [];
      return [event('intake_task_ended', 'intake', { ...intake, taskEndedAt: command.at })];
    case 'close': {
      const taskEndedAt = intake.taskEndedAt ?? command.taskEndedAt ?? null;
      const { closure } = command;
      return [event('intake_closed', 'intake', { ...intake, state: 'CLOSED', closure, taskEndedAt })];
    }
  }
}

type OpenIntake = Extract<Intake, { readonly closure: null }>;

/** The table decides, and tells the compiler too: nothing follows for an intake that is closed. */
function accepts(intake: Intake, command: IntakeCommand['type']): intake is OpenIntake {
  return next<IntakeState, IntakeCommand['type']>(TRANSITIONS, intake.state, command) !== undefined;
}

/** What is known of the job that a task last handed off. LIVE also where that job has yet to arrive here. */
export type LastJob = 'NONE' | 'LIVE' | 'COMPLETED' | 'CANCELED';

/** How governance ended the task. */
export interface TaskEnd {
  readonly how: 'REJECTED' | 'CLOSED';
  readonly at: string;
  readonly lastJob: LastJob;
}

/** The end of a task closes the intake, unless a job is live: then the end of that job does. */
export function endTask(intake: Intake, { how, at, lastJob }: TaskEnd): readonly IntakeEvent[] {
  if (lastJob === 'LIVE') return decide(intake, { type: 'note_task_end', at });
  return decide(intake, { type: 'close', closure: closureOf(how, lastJob), taskEndedAt: at });
}

function closureOf(how: TaskEnd['how'], lastJob: Exclude<LastJob, 'LIVE'>): Closure {
  if (lastJob === 'COMPLETED') return 'COMPLETED';
  if (how === 'REJECTED') return 'REJECTED';
  return lastJob === 'CANCELED' ? 'CANCELED' : 'CLOSED_BY_TASK';
}

/** A completed job closes the intake. A canceled one alone never does, so that a human may assign the task again. */
export function endJob(intake: Intake, how: 'COMPLETED' | 'CANCELED'): readonly IntakeEvent[] {
  if (how === 'CANCELED' && intake.taskEndedAt === null) return [];
  return decide(intake, { type: 'close', closure: how });
}
