import { relatedRows, sql } from '@qtm/service-kit';
import type { Assignment } from '../domain/assignment.ts';
import type { PoolMember } from '../domain/pool.ts';
import { assignments, poolMembers } from '../store.ts';

const MAX_MEMBERS = 500;

/** Every assignment of a task, oldest first. */
export const assignmentsOfTask = relatedRows<Assignment>(
  'assignments of a task',
  (taskIds, session) => sql`select task_id as owner, id, version, published, occurred_at from assignment
    where task_id = any(${taskIds}::uuid[]) and (${assignments.visibleTo(session)}) order by assigned_at, id`,
);

/** Active members of a pool, by slug. */
export const membersOfPool = relatedRows<PoolMember>(
  'members of a pool',
  (poolIds, session) => sql`select pool_member.pool_id as owner, pool_member.id, version, published, occurred_at
    from unnest(${poolIds}::uuid[]) as asked (pool_id), lateral (select * from pool_member
      where pool_member.pool_id = asked.pool_id and state = 'ACTIVE' and (${poolMembers.visibleTo(session)})
      order by operator limit ${MAX_MEMBERS}) as pool_member order by operator`,
);
