import { createHash } from 'node:crypto';
import { topicsOf } from '../../harness/topics.ts';
import type { Scene } from '../scene.ts';
import { endOffsets, kafkaOf, readTopic, type TopicMessage } from '../topics/read.ts';
import type { TopicEvent } from './facts.ts';

/** Aggregates whose checks read what is published of them. */
const READ_WHOLE = ['operator', 'register_entry', 'transfer'];

/** Every message of every topic up to its end, by partition in order. */
export async function readEvents({ system, stack }: Pick<Scene, 'system' | 'stack'>): Promise<readonly TopicEvent[]> {
  const kafka = kafkaOf(stack.kafka.brokers);
  const admin = kafka.admin();
  await admin.connect();
  const events: TopicEvent[] = [];
  try {
    for (const [service, topic] of topicsOf({ ...system, brokers: stack.kafka.brokers })) {
      const to = await endOffsets(admin, topic);
      await readTopic(kafka, topic, { to }, (message) => events.push(eventOf(service, message)));
    }
  } finally {
    await admin.disconnect();
  }
  return events;
}

function eventOf(service: string, { partition, offset, value }: TopicMessage): TopicEvent {
  const bytes = value ?? Buffer.alloc(0);
  const event = JSON.parse(bytes.toString('utf8'));
  const links = Object.entries(event.state).filter(
    ([name, text]) => name.endsWith('_id') && (text === null || typeof text === 'string'),
  );
  return {
    service,
    partition,
    offset,
    eventId: event.event_id,
    name: event.event_type.split('.').at(-2),
    aggregateType: event.aggregate_type,
    aggregateId: event.aggregate_id,
    version: event.aggregate_version,
    epoch: event.epoch,
    transition: event.transition,
    priorState: event.prior_state,
    newState: event.new_state,
    causationId: event.causation_id,
    actorId: event.actor_id,
    clause: event.authority,
    basis: event.basis,
    trace: event.correlation_id,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    stateHash: hashOf(event.state),
    links: Object.fromEntries(links) as Record<string, string | null>,
    sealed: event.aggregate_type === 'record' ? event.state.sha256 : null,
    state: READ_WHOLE.includes(event.aggregate_type) ? event.state : null,
  };
}

/** Of a JSON value, whatever the order of its keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, inOrder)).digest('hex');
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
