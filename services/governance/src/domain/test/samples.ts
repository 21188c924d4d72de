import type { Assignment, AssignmentState, Target } from '../assignment.ts';
import type { Audience } from '../audience.ts';
import { open, type Task, type TaskState } from '../task.ts';

/** What the tests of the rules begin with: states as the rules themselves would have made them. */
export const NOW = '2026-01-05T10:00:00.123456Z';
export const BY = '0d7f3c52-68e5-5a0f-8f1c-52a1d4e5b6c7';
export const DUE = '2026-01-09T10:00:00.000000Z';

export const TO_OPERATOR: Target = { mode: 'ASSIGNED', operator: 'nypd', poolId: null };
export const TO_POOL: Target = { mode: 'POOL', operator: null, poolId: 'pool-1' };

export const personal = (text: string) => ({ ref: `ref of ${text}`, hash: `hash of ${text}` });

export function newTask(audience: Audience = 'ADMIN', operator: string | null = null): Task {
  const [opened] = open({
    id: 'task-1',
    intakeId: 'intake-1',
    requestId: 'request-1',
    surface: 'municipal',
    category: 'Noise',
    audience,
    operator,
    routingOrigin: 'nypd',
    submittedBy: BY,
    openedAt: NOW,
  });
  if (opened === undefined) throw new Error('a task is always opened');
  return opened.after;
}

/** A task in any state; an ASSIGNED one not yet handed off. */
export function taskIn(state: TaskState, rest: Partial<Task> = {}): Task {
  const assigned = state === 'ASSIGNED' ? { assignmentId: 'assignment-1' } : {};
  return { ...newTask(), state, ...assigned, ...rest };
}

export function assignmentIn(state: AssignmentState, target: Target = TO_OPERATOR): Assignment {
  const handedOff = state === 'HANDED_OFF' ? { jobId: 'job-1', handedOffBy: BY, handedOffAt: NOW } : {};
  return {
    id: 'assignment-1',
    state,
    taskId: 'task-1',
    intakeId: 'intake-1',
    ...target,
    audience: 'ADMIN',
    governedBy: null,
    dueAt: null,
    reworkOf: null,
    selfGoverned: false,
    assignedBy: BY,
    assignedAt: NOW,
    reason: null,
    jobId: null,
    handedOffBy: null,
    handedOffAt: null,
    ...handedOff,
  };
}
