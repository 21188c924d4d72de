import { stringify } from 'yaml';
import { type Contract, eventType, type SchemaFile, type ServiceContract } from './contract.ts';
import { HASH_HEADER } from './header.ts';

/** Never changed: it decides the partition of a key. */
const PARTITIONS = 12;

/** The topics as an AsyncAPI 3 document; the payloads refer to the schemas of the contract, relative to `schema/generated`. */
export function asyncApi(contract: Contract): string {
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'QTM OS events',
      version: '1.0.0',
      description:
        'Append-only facts, one topic per service, complete and in order per aggregate, delivered at least once.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(contract.services.map((service) => [service.name, channel(service)])),
    operations: Object.fromEntries(contract.services.map((service) => [`publish_${service.name}`, operation(service)])),
    components: {
      messages: Object.fromEntries(
        contract.services.flatMap((service) =>
          service.events.map((event) => [eventType(service, event), message(service, event)]),
        ),
      ),
      schemas: { Headers: HEADERS },
    },
  };
  return `${HASH_HEADER}\n${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function channel(service: ServiceContract) {
  const types = service.events.map((event) => eventType(service, event));
  return {
    address: service.topic,
    description: `Every fact about the aggregates of ${service.name}; the key is the aggregate's id.`,
    messages: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
    bindings: { kafka: { topic: service.topic, partitions: PARTITIONS } },
  };
}

function operation(service: ServiceContract) {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${service.name}` },
    summary: `The ${service.name} service states what became true.`,
  };
}

function message(service: ServiceContract, event: SchemaFile) {
  const type = eventType(service, event);
  return {
    name: type,
    title: event.schema.title,
    summary: event.schema.description,
    contentType: 'application/json',
    headers: { $ref: '#/components/schemas/Headers' },
    payload: { $ref: `../${event.path}` },
    bindings: { kafka: { key: { type: 'string', description: "Id of the fact's aggregate, UTF-8." } } },
  };
}

/** CloudEvents 1.0 in binary mode; the essentials stand in the value too, since many sinks drop headers. */
const HEADERS = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time'],
  properties: {
    ce_specversion: { type: 'string', const: '1.0', description: 'Version of CloudEvents.' },
    ce_id: { type: 'string', description: 'The `event_id`.' },
    ce_source: { type: 'string', description: 'The service that states the fact.' },
    ce_type: { type: 'string', description: 'The `event_type`.' },
    ce_subject: { type: 'string', description: 'The aggregate, `<type>/<id>`.' },
    ce_time: { type: 'string', description: 'The `occurred_at`.' },
    ce_dataschema: { type: 'string', description: "Id of the value's schema." },
    ce_partitionkey: { type: 'string', description: 'The key of the message.' },
    ce_sequence: { type: 'string', description: 'The `aggregate_version`.' },
    ce_correlationid: { type: 'string', description: 'The `correlation_id`.' },
    ce_causationid: { type: 'string', description: 'The `causation_id`; absent for a command.' },
    traceparent: { type: 'string', description: 'W3C trace context; absent where there was none.' },
  },
};
