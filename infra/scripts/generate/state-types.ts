import { compile } from 'json-schema-to-typescript';
import { type Contract, type JsonSchema, resolveRef, type SchemaFile, type ServiceContract } from './contract.ts';
import { TYPESCRIPT_HEADER } from './header.ts';
import { camelCase } from './names.ts';

/**
 * TypeScript types of the aggregates a service publishes, with the keys as the kit converts them. `Published<Title>` is the state on
 * the topic; `Versioned<Title>` the same, read-only, with its version: what a resolver's parent is.
 */
export async function stateTypes(contract: Contract, service: ServiceContract): Promise<string> {
  const definitions = new Map<string, JsonSchema>();
  for (const aggregate of service.aggregates) define(contract, aggregate, definitions);
  const $defs = Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1)));
  const types = await compile({ $defs } as never, ROOT, {
    bannerComment: '',
    additionalProperties: false,
    unreachableDefinitions: true,
    style: { singleQuote: true, printWidth: 120 },
  });
  const versioned = service.aggregates.map(
    ({ schema }) => `export type ${versionedType(schema)} = Versioned<${publishedType(schema)}>;`,
  );
  const named = types
    .replace(new RegExp(`export interface ${ROOT} \\{[^}]*\\}\n`), '')
    .replaceAll(/ \*\n \* This (?:interface|type) was referenced by .*\n(?: \* via the .*\n)?/g, '');
  return `${[TYPESCRIPT_HEADER, named.trim(), IMMUTABLE, versioned.sort().join('\n')].join('\n\n')}\n`;
}

/** The compiler wants a schema around the definitions; its type is of no use. */
const ROOT = 'DefinitionsOnly';

/** Name of the type of an aggregate's published state with its version. */
export function versionedType(schema: JsonSchema): string {
  return `Versioned${schema.title}`;
}

function publishedType(schema: JsonSchema): string {
  return `Published${schema.title}`;
}

const IMMUTABLE = `type Immutable<T> = T extends (infer E)[]
  ? readonly Immutable<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;
type Versioned<T> = Immutable<T> & { readonly version: number };`;

/** Adds the schema of a file, and of every file it refers to, as a definition; returns the definition's name. */
function define(contract: Contract, file: SchemaFile, definitions: Map<string, JsonSchema>): string {
  const isAggregate = file.path.includes('/aggregates/');
  const name = isAggregate ? publishedType(file.schema) : String(file.schema.title ?? file.name);
  if (!definitions.has(name)) {
    definitions.set(name, {}); // holds the place, so that a circle of references ends
    const { $id: _id, $schema: _schema, ...rest } = file.schema;
    definitions.set(name, { ...(convert(contract, file, rest, definitions) as JsonSchema), title: name });
  }
  return name;
}

/** Keys in camelCase, references as names of definitions, all the way down. */
function convert(contract: Contract, file: SchemaFile, value: unknown, definitions: Map<string, JsonSchema>): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(contract, file, item, definitions));
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as JsonSchema;
  const referred = schema.$ref === undefined ? undefined : resolveRef(contract, file.path, schema.$ref);
  if (referred !== undefined && referred.schema.type !== 'object') {
    return { ...referred.schema, $id: undefined, title: undefined, description: schema.description };
  }
  if (referred !== undefined) {
    const ref = { $ref: `#/$defs/${define(contract, referred, definitions)}` };
    return schema.description === undefined ? ref : { allOf: [ref], description: schema.description };
  }
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, inner]) => {
      if (keyword === 'properties') return [keyword, convertProperties(contract, file, inner as object, definitions)];
      if (keyword === 'required') return [keyword, (inner as string[]).map(camelCase)];
      if (keyword === 'enum' || keyword === 'const') return [keyword, inner];
      return [keyword, convert(contract, file, inner, definitions)];
    }),
  );
}

function convertProperties(
  contract: Contract,
  file: SchemaFile,
  properties: object,
  definitions: Map<string, JsonSchema>,
) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [camelCase(name), convert(contract, file, schema, definitions)]),
  );
}
