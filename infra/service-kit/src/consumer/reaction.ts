import { CLOCK } from '../command/flight.ts';
import type { PoolClient } from '../database/pool.ts';
import { type Row, rowsOf, type Sql } from '../database/statement.ts';
import type { AggregateState, DomainEvent } from '../domain.ts';
import {
  type Aggregate,
  type AggregateRow,
  locking,
  rowStatement,
  type Stored,
  storedOf,
} from '../journal/aggregate.ts';
import type { Provenance } from '../journal/envelope.ts';
import { writeStatement } from '../journal/write.ts';
import { type Chassis, compose } from '../service/chassis.ts';
import type { Incoming } from './incoming.ts';

/** What a reaction may do: read and lock this service's own rows, and write the consequence. It never refuses and never waits. */
export interface ReactionTx {
  rows<R extends Row = Row>(statement: Sql): Promise<R[]>;
  /** One row of ours, locked; what is written of it later is guarded by this version. */
  lock<T extends AggregateState>(of: Aggregate<T>, id: string): Promise<Stored<T> | undefined>;
  /** The database's clock. */
  now(): Promise<string>;
  /** Writes the recorded effect of the event: its journal rows say `consequence`, the event as cause, and the event's actor. */
  write(transition: string, events: readonly DomainEvent[]): Promise<void>;
}

/** What another service's decision leads to here, by the event's type. Idempotent: it may see its event again. */
export type Reaction = (tx: ReactionTx, fact: Incoming) => Promise<void>;
export type Reactions = Readonly<Record<string, Reaction>>;

/** The transaction of one event as its reaction sees it. */
export function reactionTx(chassis: Chassis, client: PoolClient, fact: Incoming): ReactionTx {
  const locked = new Map<string, Stored>();
  const now = async () => (await rowsOf(client, CLOCK))[0]?.now as string;
  return {
    rows: (statement) => rowsOf(client, statement),
    async lock<T extends AggregateState>(of: Aggregate<T>, id: string) {
      const [row] = await rowsOf<AggregateRow>(client, locking(of, rowStatement(of, id)));
      const stored = row && storedOf<T>(row);
      if (stored !== undefined) locked.set(`${of.type}/${id}`, stored);
      return stored;
    },
    now,
    async write(transition, events) {
      if (events.length === 0) return;
      const changes = events.map((event) => {
        return { event, prior: locked.get(`${event.aggregate}/${event.after.id}`), transition };
      });
      const composed = compose(chassis, consequenceOf(chassis, fact, await now()), changes);
      await rowsOf(client, writeStatement({ changes, events: composed, personal: [] }));
    },
  };
}

function consequenceOf(chassis: Chassis, fact: Incoming, now: string): Provenance {
  return {
    actorId: fact.actor_id,
    actorKind: fact.actor_kind,
    sessionHash: null,
    authority: 'consequence',
    matrixVersion: chassis.matrix.version,
    basis: [`${fact.source}/${fact.aggregate_type}/${fact.aggregate_id}@${fact.epoch}.${fact.aggregate_version}`],
    correlationId: fact.correlation_id,
    causationId: fact.event_id,
    traceparent: fact.traceparent,
    now,
  };
}
