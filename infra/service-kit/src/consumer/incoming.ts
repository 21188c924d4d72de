import { createHash } from 'node:crypto';
import type { ReceivedMessage } from '../kafka/client.ts';

/** An event of another service, as far as this one relies on its form. `state` and `data` are as published, snake_case. */
export interface Incoming {
  readonly source: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly epoch: number;
  readonly occurred_at: string;
  readonly aggregate_type: string;
  readonly aggregate_id: string;
  readonly aggregate_version: number;
  readonly new_state: string;
  readonly actor_id: string;
  readonly actor_kind: 'HUMAN' | 'SERVICE' | 'AGENT';
  readonly correlation_id: string;
  readonly traceparent: string;
  readonly state: object;
  readonly data: object;
}

const TEXTS = [
  'event_id',
  'event_type',
  'occurred_at',
  'aggregate_type',
  'aggregate_id',
  'new_state',
  'actor_id',
  'actor_kind',
  'correlation_id',
  'traceparent',
] as const;

/** A message that is no event: repeating cannot mend it, whatever its content makes the reason say. */
export class Unreadable extends Error {}

/**
 * Reads a message of a followed topic. Unknown fields are let through.
 * @throws Unreadable saying what is missing, so that the message is parked
 */
export function incomingOf(source: string, message: ReceivedMessage): Incoming {
  const value = eventOf(message);
  const faults = TEXTS.filter((name) => typeof value[name] !== 'string') as string[];
  for (const name of ['epoch', 'aggregate_version']) if (!Number.isInteger(value[name])) faults.push(name);
  if (typeof value.state !== 'object' || value.state === null) faults.push('state');
  if (faults.length > 0) throw new Unreadable(`the event lacks ${faults.join(', ')}`);
  return { data: {}, ...value, source } as unknown as Incoming;
}

function eventOf({ value }: ReceivedMessage): Record<string, unknown> {
  if (value === null) throw new Unreadable('the message has no value');
  let parsed: unknown;
  try {
    parsed = JSON.parse(value.toString('utf8'));
  } catch (cause) {
    throw new Unreadable(`the value is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof parsed !== 'object' || parsed === null) throw new Unreadable('the value is not a JSON object');
  return parsed as Record<string, unknown>;
}

/** Two contents for one version of an aggregate are told apart by this. */
export function publishedHash(event: Incoming): string {
  return createHash('sha256').update(JSON.stringify(event.state)).digest('hex');
}
