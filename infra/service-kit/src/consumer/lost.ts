import { type Queryable, rowsOf, sql } from '../database/statement.ts';
import type { Incoming } from './incoming.ts';

/** Every service may tell, after a restore, of what its database knows no more. */
export const LOST_AGGREGATE = 'lost_aggregate';

/**
 * Forgets the copies of what the restored database of their source knows nothing of. What came into being again since has a higher
 * epoch and stays, in whatever order the two are seen.
 */
export async function forgetLost(db: Queryable, events: readonly Incoming[]): Promise<void> {
  const lost = events.flatMap(({ source, aggregate_type, aggregate_id, epoch, state }) => {
    const { types = [] } = state as { readonly types?: readonly string[] };
    return aggregate_type === LOST_AGGREGATE ? types.map((type) => ({ source, type, id: aggregate_id, epoch })) : [];
  });
  if (lost.length === 0) return;
  await rowsOf(
    db,
    sql`delete from foreign_aggregate kept
      using json_to_recordset(${JSON.stringify(lost)}::json) as lost(source text, type text, id text, epoch integer)
      where kept.source = lost.source and kept.type = lost.type and kept.id = lost.id and kept.epoch < lost.epoch`,
  );
}
