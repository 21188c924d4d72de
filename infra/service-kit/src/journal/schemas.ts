import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';

/** ajv-formats is a CommonJS module whose default export arrives wrapped. */
const addFormats = addFormatsModule.default;

/** The contract of a service's topic, read from the schema folder at start. */
export interface EventSchemas {
  /**
   * Checks a value against its event's schema before it is written: what is not in the contract never reaches a topic.
   * @throws Error naming the event and the fault; that is a bug of the service, not of its caller
   */
  assertValid(value: Readonly<Record<string, unknown>>): void;
}

function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Loads `<schemaRoot>/event.v1.json`, what all services share, and the events and aggregates of one service. */
export function loadEventSchemas(schemaRoot: string, service: string, eventPrefix: string): EventSchemas {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  addFormats(ajv);
  const validators = new Map<string, () => ValidateFunction>();
  const files = [
    join(schemaRoot, 'event.v1.json'),
    ...['shared', `${service}/aggregates`, `${service}/events`].flatMap((folder) =>
      jsonFiles(join(schemaRoot, folder)),
    ),
  ];
  for (const file of files) {
    const schema = JSON.parse(readFileSync(file, 'utf8')) as { $id: string };
    ajv.addSchema(schema);
    const event = /\/events\/([a-z_]+\.v\d+)\.json$/.exec(file)?.[1];
    if (event !== undefined) {
      validators.set(`${eventPrefix}.${event}`, () => ajv.getSchema(schema.$id) as ValidateFunction);
    }
  }
  return {
    assertValid(value) {
      const type = String(value.event_type);
      const validate = validators.get(type)?.();
      if (validate === undefined) throw new Error(`${type} has no schema`);
      if (!validate(value)) throw new Error(`${type} does not match its schema: ${ajv.errorsText(validate.errors)}`);
    },
  };
}
