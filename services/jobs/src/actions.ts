import { candidateOperators, EXECUTES } from '@qtm/relations';
import { type Action, action, type Context, type Related, rowsOf, sql } from '@qtm/service-kit';
import * as commands from './commands/job.ts';
import type { VersionedJob } from './generated/states.ts';

/** Of a pool's job, so many operators are tried, the first by slug. */
const MAX_CLAIMERS = 20;

/** Members of a pool for which the session executes, by slug. */
const claimersOfPool: Related<readonly { readonly operator: string }[]> = {
  name: 'claimers of a pool',
  none: [],
  async read({ db, session }, pools) {
    const rows = await rowsOf<{ pool_id: string; operator: string }>(
      db,
      sql`select published ->> 'pool_id' as pool_id, published ->> 'operator' as operator from known_aggregate
        where source = 'governance' and type = 'pool_member' and state = 'ACTIVE'
          and published ->> 'pool_id' = any(${[...pools]}::text[])
          and published ->> 'operator' in ${candidateOperators(session, EXECUTES)} order by operator`,
    );
    return Map.groupBy(rows, (row) => row.pool_id);
  },
};

/** Whom a job could be claimed for: the assignee, or every member of the pool for which the session executes. */
async function ways(job: VersionedJob, context: Context) {
  const { id: jobId, operator, poolId } = job;
  if (operator !== null) return [{ jobId, asOperator: operator }];
  const claimers = poolId === null ? [] : await context.related(claimersOfPool, poolId);
  if (claimers.length === 0) return [{ jobId }];
  return claimers.slice(0, MAX_CLAIMERS).map((claimer) => ({ jobId, asOperator: claimer.operator }));
}

const byId = ({ id: jobId }: VersionedJob) => ({ jobId });

/** What one can do to a job. */
export const jobActions: readonly Action<VersionedJob>[] = [
  action(commands.claimJob, ways, { asOperator: '' }),
  action(commands.releaseJob, byId),
  action(commands.startJob, byId),
  action(commands.completeJob, byId),
  action(commands.cancelJob, byId),
];
