import { viewerOf } from '@qtm/relations';
import { type Context, isUuid, join, listOf, rowsOf, sql, texts, whereGiven } from '@qtm/service-kit';
import { TRANSITIONS as GOVERNANCE_TASK_TRANSITIONS, QUEUES } from '../domain/governance-task.ts';
import type { TaskState } from '../domain/task.ts';
import { TRANSITIONS } from '../domain/task.ts';
import type {
  QueryGovernanceTasksArgs,
  QueryPoolsArgs,
  QueryRoleGrantsArgs,
  QueryTaskCountsArgs,
  QueryTasksArgs,
} from '../generated/graphql.ts';
import { GRANT_OVERSEERS, governanceTasks, NETWORK, OPERATORS_OWN, pools, roleGrants, tasks } from '../store.ts';

const STATES = Object.keys(TRANSITIONS) as TaskState[];

/** Tasks of the network by role, tasks of an operator by what one is to it. */
export async function listTasks(context: Context, args: QueryTasksArgs) {
  const filter = args.filter ?? {};
  const viewer = await viewerOf(context);
  const states = texts('state', filter.states ?? STATES);
  return listOf(context, {
    of: tasks,
    grounds: [
      [texts('audience', viewer.hasAnyRole(...NETWORK) ? ['ADMIN'] : []), states],
      [texts('governed_by', viewer.operators(OPERATORS_OWN)), states],
    ],
    where: [
      ...whereGiven(filter.audience, (audience) => sql`audience = ${audience}`),
      ...whereGiven(filter.operator, (operator) => sql`governed_by = ${operator}`),
      ...whereGiven(filter.surface, (surface) => sql`surface = ${surface}`),
      ...whereGiven(filter.category, (category) => sql`published ->> 'category' = ${category}`),
      ...whereGiven(filter.risk, (risk) => sql`published ->> 'risk' = ${risk}`),
      ...whereGiven(filter.routingOrigin, (origin) => sql`published ->> 'routing_origin' = ${origin}`),
      ...whereGiven(filter.dueBefore, (before) => sql`published ->> 'due_at' < ${before}`),
      ...whereGiven(filter.openedFrom, (from) => sql`opened_at >= ${from}`),
      ...whereGiven(filter.openedBefore, (before) => sql`opened_at < ${before}`),
    ],
    orderBy: args.sort?.field === 'DUE_AT' ? 'due_order' : 'opened_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { filter },
  });
}

/**
 * Counted ground by ground from an index alone, for the reason lists are walked so. No task is of both grounds: one that an operator
 * governs is not the network's, which the table itself holds (`task_governed_by_its_audience`).
 */
export async function countTasks(context: Context, { surface }: QueryTaskCountsArgs) {
  const viewer = await viewerOf(context);
  const grounds = [sql`governed_by = any(${[...viewer.operators(OPERATORS_OWN)]})`];
  if (viewer.hasAnyRole(...NETWORK)) grounds.push(sql`governed_by is null`);
  const onSurface = whereGiven(surface, (one) => sql`surface = ${one}`);
  const counts = grounds.map(
    (ground) => sql`select state, count(*)::integer as tasks from task
      where ${join([ground, ...onSurface], ' and ')} group by state`,
  );
  const rows = await rowsOf<{ state: TaskState; tasks: number }>(context.db, join(counts, ' union all '));
  const counted = new Map<TaskState, number>();
  for (const { state, tasks } of rows) counted.set(state, (counted.get(state) ?? 0) + tasks);
  return STATES.map((state) => ({ state, tasks: counted.get(state) ?? 0 }));
}

export function listPools(context: Context, args: QueryPoolsArgs) {
  return listOf(context, {
    of: pools,
    grounds: [[]],
    where: [sql`(${pools.visibleTo(context.session)})`],
    orderBy: 'name',
    descending: false,
    args,
    binding: {},
  });
}

/** All of them by role, one's own otherwise. */
export async function listRoleGrants(context: Context, args: QueryRoleGrantsArgs) {
  const filter = args.filter ?? {};
  const viewer = await viewerOf(context);
  const overseer = viewer.hasAnyRole(...GRANT_OVERSEERS);
  return listOf(context, {
    of: roleGrants,
    grounds: overseer ? [[]] : [[texts('identity_id', [viewer.identityId])]],
    where: [
      ...whereGiven(filter.states, (states) => sql`state = any(${[...states]})`),
      ...whereGiven(filter.identityId, (identity) => sql`identity_id = ${identity}`),
      ...whereGiven(filter.role, (role) => sql`published ->> 'role' = ${role}`),
    ],
    orderBy: 'granted_at',
    descending: true,
    args,
    binding: { filter },
  });
}

/** Whoever sees one of them sees all. */
export function listGovernanceTasks(context: Context, args: QueryGovernanceTasksArgs) {
  const filter = args.filter ?? {};
  return listOf(context, {
    of: governanceTasks,
    grounds: [
      [
        texts('queue', args.queue == null ? QUEUES : [args.queue]),
        texts('state', filter.states ?? Object.keys(GOVERNANCE_TASK_TRANSITIONS)),
      ],
    ],
    where: [
      sql`(${governanceTasks.visibleTo(context.session)})`,
      ...whereGiven(filter.risk, (risk) => sql`risk = ${risk}`),
      ...whereGiven(filter.event, (event) => sql`event = ${event}`),
      // What has another form than an id of a transfer is the id of none.
      ...whereGiven(filter.transferId, (id) => (isUuid(id) ? sql`transfer_id = ${id}` : sql`false`)),
      ...whereGiven(filter.objectClass, (objectClass) => sql`object_class = ${objectClass}`),
      ...whereGiven(filter.objectId, (objectId) => sql`object_id = ${objectId}`),
      ...whereGiven(filter.openedFrom, (from) => sql`opened_at >= ${from}`),
      ...whereGiven(filter.openedBefore, (before) => sql`opened_at < ${before}`),
    ],
    orderBy: 'opened_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { queue: args.queue ?? null, filter },
  });
}
