import { v7 } from 'uuid';
import { faultOf } from '../database/faults.ts';
import type { Pool } from '../database/pool.ts';
import type { Queryable } from '../database/statement.ts';
import { type DomainEvent, event } from '../domain.ts';
import type { Provenance } from '../journal/envelope.ts';
import { writeStatement } from '../journal/write.ts';
import { traceparentOf } from '../process/trace-context.ts';
import { type Chassis, compose } from '../service/chassis.ts';
import type { Excess } from './attempt-cap.ts';
import { CLOCK, flight } from './flight.ts';
import type { CommandRequest } from './request.ts';

/** Somebody with a valid session tried what the matrix does not allow them. */
export interface Attempt {
  readonly transition: string;
  readonly subjectType: string;
  /** Null where no such row exists: what a client types into an id is not kept. */
  readonly subjectId: string | null;
  readonly clause: string;
}

/**
 * Writes the attempt as a fact of its own, in a short transaction of its own, and publishes it like any other; beyond the cap it is
 * only counted.
 */
export async function recordAttempt(
  chassis: Chassis,
  { pool, session, trace }: CommandRequest,
  attempt: Attempt,
): Promise<void> {
  const { identityId, kind, sessionHash, own } = session;
  const { transition, clause } = attempt;
  chassis.metrics.attempts.inc({ transition, kind });
  if (!chassis.attempts.admits({ identityId, kind, transition, clause }, Date.now())) {
    chassis.metrics.attemptsCounted.inc({ transition, kind });
    return;
  }
  const now = await clockOf(pool);
  const after = {
    id: v7(),
    state: 'DENIED',
    ...attempt,
    principalKind: kind,
    reason: 'the clause does not hold',
    at: now,
  };
  const of = { actorId: identityId, actorKind: kind, sessionHash: own === true ? null : sessionHash, ...trace, now };
  await write(chassis, pool, event('attempt_denied', 'attempt', after), 'attempt.deny', of);
}

/**
 * Writes one row for what a principal was denied in a minute beyond the cap. A count that was written already, by a try whose answer
 * was lost, is not written again.
 */
export async function recordExcess(chassis: Chassis, pool: Pool, excess: Excess): Promise<void> {
  const { id, identityId, kind, minuteMs, attempts, tried } = excess;
  const minute = new Date(minuteMs).toISOString().replace(/\.\d+Z$/, '.000000Z');
  const after = { id, state: 'COUNTED', principalKind: kind, minute, attempts, tried };
  const trace = { correlationId: v7(), traceparent: traceparentOf(undefined) };
  const of = { actorId: identityId, actorKind: kind, sessionHash: null, ...trace, now: await clockOf(pool) };
  try {
    await write(chassis, pool, event('attempts_counted', 'attempt_count', after), 'attempt_count.count', of);
  } catch (error) {
    if (faultOf(error).kind !== 'unique') throw error;
  }
}

async function clockOf(pool: Queryable): Promise<string> {
  return (await flight(pool, [CLOCK]))[0]?.[0]?.now;
}

type Who = Pick<Provenance, 'actorId' | 'actorKind' | 'sessionHash' | 'correlationId' | 'traceparent' | 'now'>;

async function write(chassis: Chassis, pool: Pool, fact: DomainEvent, transition: string, of: Who): Promise<void> {
  const changes = [{ event: fact, prior: undefined, transition }];
  const matrixVersion = chassis.matrix.version;
  const events = compose(chassis, { authority: 'none', matrixVersion, basis: [], causationId: null, ...of }, changes);
  await flight(pool, [writeStatement({ changes, events, personal: [] })]);
}
