import { v7 } from 'uuid';
import type { DomainEvent, PersonalRef } from '../domain.ts';
import type { PrincipalKind } from '../process/session.ts';
import type { Stored } from './aggregate.ts';
import { toWire } from './keys.ts';

/** Who acted, under which law, because of what: the same for every fact of one transaction. */
export interface Provenance {
  readonly actorId: string;
  readonly actorKind: PrincipalKind;
  readonly sessionHash: string | null;
  /** The clause of the matrix that allowed it, or 'consequence'. */
  readonly authority: string;
  readonly matrixVersion: string;
  readonly basis: readonly string[];
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly traceparent: string;
  /** The database's clock, UTC with six fraction digits. */
  readonly now: string;
}

/** A fact together with the row it changes; without one it brings the aggregate into being. */
export interface Change {
  readonly event: DomainEvent;
  readonly prior: Stored | undefined;
  readonly transition: string;
  readonly reason?: PersonalRef | null;
}

/** Where events of a service belong: `xen.jobs` and the epoch of its database. */
export interface Origin {
  readonly eventPrefix: string;
  readonly epoch: number;
}

/** A journal row, columns as in the table; `payload` holds the exact bytes for Kafka. */
export interface JournalRow {
  readonly event_id: string;
  readonly event_type: string;
  readonly aggregate_type: string;
  readonly aggregate_id: string;
  readonly aggregate_version: number;
  readonly transition: string;
  readonly prior_state: string | null;
  readonly new_state: string;
  readonly reason_ref: PersonalRef | null;
  readonly actor_id: string;
  readonly actor_kind: PrincipalKind;
  readonly session_hash: string | null;
  readonly authority: string;
  readonly matrix_version: string;
  readonly basis: readonly string[];
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly traceparent: string;
  readonly transaction_id: string;
  readonly transaction_index: number;
  readonly transaction_size: number;
  readonly epoch: number;
  readonly occurred_at: string;
  readonly payload: string;
}

/** A journal row with the two forms of its content that others need. */
export interface ComposedEvent {
  readonly row: JournalRow;
  /** The event's value as parsed from `row.payload`. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The published state as JSON text. */
  readonly published: string;
}

/** Only additions within a major; a breaking change is a new event type. */
const SCHEMA_VERSION = 1;

/** Composes the facts of one transaction, in their order. */
export function composeEvents(
  origin: Origin,
  provenance: Provenance,
  changes: readonly Change[],
): readonly ComposedEvent[] {
  const transactionId = v7();
  return changes.map((change, index) => {
    const { event, prior } = change;
    const state = toWire(event.after);
    // An aggregate's time never runs backwards, whatever the clock does.
    const occurredAt = prior !== undefined && prior.occurredAt > provenance.now ? prior.occurredAt : provenance.now;
    const head = {
      event_id: v7(),
      event_type: `${origin.eventPrefix}.${event.name}.v${SCHEMA_VERSION}`,
    };
    const subject = {
      aggregate_type: event.aggregate,
      aggregate_id: event.after.id,
      aggregate_version: (prior?.version ?? 0) + 1,
    };
    const rest = {
      transaction_id: transactionId,
      transaction_index: index,
      transaction_size: changes.length,
      transition: change.transition,
      prior_state: prior?.value.state ?? null,
      new_state: event.after.state,
      reason_ref: change.reason ?? null,
      actor_id: provenance.actorId,
      actor_kind: provenance.actorKind,
      session_hash: provenance.sessionHash,
      authority: provenance.authority,
      matrix_version: provenance.matrixVersion,
      basis: provenance.basis,
      correlation_id: provenance.correlationId,
      causation_id: provenance.causationId,
      traceparent: provenance.traceparent,
    };
    const value = {
      ...head,
      schema_version: SCHEMA_VERSION,
      epoch: origin.epoch,
      occurred_at: occurredAt,
      ...subject,
      ...rest,
      state,
      data: toWire(event.data),
    };
    const row: JournalRow = {
      ...head,
      ...subject,
      ...rest,
      epoch: origin.epoch,
      occurred_at: occurredAt,
      payload: JSON.stringify(value),
    };
    return { row, value, published: JSON.stringify(state) };
  });
}
