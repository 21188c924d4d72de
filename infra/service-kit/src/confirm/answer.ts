import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultOf } from '../database/faults.ts';
import type { Pool } from '../database/pool.ts';
import { raw, rowsOf, sql } from '../database/statement.ts';
import { type Aggregate, wellFormed } from '../journal/aggregate.ts';
import type { Session } from '../process/session.ts';
import type { Chassis } from '../service/chassis.ts';

/**
 * Where other services ask for one aggregate of this one. For the network of the services alone, as topics are: what is published names
 * identities that the graph would show only to whoever sees them.
 */
export const AGGREGATE_PATH = '/aggregates/:type/:id';

/** An aggregate as it stands; `state` as topics have it. */
export interface Standing {
  readonly epoch: number;
  readonly version: number;
  readonly state: object;
}

/**
 * Reads one aggregate from the tables, at this moment. What the session may not see as a whole is answered as what is not there, and
 * so is what this service does not own, and an id that its key cannot read.
 */
export async function standingOf(
  { aggregates }: Pick<Chassis, 'aggregates'>,
  pool: Pool,
  session: Session,
  { type, id }: { readonly type: string; readonly id: string },
): Promise<Standing | undefined> {
  const of = aggregates.get(type);
  const ids = of === undefined ? [] : wellFormed(of, [id]);
  if (of === undefined || ids.length === 0) return undefined;
  const [row] = await rowsOf<Standing>(pool, standing(of, ids, session));
  return row;
}

/** The epoch is that of the fact by which it came to stand so, as in copies of it: a restored database keeps what was told before. */
const standing = (of: Aggregate, ids: readonly string[], session: Session) => sql`
  select (select journal.epoch from journal where journal.event_id = ${raw(of.type)}.last_event_id) as epoch, version, published as state
  from ${raw(of.type)} where id = any(${ids}) and (${of.visibleTo(session)}) and (${of.detailTo(session)})`;

/** Answers another service that asks in the session of its caller. */
export function answerOwned(chassis: Chassis, pool: Pool, sessionOf: (request: FastifyRequest) => Session) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const found = await standingOf(chassis, pool, sessionOf(request), request.params as { type: string; id: string });
      return found === undefined ? reply.code(404).send(NOT_FOUND) : reply.send(found);
    } catch (error) {
      const { kind } = faultOf(error);
      if (kind !== 'away' && kind !== 'busy' && kind !== 'again') throw error;
      return reply.code(503).send(UNAVAILABLE);
    }
  };
}

const saying = (code: string, message: string) => ({ errors: [{ message, extensions: { code } }] });
const NOT_FOUND = saying('NOT_FOUND', 'there is nothing with this id that you may see');
const UNAVAILABLE = saying('SERVICE_UNAVAILABLE', 'the database of the service does not answer; repeat later');
