import { byKey, type Context, isUuid, rowsOf, sql } from '@qtm/service-kit';
import { actors, intakes, requests } from '../store.ts';
import { jobsOfIntake } from './intake.ts';

/** The chain that an id belongs to, whichever step of it the id names; null where the session may see no part of it. */
export async function traceOf(context: Context, id: string) {
  const chain = isUuid(id) ? await chainOf(context, id) : undefined;
  if (chain === undefined) return null;
  const [request, intake, jobs, actor] = await Promise.all([
    context.load(requests, chain.request_id),
    context.load(intakes, chain.intake_id),
    context.related(jobsOfIntake, chain.intake_id),
    context.load(actors, chain.actor_id),
  ]);
  if (intake === null && jobs.length === 0) return null;
  return { id, request, actor, intake, jobs, task: byKey('id', chain.task_id) };
}

interface Chain {
  readonly intake_id: string;
  readonly request_id: string;
  readonly actor_id: string;
  readonly task_id: string;
}

async function chainOf({ db }: Context, id: string): Promise<Chain | undefined> {
  const [chain] = await rowsOf<Chain>(
    db,
    sql`with named (intake_id) as (
        select id from intake where id = ${id}
        union select intake_id from request where id = ${id}
        union select id from intake where task_id = ${id}
        union select intake_id from job where id = ${id}
        union select intake_id from job where service_event_id = ${id}
        union select (published ->> 'intake_id')::uuid from foreign_aggregate
          where source = 'workflow' and type = any(array['service_event', 'record']) and id = ${id}::text
      )
      select intake.id as intake_id, intake.request_id, intake.actor_id, intake.task_id
        from named join intake on intake.id = named.intake_id limit 1`,
  );
  return chain;
}
