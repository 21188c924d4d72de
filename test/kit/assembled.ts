import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import type { ServiceDefinition } from '@qtm/service-kit';
import { migrate } from '@qtm/service-kit/migrate';
import { createLogger, createMetrics, type Registry } from '@qtm/service-kit/process';
import { parseMatrix } from '../../infra/service-kit/src/authority/matrix.ts';
import type { StepUp } from '../../infra/service-kit/src/authority/step-up.ts';
import type { Owners } from '../../infra/service-kit/src/confirm/owners.ts';
import { createPool, type Pool } from '../../infra/service-kit/src/database/pool.ts';
import { loadNamespaces } from '../../infra/service-kit/src/kafka/topic.ts';
import { createChassis } from '../../infra/service-kit/src/service/assemble.ts';
import type { Chassis } from '../../infra/service-kit/src/service/chassis.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';

/** A service that a test writes itself: what it is, and its whole contract. */
export interface SmallService {
  readonly definition: ServiceDefinition;
  readonly matrix: string;
  /** Tables of its aggregates; where absent, they are made from their names. */
  readonly tables?: string;
  /** Their schemas allow anything. */
  readonly events: readonly string[];
  readonly sdl: string;
}

export interface Assembling {
  readonly owners?: Owners;
  readonly stepUp?: StepUp;
  readonly authorityMaxAgeMs?: number;
}

/** A small service on a database of its own: everything but its doors. */
export interface Assembled {
  readonly schemaRoot: string;
  readonly chassis: Chassis;
  readonly pool: Pool;
  readonly registry: Registry;
  readonly logger: ReturnType<typeof createLogger>;
  /** Addresses of the database, as its owner, the service and the relay. */
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly relayUrl: string;
}

export async function assembled(small: SmallService, options: Assembling = {}): Promise<Assembled> {
  const { definition, matrix } = small;
  const { name } = definition;
  const stack = sharedStack();
  const root = writtenRelease(small, stack.dataDir);
  const urls = await stack.provision(name, { database: uniqueName(`${name}_`) });
  await migrate({ service: name, ownerUrl: urls.ownerUrl, appRole: `${name}_app`, relayRole: `${name}_relay`, root });
  const schemaRoot = join(root, 'schema');
  const logger = createLogger(name, 'silent');
  const registry = createMetrics(name);
  const chassis = createChassis({
    definition,
    namespaces: loadNamespaces(schemaRoot, ''),
    matrix: parseMatrix(matrix),
    schemaRoot,
    epoch: 1,
    authorityMaxAgeMs: Number.POSITIVE_INFINITY,
    registry,
    logger,
    ...options,
  });
  return {
    schemaRoot,
    chassis,
    pool: createPool({ url: urls.appUrl, name, size: 5, logger }),
    registry,
    logger,
    ...urls,
  };
}

/** A release with this service in it: its contract beside what all contracts share, its tables after those of the kit. */
function writtenRelease({ definition, tables, events, sdl }: SmallService, folder: string): string {
  const { name, aggregates, follows } = definition;
  const root = join(folder, uniqueName('release-'));
  for (const layer of ['service-kit', 'relations']) {
    mkdirSync(join(root, 'infra'), { recursive: true });
    symlinkSync(join(ROOT, 'infra', layer), join(root, 'infra', layer));
  }
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const made = () => aggregates.map(({ type }) => TABLE.replace('<type>', type)).join('\n');
  write(`services/${name}/migrations/0001-tables.sql`, tables ?? made());
  for (const shared of ['event.v1.json', 'shared', 'shared.graphql']) {
    cpSync(join(ROOT, 'schema', shared), join(root, 'schema', shared), { recursive: true });
  }
  const namespaces = [name, ...Object.keys(follows)].map((service) => [service, `${service}.x1`]);
  write('schema/namespaces.json', JSON.stringify(Object.fromEntries(namespaces)));
  write(`schema/${name}/graphql/subgraph.graphql`, `${LINK}\n${sdl}`);
  mkdirSync(join(root, 'schema', name, 'aggregates'));
  for (const event of events) {
    const path = `${name}/events/${event}.v1.json`;
    write(`schema/${path}`, JSON.stringify({ $id: `https://qtm.x1/schema/${path}`, $ref: '../../event.v1.json' }));
  }
  return root;
}

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';
const TABLE = `create table <type> (id text primary key, version integer not null, state text not null,
  published jsonb not null, occurred_at text not null, last_event_id uuid not null);`;
