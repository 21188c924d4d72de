import type { Refusal } from '../domain.ts';
import { type Aggregate, selectVisible, type Versioned } from '../journal/aggregate.ts';
import type { Change, ComposedEvent } from '../journal/envelope.ts';
import { aggregateOf, type Chassis } from '../service/chassis.ts';
import type { Outcome } from './idempotency.ts';
import { type RefusalValue, refusalValue } from './refusals.ts';
import type { CommandRequest } from './request.ts';

/** What a mutation resolves to: the aggregates it changed by their names (`job`, `serviceEvent`), or the refusal. */
export interface Payload {
  readonly refusal: RefusalValue | null;
  // biome-ignore lint/suspicious/noExplicitAny: each mutation's type says which aggregates its payload holds
  readonly [aggregate: string]: any;
}

const fieldOf = (type: string) => type.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function payloadFrom(changed: readonly (readonly [type: string, state: Versioned<object>])[]): Payload {
  const payload: Record<string, unknown> = {};
  // Where a command changes two of a kind, the subject comes first and is the one that is answered.
  for (const [type, state] of changed) payload[fieldOf(type)] ??= state;
  return { ...payload, refusal: null };
}

export function payloadOf(changes: readonly Change[], events: readonly ComposedEvent[]): Payload {
  return payloadFrom(
    changes.map(({ event }, index) => {
      const version = events[index]?.row.aggregate_version ?? 0;
      return [event.aggregate, { ...event.after, version }] as const;
    }),
  );
}

export function refusalPayload(chassis: Chassis, refusal: Refusal, currentState: string | null): Payload {
  return { refusal: refusalValue(chassis.refusals, refusal, currentState) };
}

/** The answer to a key that was used before: the same aggregates, as they are now. */
export async function answerAgain(
  chassis: Chassis,
  { pool, session, wrote }: CommandRequest,
  { results }: Outcome,
): Promise<Payload> {
  const changed: [string, Versioned<object>][] = [];
  for (const { aggregate, id, version } of results) {
    const of: Aggregate = aggregateOf(chassis, aggregate);
    const state = (await selectVisible(pool, of, session, [id])).get(id);
    if (state !== undefined) changed.push([aggregate, state]);
    wrote(aggregate, id, version);
  }
  return payloadFrom(changed);
}
