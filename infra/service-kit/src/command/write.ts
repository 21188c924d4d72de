import { DatabaseError } from 'pg';
import { faultOf } from '../database/faults.ts';
import type { PoolClient } from '../database/pool.ts';
import type { DomainEvent } from '../domain.ts';
import type { Change, Provenance } from '../journal/envelope.ts';
import { writeStatement } from '../journal/write.ts';
import { sealedRows } from '../personal/personal.ts';
import { compose } from '../service/chassis.ts';
import type { CommandInput } from './command.ts';
import { outcomeUnknown } from './errors.ts';
import { COMMIT, flight } from './flight.ts';
import type { Outcome } from './idempotency.ts';
import type { Loaded, Run } from './load.ts';
import { type Payload, payloadOf } from './payload.ts';

/**
 * The second flight: one statement that writes everything, COMMIT behind it.
 * @throws GraphQLError OUTCOME_UNKNOWN where the connection was lost, or the server failed, before it answered
 */
export async function write<I extends CommandInput>(
  run: Run<I>,
  client: PoolClient,
  loaded: Loaded,
  decided: readonly DomainEvent[],
  clause: string,
): Promise<Payload> {
  const { chassis, command, request, key, sealings } = run;
  const { transition } = command;
  const reason = sealings.find((sealing) => sealing.field === command.spec.reason)?.ref ?? null;
  const changes = decided.map((event): Change => {
    return { event, prior: loaded.locked.get(`${event.aggregate}/${event.after.id}`), transition, reason };
  });
  const events = compose(chassis, provenanceOf(run, loaded, clause), changes);
  const rows = events.map((event) => event.row);
  const outcome: Outcome = {
    results: rows.map((row) => ({
      aggregate: row.aggregate_type,
      id: row.aggregate_id,
      version: row.aggregate_version,
      eventId: row.event_id,
    })),
  };
  const personal = sealedRows(sealings, rows);
  try {
    await flight(client, [writeStatement({ changes, events, personal, outcome: { ...key, outcome } }), COMMIT]);
  } catch (error) {
    // Only what the server says of the statement says that nothing was kept. A lost connection says nothing at all, and what a server
    // says as it goes down, or that cannot write, may come after the commit.
    throw error instanceof DatabaseError && faultOf(error).kind !== 'away' ? error : outcomeUnknown();
  }
  for (const result of outcome.results) request.wrote(result.aggregate, result.id, result.version);
  return payloadOf(changes, events);
}

function provenanceOf<I extends CommandInput>(
  { chassis, request }: Run<I>,
  loaded: Loaded,
  clause: string,
): Provenance {
  const { session, trace } = request;
  return {
    actorId: session.identityId,
    actorKind: session.kind,
    sessionHash: session.own === true ? null : session.sessionHash,
    authority: clause,
    matrixVersion: chassis.matrix.version,
    basis: loaded.basis,
    ...trace,
    causationId: null,
    now: loaded.now,
  };
}
