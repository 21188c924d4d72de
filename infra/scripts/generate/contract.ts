import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A JSON Schema as far as generation reads it; unknown keywords are carried along. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly $id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly 'x-personal'?: boolean;
}

export interface SchemaFile {
  /** Path below `schema/`, with forward slashes. */
  readonly path: string;
  /** File name without `.v<major>.json`. */
  readonly name: string;
  readonly major: number;
  readonly schema: JsonSchema;
}

/** One file of GraphQL definitions. */
export interface SdlFile {
  /** Path below the root, with forward slashes, as messages name it. */
  readonly path: string;
  readonly text: string;
}

export interface ServiceContract {
  readonly name: string;
  /** First part of its event types, `<tld>.<namespace>`. */
  readonly eventPrefix: string;
  readonly topic: string;
  /** Its subgraph, a file per subject, by path; none until the service has one. */
  readonly sdl: readonly SdlFile[];
  /** Own events and those every service has. */
  readonly events: readonly SchemaFile[];
  /** Own aggregates, without those every service has. */
  readonly aggregates: readonly SchemaFile[];
}

export interface Contract {
  readonly root: string;
  /** The types that every subgraph has. */
  readonly sharedSdl: SdlFile;
  readonly services: readonly ServiceContract[];
  /** Every JSON Schema of the contract by its path below `schema/`. */
  readonly schemas: ReadonlyMap<string, SchemaFile>;
}

/** What is wrong in the contract, in words for the one who writes it. */
export class ContractError extends Error {}

/** Folders of `schema/` that belong to no single service. */
const COMMON_FOLDERS = ['shared', 'generated', 'released'];

/** Names of the services: the folders of `schema/`. */
export function serviceNames(root: string): string[] {
  return readdirSync(join(root, 'schema'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !COMMON_FOLDERS.includes(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Reads the whole contract below `root/schema` by listing folders; names no service.
 * @throws ContractError where a file is not JSON or a service has no namespace
 */
export function readContract(root: string): Contract {
  const namespaces = readJson(root, 'namespaces.json') as Readonly<Record<string, string>>;
  const services = serviceNames(root);
  const sharedEvents = schemaFiles(root, 'shared/events');
  const all = ['', 'shared', 'shared/aggregates'].flatMap((folder) => schemaFiles(root, folder));
  all.push(...sharedEvents);
  const contracts = services.map((name): ServiceContract => {
    const events = schemaFiles(root, `${name}/events`);
    const aggregates = schemaFiles(root, `${name}/aggregates`);
    all.push(...events, ...aggregates, ...schemaFiles(root, name));
    const eventPrefix = prefixOf(name, namespaces[name]);
    return {
      name,
      eventPrefix,
      topic: `${eventPrefix}.events.v1`,
      sdl: sdlFiles(root, `schema/${name}/graphql`),
      events: [...events, ...sharedEvents],
      aggregates,
    };
  });
  return {
    root,
    sharedSdl: sdlFile(root, 'schema/shared.graphql'),
    services: contracts,
    schemas: new Map(all.map((file) => [file.path, file])),
  };
}

/** The schema that `ref` names, read from the file at `fromPath`; undefined for a reference within a file. */
export function resolveRef(contract: Contract, fromPath: string, ref: string): SchemaFile | undefined {
  const [file = ''] = ref.split('#');
  if (file === '') return undefined;
  const path = posix.normalize(posix.join(posix.dirname(fromPath), file));
  const found = contract.schemas.get(path);
  if (found === undefined) throw new ContractError(`schema/${fromPath}: $ref ${ref} names no schema of the contract`);
  return found;
}

/** The aggregate whose published state an event carries. */
export function aggregateOf(contract: Contract, event: SchemaFile): SchemaFile {
  const ref = event.schema.properties?.state?.$ref;
  const aggregate = ref === undefined ? undefined : resolveRef(contract, event.path, ref);
  if (aggregate === undefined) {
    throw new ContractError(`schema/${event.path}: properties.state is no $ref to an aggregate's schema`);
  }
  return aggregate;
}

/** The type of `event` on the topic of `service`. */
export function eventType(service: ServiceContract, event: SchemaFile): string {
  return `${service.eventPrefix}.${event.name}.v${event.major}`;
}

function prefixOf(service: string, namespace: string | undefined): string {
  if (namespace === undefined) throw new ContractError(`schema/namespaces.json has no namespace for '${service}'`);
  return namespace.split('.').reverse().join('.');
}

function sdlFiles(root: string, folder: string): SdlFile[] {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.graphql'));
  return names.sort().map((name) => sdlFile(root, posix.join(folder, name)));
}

function sdlFile(root: string, path: string): SdlFile {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

function schemaFiles(root: string, folder: string): SchemaFile[] {
  const absolute = join(root, 'schema', folder);
  if (!existsSync(absolute)) return [];
  const files: SchemaFile[] = [];
  for (const fileName of readdirSync(absolute).sort()) {
    const [, name, major] = /^(.+)\.v([1-9][0-9]*)\.json$/.exec(fileName) ?? [];
    if (name === undefined) continue;
    const path = posix.join(folder, fileName);
    files.push({ path, name, major: Number(major), schema: readJson(root, path) as JsonSchema });
  }
  return files;
}

function readJson(root: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, 'schema', path), 'utf8'));
  } catch (cause) {
    throw new ContractError(`schema/${path}: ${(cause as Error).message}`);
  }
}
