import { type AggregateRow, fromWire, type Incoming, type ReactionTx, sql, storedOf } from '@qtm/service-kit';
import { type Pack, packId } from './domain/pack.ts';
import { type StartedJob, start } from './domain/service-event.ts';

/** What other services decide, and what follows from it here. */
export const reactions = { 'jobs.job_started': jobStarted };

/** The one execution of a job begins, at the first stage of the pack that its intake was pinned to. */
async function jobStarted(tx: ReactionTx, fact: Incoming): Promise<void> {
  const job = fromWire<StartedJob>(fact.state);
  if ((await tx.rows(sql`select 1 from service_event where job_id = ${job.id}`)).length > 0) return;
  await tx.write('service_event.start', [start(job, await packOf(tx, job), fact.actor_id)]);
}

/** @throws Error where it is missing: a job names a pack that was published here, so its event waits for a human */
async function packOf(tx: ReactionTx, { surface, packVersion }: StartedJob): Promise<Pack> {
  const id = packId(surface, packVersion);
  const [row] = await tx.rows<AggregateRow & Record<string, unknown>>(
    sql`select id, version, published, occurred_at from pack where id = ${id}`,
  );
  if (row === undefined) throw new Error(`there is no pack ${id}`);
  return storedOf<Pack>(row).value;
}
