import { actions, byKey, history, mutationsOf } from '@qtm/service-kit';
import {
  assignmentActions,
  governanceTaskActions,
  poolActions,
  poolMemberActions,
  roleGrantActions,
  taskActions,
} from '../actions.ts';
import * as commands from '../commands/index.ts';
import type {
  AssignmentResolvers,
  CreateJobPayloadResolvers,
  GovernanceTaskResolvers,
  MutationResolvers,
  PoolMemberResolvers,
  PoolResolvers,
  QueryResolvers,
  Resolvers,
  RoleGrantResolvers,
  TaskResolvers,
} from '../generated/graphql.ts';
import { assignments, governanceTasks, poolMembers, pools, roleGrants, tasks } from '../store.ts';
import { countTasks, listGovernanceTasks, listPools, listRoleGrants, listTasks } from './lists.ts';
import { assignmentsOfTask, membersOfPool } from './related.ts';

const Query: QueryResolvers = {
  task: (_, { id }, context) => context.load(tasks, id),
  tasks: (_, args, context) => listTasks(context, args),
  taskCounts: (_, args, context) => countTasks(context, args),
  assignment: (_, { id }, context) => context.load(assignments, id),
  pool: (_, { id }, context) => context.load(pools, id),
  pools: (_, args, context) => listPools(context, args),
  roleGrants: (_, args, context) => listRoleGrants(context, args),
  governanceTask: (_, { id }, context) => context.load(governanceTasks, id),
  governanceTasks: (_, args, context) => listGovernanceTasks(context, args),
};

const Mutation: MutationResolvers = mutationsOf(commands);

const CreateJobPayload: CreateJobPayloadResolvers = {
  job: ({ assignment }) => byKey('id', assignment?.jobId),
};

const Task: TaskResolvers = {
  __resolveReference: ({ id }, context) => context.load(tasks, id),
  intake: (task) => byKey('id', task.intakeId),
  request: (task) => byKey('id', task.requestId),
  operator: (task) => byKey('slug', task.operator),
  submittedBy: (task) => byKey('id', task.submittedBy),
  assignment: (task, _, context) => context.load(assignments, task.assignmentId),
  assignments: (task, _, context) => context.related(assignmentsOfTask, task.id),
  job: (task) => byKey('id', task.jobId),
  decidedBy: (task) => byKey('id', task.decidedBy),
  decisionReason: (task, _, context) => context.personal(tasks, task.id, task.decisionReason),
  actions: actions(taskActions),
  history: history(tasks),
};

const Assignment: AssignmentResolvers = {
  __resolveReference: ({ id }, context) => context.load(assignments, id),
  task: (assignment, _, context) => context.load(tasks, assignment.taskId),
  operator: (assignment) => byKey('slug', assignment.operator),
  pool: (assignment, _, context) => context.load(pools, assignment.poolId),
  reworkOf: (assignment) => byKey('id', assignment.reworkOf),
  assignedBy: (assignment) => byKey('id', assignment.assignedBy),
  reason: (assignment, _, context) => context.personal(assignments, assignment.id, assignment.reason),
  job: (assignment) => byKey('id', assignment.jobId),
  handedOffBy: (assignment) => byKey('id', assignment.handedOffBy),
  actions: actions(assignmentActions),
  history: history(assignments),
};

const Pool: PoolResolvers = {
  __resolveReference: ({ id }, context) => context.load(pools, id),
  members: (pool, _, context) => context.related(membersOfPool, pool.id),
  createdBy: (pool) => byKey('id', pool.createdBy),
  actions: actions(poolActions),
  history: history(pools),
};

const PoolMember: PoolMemberResolvers = {
  pool: (member, _, context) => context.load(pools, member.poolId),
  operator: (member) => byKey('slug', member.operator),
  addedBy: (member) => byKey('id', member.addedBy),
  actions: actions(poolMemberActions),
  history: history(poolMembers),
};

const RoleGrant: RoleGrantResolvers = {
  identity: (grant) => byKey('id', grant.identityId),
  grantedBy: (grant) => byKey('id', grant.grantedBy),
  actions: actions(roleGrantActions),
  history: history(roleGrants),
};

const GovernanceTask: GovernanceTaskResolvers = {
  __resolveReference: ({ id }, context) => context.load(governanceTasks, id),
  transfer: (task) => byKey('id', task.transferId),
  reviewedBy: (task) => byKey('id', task.reviewedBy),
  note: (task, _, context) => context.personal(governanceTasks, task.id, task.note),
  actions: actions(governanceTaskActions),
  history: history(governanceTasks),
};

export const resolvers: Resolvers = {
  Query,
  Mutation,
  CreateJobPayload,
  Task,
  Assignment,
  Pool,
  PoolMember,
  RoleGrant,
  GovernanceTask,
};
