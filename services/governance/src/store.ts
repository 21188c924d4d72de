import { activeOperatorsOf, governed, hasAnyRole, operatorsOf, orAgent, SEES } from '@qtm/relations';
import { aggregate, type Session, type Sql, sql } from '@qtm/service-kit';
import type { Assignment } from './domain/assignment.ts';
import type { GovernanceTask } from './domain/governance-task.ts';
import type { Pool, PoolMember } from './domain/pool.ts';
import type { RoleGrant } from './domain/role-grant.ts';
import type { Task } from './domain/task.ts';

/** What this service owns, and who sees it. */

/** Roles that see the network's tasks. */
export const NETWORK = ['admin_governor', 'super_admin', 'auditor', 'executive'];
/** Roles that see what waits in review queues, and of them those that read what a review found. */
export const REVIEW_QUEUES = ['super_admin', 'clo_reviewer', 'executive', 'auditor'];
export const REVIEWERS = ['super_admin', 'clo_reviewer'];
/** Roles that see every role that was granted. */
export const GRANT_OVERSEERS = ['super_admin', 'auditor'];
/** Whom an operator shows its tasks to; an EXECUTE delegate sees jobs, not tasks. */
export const OPERATORS_OWN = SEES.filter((relation) => relation !== 'EXECUTE');

/** Columns of tasks and assignments alike. */
const seesTask = (session: Session): Sql =>
  sql`(audience = 'ADMIN' and ${hasAnyRole(session, NETWORK)}) or governed_by in ${operatorsOf(session, OPERATORS_OWN)}`;

export const tasks = aggregate<Task>({ type: 'task', visibleTo: seesTask, personalTo: governed });
export const assignments = aggregate<Assignment>({ type: 'assignment', visibleTo: seesTask, personalTo: governed });

const seesPool = (pool: Sql) => (session: Session) =>
  sql`${hasAnyRole(session, NETWORK)} or exists (select 1 from pool_member mine where mine.pool_id = ${pool}
    and mine.state = 'ACTIVE' and mine.operator in ${activeOperatorsOf(session, SEES)})`;

export const pools = aggregate<Pool>({ type: 'pool', visibleTo: seesPool(sql`pool.id`) });
export const poolMembers = aggregate<PoolMember>({
  type: 'pool_member',
  ids: 'text',
  visibleTo: seesPool(sql`pool_member.pool_id`),
  // Why one was taken out is for those who decide it; overseers see that it was.
  personalTo: (session) => hasAnyRole(session, ['admin_governor']),
});

export const roleGrants = aggregate<RoleGrant>({
  type: 'role_grant',
  ids: 'text',
  visibleTo: (session) => sql`identity_id = ${session.identityId} or ${hasAnyRole(session, GRANT_OVERSEERS)}`,
  personalTo: (session) => hasAnyRole(session, ['super_admin']),
});

/** What waits in review queues is surfaced and summarised by agents, decided by humans (S2:88-89). */
export const governanceTasks = aggregate<GovernanceTask>({
  type: 'governance_task',
  ids: 'text',
  agentsSee: true,
  visibleTo: (session) => orAgent(session, hasAnyRole(session, REVIEW_QUEUES)),
  personalTo: (session) => hasAnyRole(session, REVIEWERS),
});
