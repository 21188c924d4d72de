import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@qtm/service-kit/migrate';
import { gatewayMain, mainOf, ROOT, servicesHere, servicesOf } from '../layout.ts';
import { freePorts } from '../ports.ts';
import { Managed } from './managed.ts';

/** What a system needs of a stack. */
export interface SystemStack {
  readonly kafka: { readonly brokers: string };
  readonly issuer: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string };
  provision(
    service: string,
    options?: { readonly database?: string; readonly template?: string },
  ): Promise<{ readonly ownerUrl: string; readonly appUrl: string; readonly relayUrl: string }>;
}

export interface SystemOptions {
  readonly stack: SystemStack;
  /** Logs, the ledger of processes and the shared secret lie here. */
  readonly dataDir: string;
  /** Port of the gateway; a free one where absent. */
  readonly port?: number;
  /** Several systems on one stack: put before topics, and behind the names of databases. */
  readonly instance?: string;
  /** Processes per service, and of the gateway under `gateway`; one where absent. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** Where the gateways, or other services, find a process of a service, where they are led another way than to its own address. */
  readonly route?: (way: Way, name: string, url: string) => Promise<string>;
  /** Further settings of every process. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Another release to run: where its files lie, and how its tables are made. Services that it lacks have a database without tables and
   * processes that are not started, so that they can come up later.
   */
  readonly release?: {
    readonly root: string;
    readonly migrate: (service: string, ownerUrl: string) => Promise<void>;
  };
  readonly log: (line: string) => void;
}

/** Who asks a service. */
export type Way = 'gateway–service' | 'service–service';

/** Every service and the gateway as processes of their own, on one stack. */
export interface System {
  /** Where clients send GraphQL. */
  readonly endpoint: string;
  readonly gateway: Managed;
  /** The gateway and its replicas. */
  readonly gateways: readonly Managed[];
  /** Processes of the services, replicas of one service side by side. */
  readonly services: ReadonlyMap<string, readonly Managed[]>;
  readonly processes: readonly Managed[];
  /** Addresses of the databases, by service. */
  readonly databases: ReadonlyMap<string, { readonly ownerUrl: string; readonly appUrl: string }>;
  readonly topicPrefix: string;
  /** Ends the gateway first, then the services, in good order. */
  stop(): Promise<void>;
}

/**
 * Provisions and migrates a database for every service, starts them all and the gateway, and resolves when all are ready.
 * @throws Error naming the process that did not come up and its last words; what was started is ended
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dataDir, log, instance = '' } = options;
  const names = servicesHere();
  const present = new Set(servicesOf(options.release?.root ?? ROOT));
  const ledger = join(dataDir, 'processes');
  const logFolder = join(dataDir, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const topicPrefix = instance === '' ? '' : `${instance}.`;
  const databases = new Map(
    await Promise.all(names.map(async (name) => [name, await prepareDatabase(options, name, present)] as const)),
  );
  const shared = sharedSettings(options, topicPrefix);
  const services = new Map<string, readonly Managed[]>();
  const places = await placesOf(names, options.replicas);
  const owners = await addressesOf(places, 'service–service', options.route);
  const listed = [...owners].flatMap(([name, urls]) => urls.map((url) => `${name}=${url}`)).join(',');
  for (const [service, all] of places) {
    const database = databases.get(service);
    const replicas: Managed[] = [];
    for (const { name, port } of all) {
      replicas.push(
        new Managed({
          name,
          main: mainOf(service, options.release?.root),
          port,
          env: {
            ...shared,
            QTM_DATABASE_URL: database?.appUrl ?? '',
            QTM_RELAY_DATABASE_URL: database?.relayUrl ?? '',
            QTM_OWNER_URLS: listed,
            ...options.env,
          },
          logFolder,
          ledger,
        }),
      );
    }
    services.set(service, replicas);
  }
  const subgraphs = await addressesOf(places, 'gateway–service', options.route);
  const gatewayAt = (name: string, port: number) =>
    new Managed({
      name,
      main: gatewayMain(options.release?.root),
      port,
      env: { ...shared, ...subgraphSettings(subgraphs), ...options.env },
      logFolder,
      ledger,
    });
  const gateway = gatewayAt('gateway', options.port ?? (await freePorts('gateway')).gateway);
  const gateways = [gateway];
  while (gateways.length < (options.replicas?.gateway ?? 1)) {
    gateways.push(gatewayAt(`gateway-${gateways.length + 1}`, (await freePorts('gateway')).gateway));
  }
  const processes = [...[...services.values()].flat(), ...gateways];
  const stop = async () => {
    await Promise.all(gateways.map((one) => one.stop()));
    await Promise.all([...services.values()].flat().map((service) => service.stop()));
  };
  const first = [...[...services].flatMap(([service, all]) => (present.has(service) ? all : [])), ...gateways];
  try {
    await Promise.all(first.map((one) => one.start()));
    await Promise.all(
      first.map(async (one) => {
        const startedMs = performance.now();
        await one.ready();
        log(`${one.name} ready at ${one.url} after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
      }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint: `${gateway.url}/graphql`, gateway, gateways, services, processes, databases, topicPrefix, stop };
}

/** A process of a service that is yet to be started. */
interface Place {
  readonly name: string;
  readonly port: number;
}

/** A port for every process of every service: each service is told where the others answer before any of them is there. */
async function placesOf(
  names: readonly string[],
  replicas: SystemOptions['replicas'],
): Promise<ReadonlyMap<string, readonly Place[]>> {
  const places = new Map<string, readonly Place[]>();
  for (const service of names) {
    const uses = Array.from({ length: replicas?.[service] ?? 1 }, (_, i) =>
      i === 0 ? service : `${service}-${i + 1}`,
    );
    const ports = Object.entries(await freePorts(...uses));
    places.set(
      service,
      ports.map(([name, port]) => ({ name, port })),
    );
  }
  return places;
}

async function prepareDatabase(
  { stack, release, instance = '' }: SystemOptions,
  service: string,
  present: ReadonlySet<string>,
) {
  const urls = await stack.provision(service, instance === '' ? {} : { database: `${service}_${instance}` });
  const { ownerUrl } = urls;
  if (!present.has(service)) return urls;
  if (release !== undefined) await release.migrate(service, ownerUrl);
  else await migrate({ service, ownerUrl, appRole: `${service}_app`, relayRole: `${service}_relay` });
  return urls;
}

function sharedSettings({ stack, dataDir }: SystemOptions, topicPrefix: string): Record<string, string> {
  return {
    QTM_ISSUER: stack.issuer.issuer,
    QTM_AUDIENCE: stack.issuer.audience,
    QTM_JWKS_URL: stack.issuer.jwksUrl,
    QTM_KAFKA_BROKERS: stack.kafka.brokers,
    QTM_TOPIC_PREFIX: topicPrefix,
    QTM_CONSISTENCY_SECRET: secretOf(dataDir),
  };
}

/** Made once per data folder, so that tokens of before a restart still count. */
function secretOf(dataDir: string): string {
  const file = join(dataDir, 'consistency-secret');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const secret = randomBytes(32).toString('base64url');
    writeFileSync(file, secret, { mode: 0o600 });
    return secret;
  }
}

/** Where one finds the processes of each service. */
async function addressesOf(
  places: ReadonlyMap<string, readonly Place[]>,
  way: Way,
  route: NonNullable<SystemOptions['route']> = async (_, __, url) => url,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = [...places].map(async ([service, all]) => {
    const urls = all.map(({ name, port }) => route(way, name, `http://127.0.0.1:${port}`));
    return [service, await Promise.all(urls)] as const;
  });
  return new Map(await Promise.all(entries));
}

/** `QTM_SUBGRAPH_<SERVICE>_URLS`, as the gateway reads them. */
function subgraphSettings(addresses: ReadonlyMap<string, readonly string[]>): Record<string, string> {
  return Object.fromEntries(
    [...addresses].map(([service, urls]) => [
      `QTM_SUBGRAPH_${service.toUpperCase().replaceAll('-', '_')}_URLS`,
      urls.map((url) => `${url}/graphql`).join(','),
    ]),
  );
}
