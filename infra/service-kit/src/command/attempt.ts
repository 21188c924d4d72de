import { v7 } from 'uuid';
import { event } from '../domain.ts';
import type { Change, Provenance } from '../journal/envelope.ts';
import { writeStatement } from '../journal/write.ts';
import { type Chassis, compose } from '../service/chassis.ts';
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

/** Writes the attempt as a fact of its own, in a short transaction of its own, and publishes it like any other. */
export async function recordAttempt(
  chassis: Chassis,
  { pool, session, trace }: CommandRequest,
  attempt: Attempt,
): Promise<void> {
  chassis.metrics.attempts.inc({ transition: attempt.transition, kind: session.kind });
  const [clock] = await flight(pool, [CLOCK]);
  const now: string = clock?.[0]?.now;
  const after = {
    id: v7(),
    state: 'DENIED',
    ...attempt,
    principalKind: session.kind,
    reason: 'the clause does not hold',
    at: now,
  };
  const changes: Change[] = [
    { event: event('attempt_denied', 'attempt', after), prior: undefined, transition: 'attempt.deny' },
  ];
  const provenance: Provenance = {
    actorId: session.identityId,
    actorKind: session.kind,
    sessionHash: session.sessionHash,
    authority: 'none',
    matrixVersion: chassis.matrix.version,
    basis: [],
    ...trace,
    causationId: null,
    now,
  };
  const events = compose(chassis, provenance, changes);
  await flight(pool, [writeStatement({ changes, events, personal: [] })]);
}
