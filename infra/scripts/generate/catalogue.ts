import { type Contract, ContractError, eventType, type SchemaFile, type ServiceContract } from './contract.ts';
import { type Field, fieldsOf } from './fields.ts';
import { MARKDOWN_HEADER } from './header.ts';

/** The dictionary of every event on every topic, for those who read the topics. */
export function eventCatalogue(contract: Contract): string {
  const sections = contract.services.map((service) => serviceSection(contract, service));
  const head = [MARKDOWN_HEADER, '# Events', INTRODUCTION, envelopeSection(contract), commonSection(contract)];
  return `${[...head, ...sections].join('\n\n')}\n`;
}

const INTRODUCTION = `Facts, complete and append-only, one topic per service. The key of a message is the id of its aggregate, so the facts of one
aggregate are in order. Delivery is at least once: drop an \`event_id\` you have seen; what remains is in order per aggregate.
Every event carries the whole published state of its aggregate after the fact, so a consumer may start anywhere.
Of two facts of one aggregate the one with the higher (\`epoch\`, \`aggregate_version\`) holds: a service whose database was restored from
a backup raises its epoch, and says by \`aggregate_restored\` and \`aggregate_lost\` what went back.

Within a major version fields are only added. Skip types, majors and fields you do not know. Instants are UTC, ISO-8601 with six
fraction digits. **Personal** values never enter a topic: a field marked so holds \`{ "ref", "hash" }\`, or null.
Beside each topic of facts lies a control topic, \`<tld>.<namespace>.watermarks.v1\` (one partition, kept for an hour): once a second
\`{ "source", "at", "epoch", "offsets": [{ "partition", "next_offset" }] }\`. Everything the service committed up to \`at\` lies below
these offsets: whoever has read so far is as fresh as that.

The same contract for machines: \`schema/generated/asyncapi.yaml\`; the schemas: \`schema/<service>/events\`.`;

function envelopeSection(contract: Contract): string {
  const envelope = contract.schemas.get('event.v1.json');
  if (envelope === undefined) throw new ContractError('schema/event.v1.json is missing');
  const fields = fieldsOf(contract, envelope).filter(({ path }) => !path.includes('.'));
  return `## What every event has\n\n${fieldTable(fields)}`;
}

function commonSection(contract: Contract): string {
  const common = [...contract.schemas.values()].filter(({ path }) => path.startsWith('shared/aggregates/'));
  const states = common.map((aggregate) => stateSection(contract, aggregate));
  return ['## What every service has', ...states].join('\n\n');
}

function serviceSection(contract: Contract, service: ServiceContract): string {
  return [
    `## ${service.name}`,
    `Topic \`${service.topic}\`. ${service.events.length} events.`,
    eventTable(service),
    ...service.events.flatMap((event) => dataSection(contract, service, event)),
    ...service.aggregates.map((aggregate) => stateSection(contract, aggregate)),
  ].join('\n\n');
}

function eventTable(service: ServiceContract): string {
  const rows = service.events.map((event) => {
    const { transition, prior_state, new_state } = event.schema.properties ?? {};
    const from = allowed(prior_state);
    const states = `${from === '' ? '' : `${from} → `}${allowed(new_state)}`;
    return row([`\`${eventType(service, event)}\``, event.schema.description ?? '', allowed(transition), states]);
  });
  return [row(['event', 'when', 'transition', 'state']), row(['---', '---', '---', '---']), ...rows].join('\n');
}

/** What a schema allows, as text: its constant, or its values. */
function allowed(schema: { const?: unknown; enum?: readonly unknown[] } | undefined): string {
  const values = schema?.enum ?? (schema?.const === undefined ? [] : [schema.const]);
  return values.map((value) => (value === null ? 'none' : `\`${String(value)}\``)).join(', ');
}

function dataSection(contract: Contract, service: ServiceContract, event: SchemaFile): string[] {
  const fields = fieldsOf(contract, event, event.schema.properties?.data ?? {});
  return fields.length === 0 ? [] : [`### Data of \`${eventType(service, event)}\`\n\n${fieldTable(fields)}`];
}

function stateSection(contract: Contract, aggregate: SchemaFile): string {
  const { title = aggregate.name, description = '' } = aggregate.schema;
  return `### State of ${title}\n\n${description}\n\n${fieldTable(fieldsOf(contract, aggregate))}`;
}

function fieldTable(fields: readonly Field[]): string {
  const rows = fields.map(({ path, type, nullable, personal, description }) =>
    row([`\`${path}\``, `${personal ? '**personal**' : type}${nullable ? ' or null' : ''}`, description]),
  );
  return [row(['field', 'type', 'meaning']), row(['---', '---', '---']), ...rows].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
