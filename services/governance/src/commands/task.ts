import { type GovernorFacts, governorFacts, governs, operatorOf } from '@qtm/relations';
import { command, fact, known, locked, type Session, type Sql, sql, withReason } from '@qtm/service-kit';
import type { Task } from '../domain/task.ts';
import * as rules from '../domain/task.ts';
import type {
  ApproveTaskInput,
  AssignTaskInput,
  CloseTaskInput,
  CreateJobInput,
  RejectTaskInput,
  ReviewTaskInput,
  WithdrawAssignmentInput,
} from '../generated/graphql.ts';
import { assignments, tasks } from '../store.ts';

type TaskInput = { readonly taskId: string; readonly idempotencyKey: string };

const subject = ({ taskId }: TaskInput) => taskId;
const column = (name: Sql, taskId: string | Sql): Sql => sql`(select ${name} from task where id = ${taskId})`;

const governorOf = (taskId: string | Sql, session: Session) => governorFacts(column(sql`governed_by`, taskId), session);

const ofTask = ({ taskId }: TaskInput, session: Session) => governorOf(taskId, session);

export const reviewTask = command<ReviewTaskInput, Task, GovernorFacts>({
  transition: 'task.review',
  aggregate: tasks,
  subject,
  facts: ofTask,
  conditions: { governs },
  decide: ({ state, input: { risk, dueAt } }) =>
    rules.review(state as Task, { risk: risk ?? null, dueAt: dueAt ?? null }),
});

export const approveTask = command<ApproveTaskInput, Task, GovernorFacts, 'reason'>({
  transition: 'task.approve',
  aggregate: tasks,
  subject,
  facts: ofTask,
  conditions: { governs },
  ...withReason,
  decide: ({ state, by, now, personal: { reason } }) => rules.approve(state as Task, { by, now, reason }),
});

export const rejectTask = command<RejectTaskInput, Task, GovernorFacts, 'reason'>({
  transition: 'task.reject',
  aggregate: tasks,
  subject,
  facts: ofTask,
  conditions: { governs },
  ...withReason,
  decide: ({ state, by, now, personal: { reason } }) => rules.reject(state as Task, { by, now, reason }),
});

/** The assignment in force, or the last that was handed off. */
const currentAssignment = (taskId: string | Sql) => locked(assignments, column(sql`assignment_id`, taskId));

function assignFacts({ taskId, operator, poolId }: AssignTaskInput, session: Session) {
  return {
    ...governorOf(taskId, session),
    current: currentAssignment(taskId),
    operator: operatorOf(operator ?? ''),
    pool: fact(
      sql`select exists (select 1 from pool where id = ${poolId ?? null}) as known,
        exists (select 1 from pool_member where pool_id = ${poolId ?? null} and state = 'ACTIVE') as has_member`,
      ([row]) => ({ known: row?.known === true, hasMember: row?.has_member === true }),
    ),
    job: known<{ state: string }>('jobs', 'job', column(sql`published ->> 'job_id'`, taskId)),
  };
}

export const assignTask = command<AssignTaskInput, Task, ReturnType<typeof assignFacts>, 'reason'>({
  transition: 'task.assign',
  aggregate: tasks,
  subject,
  facts: assignFacts,
  conditions: { governs },
  ...withReason,
  decide({ state, input, facts, personal: { reason }, by, now, newId }) {
    const { operator, pool, current, job } = facts;
    return rules.assign(
      state as Task,
      { assignmentId: newId(), operator: input.operator ?? null, poolId: input.poolId ?? null, by, now, reason },
      {
        operator: operator === undefined || operator.unknown ? null : operator.value.state,
        poolKnown: pool.known,
        poolHasMember: pool.hasMember,
        current: current?.value,
        job: job === undefined || job.unknown ? null : job.value.state,
      },
    );
  },
});

/** The task is locked first, here as everywhere; it is found through the assignment, which never changes its task. */
const taskOf = (assignmentId: string): Sql => sql`(select task_id from assignment where id = ${assignmentId})`;

const withdrawFacts = ({ assignmentId }: WithdrawAssignmentInput, session: Session) => ({
  ...governorOf(taskOf(assignmentId), session),
  assignment: locked(assignments, assignmentId),
});

export const withdrawAssignment = command<WithdrawAssignmentInput, Task, ReturnType<typeof withdrawFacts>, 'reason'>({
  transition: 'assignment.withdraw',
  aggregate: tasks,
  subject: ({ assignmentId }) => taskOf(assignmentId),
  facts: withdrawFacts,
  conditions: { governs },
  ...withReason,
  decide({ state, facts: { assignment } }) {
    if (assignment === undefined) throw new Error('a task was found through an assignment that is not there');
    return rules.withdraw(state as Task, assignment.value);
  },
});

const handOffFacts = ({ taskId }: TaskInput, session: Session) => ({
  ...governorOf(taskId, session),
  current: currentAssignment(taskId),
});

export const createJob = command<CreateJobInput, Task, ReturnType<typeof handOffFacts>>({
  transition: 'assignment.create_job',
  aggregate: tasks,
  subject,
  facts: handOffFacts,
  conditions: { governs },
  decide: ({ state, facts, by, now, newId }) =>
    rules.createJob(state as Task, facts.current?.value, { jobId: newId(), by, now }),
});

export const closeTask = command<CloseTaskInput, Task, ReturnType<typeof handOffFacts>, 'reason'>({
  transition: 'task.close',
  aggregate: tasks,
  subject,
  facts: handOffFacts,
  conditions: { governs },
  ...withReason,
  decide: ({ state, facts, now }) => rules.close(state as Task, facts.current?.value, { now }),
});
