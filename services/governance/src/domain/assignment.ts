import { type DomainEvent, event, next, type PersonalRef, type TransitionTable } from '@qtm/service-kit/domain';
import type { Audience } from './audience.ts';

export type AssignmentState = 'ACTIVE' | 'WITHDRAWN' | 'HANDED_OFF';

/** One operator alone, or any active member of a pool (C-23). */
export type Target =
  | { readonly mode: 'ASSIGNED'; readonly operator: string; readonly poolId: null }
  | { readonly mode: 'POOL'; readonly operator: null; readonly poolId: string };

/** Work of one task given to somebody by a human. It is not a job (S1:16-17); it carries what jobs needs for one. */
export type Assignment = Target & {
  readonly id: string;
  readonly state: AssignmentState;
  readonly taskId: string;
  readonly intakeId: string;
  readonly audience: Audience;
  readonly governedBy: string | null;
  readonly dueAt: string | null;
  /** The canceled job that is to be done again (C-28). */
  readonly reworkOf: string | null;
  readonly selfGoverned: boolean;
  readonly assignedBy: string;
  readonly assignedAt: string;
  readonly reason: PersonalRef | null;
  readonly jobId: string | null;
  readonly handedOffBy: string | null;
  readonly handedOffAt: string | null;
};

/** Driven by the commands of its task. */
export const TRANSITIONS = {
  ACTIVE: { withdraw: 'WITHDRAWN', create_job: 'HANDED_OFF' },
  WITHDRAWN: {},
  HANDED_OFF: {},
} as const satisfies TransitionTable<AssignmentState, 'withdraw' | 'create_job'>;

export function accepts({ state }: Assignment, command: 'withdraw' | 'create_job'): boolean {
  return next<AssignmentState, 'withdraw' | 'create_job'>(TRANSITIONS, state, command) !== undefined;
}

export type AssignmentEvent = DomainEvent<
  'assignment',
  'assignment_created' | 'assignment_withdrawn' | 'assignment_handed_off',
  Assignment
>;

/** What an assignment takes over from its task. */
export interface AssignedTask {
  readonly id: string;
  readonly intakeId: string;
  readonly audience: Audience;
  readonly operator: string | null;
  readonly dueAt: string | null;
  readonly jobId: string | null;
}

export interface Creation {
  readonly id: string;
  readonly target: Target;
  readonly selfGoverned: boolean;
  readonly by: string;
  readonly now: string;
  readonly reason: PersonalRef | null;
}

/** An assignment of this task. What was handed off before, if anything, is what it does again. */
export function created(task: AssignedTask, { id, target, selfGoverned, by, now, reason }: Creation): Assignment {
  return {
    id,
    state: 'ACTIVE',
    taskId: task.id,
    intakeId: task.intakeId,
    ...target,
    audience: task.audience,
    governedBy: task.operator,
    dueAt: task.dueAt,
    reworkOf: task.jobId,
    selfGoverned,
    assignedBy: by,
    assignedAt: now,
    reason,
    jobId: null,
    handedOffBy: null,
    handedOffAt: null,
  };
}

export function withdrawn(assignment: Assignment): AssignmentEvent {
  return event('assignment_withdrawn', 'assignment', { ...assignment, state: TRANSITIONS.ACTIVE.withdraw });
}

export function handedOff(
  assignment: Assignment,
  { jobId, by, now }: { readonly jobId: string; readonly by: string; readonly now: string },
): AssignmentEvent {
  const after = { ...assignment, state: TRANSITIONS.ACTIVE.create_job, jobId, handedOffBy: by, handedOffAt: now };
  return event('assignment_handed_off', 'assignment', after);
}
