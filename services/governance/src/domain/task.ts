import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type PersonalRef,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';
import {
  type Assignment,
  type AssignmentEvent,
  accepts,
  created,
  handedOff,
  type Target,
  withdrawn,
} from './assignment.ts';
import type { Audience } from './audience.ts';

export type TaskState = 'OPEN' | 'IN_REVIEW' | 'APPROVED' | 'REJECTED' | 'ASSIGNED' | 'CLOSED';
export type Risk = 'LOW' | 'MEDIUM' | 'HIGH';

/** What a task has from its opening on, unchanged by what becomes of it. */
export interface TaskSubject {
  readonly id: string;
  readonly intakeId: string;
  readonly requestId: string;
  readonly surface: string;
  readonly category: string | null;
  readonly audience: Audience;
  /** The operator addressed, where its governors govern. */
  readonly operator: string | null;
  /** Kept and shown; gives nobody anything (T-SP-02). */
  readonly routingOrigin: string | null;
  readonly submittedBy: string;
  readonly openedAt: string;
}

/** The governance object of one intake: review, approve, assign (S3:29-40). */
export interface Task extends TaskSubject {
  readonly state: TaskState;
  readonly risk: Risk | null;
  readonly dueAt: string | null;
  /** The assignment in force, or the last that was handed off. */
  readonly assignmentId: string | null;
  /** The job that was handed off last. */
  readonly jobId: string | null;
  readonly selfGoverned: boolean;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly decisionReason: PersonalRef | null;
  readonly closedAt: string | null;
}

export type TaskCommand = 'review' | 'approve' | 'reject' | 'assign' | 'withdraw' | 'create_job' | 'close';

/** Task state is neither assignment nor job state; each has commands of its own (T-SP-03, 05, 12). */
export const TRANSITIONS = {
  OPEN: { review: 'IN_REVIEW', reject: 'REJECTED', close: 'CLOSED' },
  IN_REVIEW: { review: 'IN_REVIEW', approve: 'APPROVED', reject: 'REJECTED', close: 'CLOSED' },
  APPROVED: { assign: 'ASSIGNED', close: 'CLOSED' },
  REJECTED: {},
  ASSIGNED: { assign: 'ASSIGNED', withdraw: 'APPROVED', create_job: 'ASSIGNED', close: 'CLOSED' },
  CLOSED: {},
} as const satisfies TransitionTable<TaskState, TaskCommand>;

export type TaskEvent = DomainEvent<
  'task',
  | 'task_opened'
  | 'task_reviewed'
  | 'task_approved'
  | 'task_rejected'
  | 'task_assigned'
  | 'task_unassigned'
  | 'task_handed_off'
  | 'task_closed',
  Task
>;
export type TaskRefusalCode =
  | 'WRONG_STATE'
  | 'ASSIGNEE_NOT_ONE'
  | 'OPERATOR_UNKNOWN'
  | 'OPERATOR_NOT_ACTIVE'
  | 'POOL_UNKNOWN'
  | 'POOL_EMPTY'
  | 'ALREADY_ASSIGNED'
  | 'ALREADY_HANDED_OFF';
type TaskDecision = Decision<TaskEvent | AssignmentEvent, Refusal<TaskRefusalCode>>;

/** Opened as the recorded consequence of an intake, once; the requester, not the place it came from, decides who governs. */
export function open(subject: TaskSubject): readonly TaskEvent[] {
  const task: Task = {
    ...subject,
    state: 'OPEN',
    risk: null,
    dueAt: null,
    assignmentId: null,
    jobId: null,
    selfGoverned: false,
    decidedBy: null,
    decidedAt: null,
    decisionReason: null,
    closedAt: null,
  };
  return [event('task_opened', 'task', task)];
}

/** ADMIN, unless the requester addressed an operator that is active (T-SP-25). */
export function audienceOf(addressedTo: string | null, active: boolean): Pick<TaskSubject, 'audience' | 'operator'> {
  return addressedTo !== null && active
    ? { audience: 'OPERATOR', operator: addressedTo }
    : { audience: 'ADMIN', operator: null };
}

/** Also again: what is said replaces what was said before, what is not said stays. */
export function review(task: Task, said: { readonly risk: Risk | null; readonly dueAt: string | null }): TaskDecision {
  const change = { risk: said.risk ?? task.risk, dueAt: said.dueAt ?? task.dueAt };
  return move(task, 'review', 'task_reviewed', change);
}

export interface Deciding {
  readonly by: string;
  readonly now: string;
  readonly reason: PersonalRef | null;
}

export function approve(task: Task, { by, now, reason }: Deciding): TaskDecision {
  return move(task, 'approve', 'task_approved', { decidedBy: by, decidedAt: now, decisionReason: reason });
}

export function reject(task: Task, { by, now, reason }: Deciding): TaskDecision {
  return move(task, 'reject', 'task_rejected', { decidedBy: by, decidedAt: now, decisionReason: reason });
}

export interface Assigning extends Deciding {
  readonly assignmentId: string;
  readonly operator: string | null;
  readonly poolId: string | null;
}

export interface AssigningFacts {
  /** State of the operator, null where it is not known. */
  readonly operator: string | null;
  readonly poolKnown: boolean;
  readonly poolHasMember: boolean;
  /** The assignment in force, or the last that was handed off. */
  readonly current: Assignment | undefined;
  /** State of the job that was handed off last, as jobs last told it; null where it has told nothing yet. */
  readonly job: string | null;
}

/** By a human, to one active operator or one pool; no job follows from it (T-SP-03, 04). Again only after a canceled job (C-28). */
export function assign(task: Task, command: Assigning, facts: AssigningFacts): TaskDecision {
  if (next<TaskState, TaskCommand>(TRANSITIONS, task.state, 'assign') === undefined) return refuse('WRONG_STATE');
  if (facts.current?.state === 'ACTIVE') return refuse('ALREADY_ASSIGNED', { assignment: facts.current.id });
  if (task.jobId !== null && facts.job !== 'CANCELED') {
    return refuse('ALREADY_HANDED_OFF', { jobId: task.jobId, job: facts.job ?? 'UNKNOWN' });
  }
  const target = targetOf(command, facts);
  if ('kind' in target) return target;
  const selfGoverned = target.operator !== null && task.operator === target.operator;
  const { assignmentId, by, now, reason } = command;
  const assignment = created(task, { id: assignmentId, target, selfGoverned, by, now, reason });
  return [
    event('task_assigned', 'task', { ...task, state: 'ASSIGNED', assignmentId, selfGoverned }),
    event('assignment_created', 'assignment', assignment),
  ];
}

function targetOf({ operator, poolId }: Assigning, facts: AssigningFacts): Target | Refusal<TaskRefusalCode> {
  if ((operator === null) === (poolId === null)) return refuse('ASSIGNEE_NOT_ONE');
  if (operator !== null) {
    if (facts.operator === null) return refuse('OPERATOR_UNKNOWN', { operator });
    if (facts.operator !== 'ACTIVE') return refuse('OPERATOR_NOT_ACTIVE', { operator, state: facts.operator });
    return { mode: 'ASSIGNED', operator, poolId: null };
  }
  if (poolId === null || !facts.poolKnown) return refuse('POOL_UNKNOWN');
  if (!facts.poolHasMember) return refuse('POOL_EMPTY', { poolId });
  return { mode: 'POOL', operator: null, poolId };
}

/** What a task says of an assignment that was withdrawn: nothing. A job handed off before it stays named. */
const UNASSIGNED = { assignmentId: null, selfGoverned: false } as const;

/** Before the hand-off alone: afterwards there is a job, and jobs decides about that. */
export function withdraw(task: Task, assignment: Assignment): TaskDecision {
  const to = next<TaskState, TaskCommand>(TRANSITIONS, task.state, 'withdraw');
  if (to === undefined || !accepts(assignment, 'withdraw')) {
    return refuse('WRONG_STATE', { assignment: assignment.state });
  }
  return [event('task_unassigned', 'task', { ...task, state: to, ...UNASSIGNED }), withdrawn(assignment)];
}

/** The explicit hand-off (TRN-06): allots the job's id, which jobs inserts as the consequence. */
export function createJob(
  task: Task,
  assignment: Assignment | undefined,
  command: { readonly jobId: string; readonly by: string; readonly now: string },
): TaskDecision {
  if (next<TaskState, TaskCommand>(TRANSITIONS, task.state, 'create_job') === undefined) return refuse('WRONG_STATE');
  if (assignment === undefined || !accepts(assignment, 'create_job')) {
    return refuse('ALREADY_HANDED_OFF', { jobId: task.jobId ?? '', assignment: assignment?.state ?? 'NONE' });
  }
  return [event('task_handed_off', 'task', { ...task, jobId: command.jobId }), handedOff(assignment, command)];
}

/** The task ends; a job that is live goes on to its own end (T-SP-12). What was not handed off is withdrawn. */
export function close(task: Task, assignment: Assignment | undefined, command: { readonly now: string }): TaskDecision {
  if (next<TaskState, TaskCommand>(TRANSITIONS, task.state, 'close') === undefined) return refuse('WRONG_STATE');
  const after: Task = { ...task, state: 'CLOSED', closedAt: command.now };
  if (assignment === undefined || !accepts(assignment, 'withdraw')) return [event('task_closed', 'task', after)];
  return [event('task_closed', 'task', { ...after, ...UNASSIGNED }), withdrawn(assignment)];
}

function move(
  task: Task,
  command: TaskCommand,
  name: TaskEvent['name'],
  change: Partial<Pick<Task, 'risk' | 'dueAt' | 'decidedBy' | 'decidedAt' | 'decisionReason'>>,
): TaskDecision {
  const to = next<TaskState, TaskCommand>(TRANSITIONS, task.state, command);
  return to === undefined ? refuse('WRONG_STATE') : [event(name, 'task', { ...task, ...change, state: to })];
}
