import { v7 } from 'uuid';
import { CLOCK, flight } from '../command/flight.ts';
import { faultOf } from '../database/faults.ts';
import type { Pool } from '../database/pool.ts';
import { type Row, rowsOf, type Sql, sql } from '../database/statement.ts';
import { type DomainEvent, event } from '../domain.ts';
import type { Provenance } from '../journal/envelope.ts';
import { writeStatement } from '../journal/write.ts';
import type { Session } from '../process/session.ts';
import { traceparentOf } from '../process/trace-context.ts';
import { type Chassis, compose } from './chassis.ts';

/** What a service does of itself, without a session: at its start, as kind SERVICE, in its own name. */
export interface OwnActs {
  rows<R extends Row = Row>(statement: Sql): Promise<R[]>;
  /** The database's clock. */
  now(): Promise<string>;
  /**
   * Writes facts that bring aggregates into being, in one transaction.
   * @returns false where another replica wrote one of them first, and nothing was written
   */
  write(transition: string, events: readonly DomainEvent[]): Promise<boolean>;
}

export function ownActs(chassis: Chassis, pool: Pool): OwnActs {
  const now = async () => (await flight(pool, [CLOCK]))[0]?.[0]?.now as string;
  return {
    rows: (statement) => rowsOf(pool, statement),
    now,
    async write(transition, events) {
      if (events.length === 0) return true;
      const changes = events.map((one) => ({ event: one, prior: undefined, transition }));
      const composed = compose(chassis, inOwnName(chassis, await now()), changes);
      try {
        await flight(pool, [writeStatement({ changes, events: composed, personal: [] })]);
        return true;
      } catch (error) {
        if (faultOf(error).kind === 'unique') return false;
        throw error;
      }
    },
  };
}

/** As what a service does of itself is told. */
export function inOwnName({ service, matrix }: Chassis, now: string): Provenance {
  return {
    actorId: service,
    actorKind: 'SERVICE',
    sessionHash: null,
    authority: 'service',
    matrixVersion: matrix.version,
    basis: [],
    correlationId: v7(),
    causationId: null,
    traceparent: traceparentOf(undefined),
    now,
  };
}

/** As whom a service runs commands that are its own. Made here and nowhere else: no token makes such a session. */
export function ownSession(service: string): Session {
  return {
    identityId: service,
    issuer: 'own',
    subject: service,
    kind: 'SERVICE',
    roles: [],
    sessionHash: '',
    authTime: 0,
    acr: null,
    expiresAt: Number.POSITIVE_INFINITY,
    own: true,
  };
}

/** States, once per version, that this matrix is in force. */
export async function recordMatrix({ matrix }: Pick<Chassis, 'matrix'>, acts: OwnActs): Promise<void> {
  const { version, rows } = matrix;
  if ((await acts.rows(sql`select 1 from authority_matrix where id = ${version}`)).length > 0) return;
  const after = { id: version, state: 'LOADED', version, transitions: rows.size, loadedAt: await acts.now() };
  await acts.write('authority_matrix.load', [event('authority_matrix_loaded', 'authority_matrix', after)]);
}
