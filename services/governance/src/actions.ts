import { type Action, action } from '@qtm/service-kit';
import * as governanceTaskCommands from './commands/governance-task.ts';
import * as poolCommands from './commands/pool.ts';
import * as roleCommands from './commands/role-grant.ts';
import * as taskCommands from './commands/task.ts';
import type {
  VersionedAssignment,
  VersionedGovernanceTask,
  VersionedPool,
  VersionedPoolMember,
  VersionedRoleGrant,
  VersionedTask,
} from './generated/states.ts';

const ofTask = ({ id: taskId }: VersionedTask) => ({ taskId });

/** What one can do to a task; the hand-off too, which is of the assignment in force. */
export const taskActions: readonly Action<VersionedTask>[] = [
  action(taskCommands.reviewTask, ofTask),
  action(taskCommands.approveTask, ofTask),
  action(taskCommands.rejectTask, ofTask),
  action(taskCommands.assignTask, ofTask, {}, ['ASSIGNEE_NOT_ONE']),
  action(taskCommands.createJob, ofTask),
  action(taskCommands.closeTask, ofTask),
];

/** What one can do to an assignment. */
export const assignmentActions: readonly Action<VersionedAssignment>[] = [
  action(taskCommands.withdrawAssignment, ({ id: assignmentId }: VersionedAssignment) => ({ assignmentId })),
];

/** What one can do to a pool. */
export const poolActions: readonly Action<VersionedPool>[] = [
  action(poolCommands.addPoolMember, ({ id: poolId }: VersionedPool) => ({ poolId }), { operator: '' }, [
    'OPERATOR_UNKNOWN',
  ]),
];

const ofMember = ({ poolId, operator }: VersionedPoolMember) => ({ poolId, operator });

/** What one can do to an operator's place in a pool. */
export const poolMemberActions: readonly Action<VersionedPoolMember>[] = [
  action(poolCommands.addPoolMember, ofMember),
  action(poolCommands.removePoolMember, ofMember),
];

const ofGrant = ({ identityId, role }: VersionedRoleGrant) => ({ identityId, role });

/** What one can do to a granted role. */
export const roleGrantActions: readonly Action<VersionedRoleGrant>[] = [
  action(roleCommands.grantRole, ofGrant),
  action(roleCommands.revokeRole, ofGrant),
];

/** What one can do to a governance task. */
export const governanceTaskActions: readonly Action<VersionedGovernanceTask>[] = [
  action(governanceTaskCommands.reviewGovernanceTask, ({ id: governanceTaskId }: VersionedGovernanceTask) => ({
    governanceTaskId,
  })),
];
