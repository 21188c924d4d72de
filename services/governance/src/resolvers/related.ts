import {
  type Aggregate,
  type AggregateRow,
  type Related,
  rowsOf,
  type Sql,
  sql,
  type Versioned,
  versionedOf,
} from '@qtm/service-kit';
import type { Assignment } from '../domain/assignment.ts';
import type { PoolMember } from '../domain/pool.ts';
import { assignments, poolMembers } from '../store.ts';

const MAX_MEMBERS = 500;

/** Every assignment of a task, oldest first. */
export const assignmentsOfTask: Related<readonly Versioned<Assignment>[]> = {
  name: 'assignments of a task',
  none: [],
  read: ({ db, session }, ids) =>
    grouped(
      db,
      sql`select task_id as owner, id, version, published, occurred_at from assignment
        where task_id = any(${[...ids]}::uuid[]) and (${assignments.visibleTo(session)}) order by assigned_at, id`,
    ),
};

/** Active members of a pool, by slug. */
export const membersOfPool: Related<readonly Versioned<PoolMember>[]> = {
  name: 'members of a pool',
  none: [],
  read: ({ db, session }, ids) =>
    grouped(
      db,
      sql`select pool_member.pool_id as owner, pool_member.id, version, published, occurred_at
        from unnest(${[...ids]}::uuid[]) as asked (pool_id), lateral (select * from pool_member
          where pool_member.pool_id = asked.pool_id and state = 'ACTIVE' and (${poolMembers.visibleTo(session)})
          order by operator limit ${MAX_MEMBERS}) as pool_member order by operator`,
    ),
};

async function grouped<T extends Aggregate['shape'] & object>(
  db: Parameters<typeof rowsOf>[0],
  statement: Sql,
): Promise<ReadonlyMap<string, readonly Versioned<T>[]>> {
  const rows = await rowsOf<AggregateRow & { owner: string }>(db, statement);
  const found = new Map<string, Versioned<T>[]>();
  for (const row of rows) found.set(row.owner, [...(found.get(row.owner) ?? []), versionedOf(row) as Versioned<T>]);
  return found;
}
