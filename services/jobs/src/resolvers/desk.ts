import { badUserInput, type Context, rowsOf, type Sql, sql } from '@qtm/service-kit';
import type { Job } from '../domain/job.ts';
import type { DeskResolvers } from '../generated/graphql.ts';
import { jobs } from '../store.ts';
import { listJobs, surfacesOf } from './lists.ts';

const LIVE: readonly Job['state'][] = ['QUEUED', 'CLAIMED', 'STARTED'];
const STATES: readonly Job['state'][] = [...LIVE, 'COMPLETED', 'CANCELED'];

/** The place where live work of a surface is seen: a view of jobs, without a state of its own. */
export async function deskOf(context: Context, surface: string) {
  return (await surfacesOf(context)).includes(surface) ? { surface, counts: [] } : null;
}

export const Desk: DeskResolvers = {
  queue({ surface }, args, context) {
    const filter = args.filter ?? {};
    if (filter.surface != null && filter.surface !== surface) {
      throw badUserInput(`this is the desk of ${surface}`, { argument: 'filter.surface' });
    }
    const sort = args.sort ?? { field: 'CREATED_AT', direction: 'ASC' };
    return listJobs(context, { ...args, sort, filter: { ...filter, surface, states: filter.states ?? LIVE } });
  },
  async counts({ surface }, _, { db, session }) {
    const visible: Sql = jobs.visibleTo(session);
    const rows = await rowsOf<{ state: Job['state']; jobs: number }>(
      db,
      sql`select state, count(*)::integer as jobs from job where surface = ${surface} and (${visible}) group by state`,
    );
    const counted = new Map(rows.map((row) => [row.state, row.jobs]));
    return STATES.map((state) => ({ state, jobs: counted.get(state) ?? 0 }));
  },
};
