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

/**
 * Reads a message of a followed topic. Unknown fields are let through.
 * @throws Error saying what is missing: repeating cannot mend it, so the message is parked
 */
export function incomingOf(source: string, message: ReceivedMessage): Incoming {
  if (message.value === null) throw new Error('the message has no value');
  const value = JSON.parse(message.value.toString('utf8')) as Record<string, unknown>;
  const faults = TEXTS.filter((name) => typeof value[name] !== 'string') as string[];
  for (const name of ['epoch', 'aggregate_version']) if (!Number.isInteger(value[name])) faults.push(name);
  if (typeof value.state !== 'object' || value.state === null) faults.push('state');
  if (faults.length > 0) throw new Error(`the event lacks ${faults.join(', ')}`);
  return { data: {}, ...value, source } as unknown as Incoming;
}

/** Two contents for one version of an aggregate are told apart by this. */
export function publishedHash(event: Incoming): string {
  return createHash('sha256').update(JSON.stringify(event.state)).digest('hex');
}
