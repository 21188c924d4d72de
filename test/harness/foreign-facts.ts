import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEventSchemas } from '../../infra/service-kit/src/journal/schemas.ts';
import { loadNamespaces } from '../../infra/service-kit/src/kafka/topic.ts';
import { SCHEMA_ROOT } from '../../infra/service-kit/src/service/boot.ts';
import { newTrace } from './in-process.ts';

const SAMPLES = join(SCHEMA_ROOT, '../test/golden/events');
const namespaces = loadNamespaces(SCHEMA_ROOT, '');
const schemas = new Map<string, ReturnType<typeof loadEventSchemas>>();

/** An event of another service, and whose it is. */
export interface ForeignFact {
  readonly source: string;
  readonly event: {
    readonly event_type: string;
    readonly aggregate_type: string;
    readonly aggregate_id: string;
    readonly state: Readonly<Record<string, unknown>>;
  };
}

/** The golden sample of an event with another state, version or actor, held against its owner's contract. */
export function foreignFact(
  source: string,
  name: string,
  state: Readonly<Record<string, unknown>>,
  envelope: Readonly<Record<string, unknown>> = {},
): ForeignFact {
  const sample = JSON.parse(readFileSync(join(SAMPLES, source, `${name}.v1.json`), 'utf8'));
  const after = { ...sample.state, ...state };
  const event = {
    ...sample,
    // A sample that was made from the schema alone has none; every event that is published does.
    traceparent: sample.traceparent ?? newTrace().traceparent,
    event_id: randomUUID(),
    aggregate_id: after.id,
    new_state: after.state,
    state: after,
    ...envelope,
  };
  schemasOf(source).assertValid(event);
  return { source, event };
}

/** The same fact as nobody can read it: whoever follows it sets it aside, and knows no more of what it is about. */
export function unreadable({ source, event }: ForeignFact): ForeignFact {
  return { source, event: { ...event, event_id: undefined } as ForeignFact['event'] };
}

function schemasOf(source: string) {
  let found = schemas.get(source);
  if (found === undefined) {
    const namespace = namespaces.get(source);
    if (namespace === undefined) throw new Error(`${source} has no namespace`);
    found = loadEventSchemas(SCHEMA_ROOT, source, namespace.eventPrefix);
    schemas.set(source, found);
  }
  return found;
}
