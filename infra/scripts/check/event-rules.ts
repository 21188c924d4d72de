import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
  aggregateOf,
  type Contract,
  eventType,
  type JsonSchema,
  resolveRef,
  type SchemaFile,
  type ServiceContract,
} from '../generate/contract.ts';

/** Schemas as last released, by path below `schema/`. */
type Released = ReadonlyMap<string, JsonSchema>;

/** What is wrong with the event and aggregate schemas and their golden samples, one line each. */
export function eventProblems(contract: Contract, released: Released = new Map()): string[] {
  const files = [...contract.schemas.values()];
  const forms = files.flatMap((file) => [
    ...formProblems(contract, file, released),
    ...propertyProblems(contract, file),
  ]);
  const ajv = validatorOf(contract);
  const events = files.filter(({ path }) => path.includes('/events/'));
  const services = contract.services.flatMap((service) =>
    service.events.flatMap((event) => typeProblems(service, event)),
  );
  return [...forms, ...new Set(services), ...events.flatMap((event) => sampleProblems(contract, ajv, event))];
}

function formProblems(contract: Contract, file: SchemaFile, released: Released): string[] {
  const problems: string[] = [];
  const id = `https://qtm.x1/schema/${file.path}`;
  if (file.schema.$id !== id) problems.push(`schema/${file.path}: $id is not ${id}`);
  if (file.schema.title === undefined) problems.push(`schema/${file.path}: has no title`);
  if (file.schema.description === undefined) problems.push(`schema/${file.path}: has no description`);
  if (file.path.includes('/aggregates/')) problems.push(...stateProblems(file, released));
  if (file.path.includes('/events/')) aggregateOf(contract, file);
  return problems;
}

/**
 * An absent value is null, never a missing key; so every property of a published state is required. What was added to a state that
 * facts already on a topic carry cannot be: they lack it.
 */
function stateProblems({ path, schema }: SchemaFile, released: Released): string[] {
  const [required, before] = [new Set(schema.required ?? []), released.get(path)];
  const mayLack = (name: string) => before !== undefined && !(before.required ?? []).includes(name);
  const missing = Object.keys(schema.properties ?? {}).filter((name) => !required.has(name) && !mayLack(name));
  const absent = ['id', 'state'].filter((name) => schema.properties?.[name] === undefined);
  return [
    ...missing.map((name) => `schema/${path}: ${name} is not required; an absent value is null`),
    ...absent.map((name) => `schema/${path}: has no property ${name}`),
  ];
}

/** Descriptions, key forms and personal marks of every property, all the way down. */
function propertyProblems(contract: Contract, file: SchemaFile, schema: JsonSchema = file.schema, at = ''): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${at}${name}`;
    const where = `schema/${file.path}: ${path}`;
    const problems: string[] = [];
    if (property.description === undefined) problems.push(`${where} has no description`);
    if (!/^[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*$/.test(name)) problems.push(`${where} is not snake_case`);
    if (isPersonal(contract, file, property) !== (property['x-personal'] === true)) {
      problems.push(`${where}: x-personal and a $ref to shared/personal-ref.v1.json belong together`);
    }
    return [...problems, ...propertyProblems(contract, file, property, `${path}.`)];
  });
  const branches = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
  return [...own, ...branches.flatMap((branch) => propertyProblems(contract, file, branch, at))];
}

function isPersonal(contract: Contract, file: SchemaFile, property: JsonSchema): boolean {
  return [property, ...(property.anyOf ?? []), ...(property.oneOf ?? [])].some(
    ({ $ref }) => $ref !== undefined && resolveRef(contract, file.path, $ref)?.path === 'shared/personal-ref.v1.json',
  );
}

function typeProblems(service: ServiceContract, event: SchemaFile): string[] {
  const { const: fixed, pattern } = event.schema.properties?.event_type ?? {};
  const type = eventType(service, event);
  const matches = fixed === type || (pattern !== undefined && new RegExp(pattern).test(type));
  return matches ? [] : [`schema/${event.path}: event_type does not allow ${type}`];
}

function sampleProblems(contract: Contract, ajv: Ajv2020.default, event: SchemaFile): string[] {
  const samplePath = `test/golden/events/${event.path.replace('/events/', '/')}`;
  const absolute = join(contract.root, samplePath);
  if (!existsSync(absolute)) return [`${samplePath}: the golden sample of schema/${event.path} is missing`];
  try {
    const validate = ajv.getSchema(`https://qtm.x1/schema/${event.path}`);
    if (validate?.(JSON.parse(readFileSync(absolute, 'utf8'))) === true) return [];
    return (validate?.errors ?? []).map((error) => `${samplePath}${error.instancePath}: ${error.message}`);
  } catch (error) {
    return [`${samplePath}: ${(error as Error).message}`];
  }
}

/** A validator that knows every schema of the contract. */
export function validatorOf(contract: Contract): Ajv2020.default {
  const ajv = new Ajv2020.default({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false });
  addFormats.default(ajv);
  ajv.addKeyword({ keyword: 'x-personal', schemaType: 'boolean' });
  for (const { schema } of contract.schemas.values()) ajv.addSchema(schema);
  return ajv;
}
