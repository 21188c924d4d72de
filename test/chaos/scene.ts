import {
  freePorts,
  type LocalStack,
  type SigningKey,
  type System,
  type SystemOptions,
  servicesHere,
  signingKey,
  startLocalStack,
  startSystem,
} from '@qtm/local';
import { openProxy, type TcpProxy } from './proxy.ts';

/** Parts between which connections can be cut: every one leads through a proxy. */
export const PAIRS = [
  'client–gateway',
  'gateway–service',
  'service–service',
  'service–PostgreSQL',
  'relay–PostgreSQL',
  'service–Kafka',
] as const;
export type Pair = (typeof PAIRS)[number];

export interface SceneOptions {
  /** Everything that is started keeps its data here. */
  readonly dataDir: string;
  /** Processes per service and of the gateway. */
  readonly replicas: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/** A whole system on a stack of its own, with a proxy in every way between two parts. */
export interface Scene {
  readonly stack: LocalStack;
  readonly system: System;
  /** Of the issuer: whoever has it makes sessions. */
  readonly key: SigningKey;
  /** GraphQL addresses as clients are given them. */
  readonly endpoints: readonly string[];
  /** Proxies by pair; the names of those they stand before come first. */
  readonly proxies: ReadonlyMap<Pair, ReadonlyMap<string, TcpProxy>>;
  stop(): Promise<void>;
}

export async function openScene({ dataDir, replicas, env, log }: SceneOptions): Promise<Scene> {
  const proxies = new Map<Pair, Map<string, TcpProxy>>(PAIRS.map((pair) => [pair, new Map()]));
  const proxied = async (pair: Pair, name: string, port?: number): Promise<TcpProxy> => {
    const proxy = await openProxy(port);
    proxies.get(pair)?.set(name, proxy);
    return proxy;
  };
  const closeProxies = () =>
    Promise.all([...proxies.values()].flatMap((some) => [...some.values()].map((one) => one.close())));
  let stack: LocalStack | undefined;
  let system: System | undefined;
  const stop = async () => {
    await system?.stop();
    await closeProxies();
    await stack?.stop();
  };
  try {
    const { detour } = await freePorts('detour');
    const kafka = await proxied('service–Kafka', 'kafka', detour);
    const started = await startLocalStack({
      dataDir,
      ephemeral: true,
      fresh: true,
      kafkaDetour: { port: detour, advertisedPort: kafka.port },
      log,
    });
    stack = started;
    const provision: LocalStack['provision'] = async (service, options) => {
      const urls = await started.provision(service, options);
      const { port } = started.postgres;
      const database = await proxied('service–PostgreSQL', service, port);
      const relay = await proxied('relay–PostgreSQL', service, port);
      return { ...urls, appUrl: through(urls.appUrl, database), relayUrl: through(urls.relayUrl, relay) };
    };
    const route: SystemOptions['route'] = async (way, name, url) =>
      new URL(through(url, await proxied(way, name, Number(new URL(url).port)))).origin;
    const names = [...servicesHere(), 'gateway'];
    system = await startSystem({
      stack: { issuer: started.issuer, kafka: { brokers: `127.0.0.1:${kafka.port}` }, provision },
      dataDir,
      replicas: Object.fromEntries(names.map((name) => [name, replicas])),
      route,
      env: { QTM_LOG_LEVEL: 'warn', QTM_TEST_CONTROLS: 'on', ...env },
      log,
    });
    const doors = system.gateways.map(async ({ name, url }) => {
      const { port } = await proxied('client–gateway', name, Number(new URL(url).port));
      return `http://127.0.0.1:${port}/graphql`;
    });
    const endpoints = await Promise.all(doors);
    return { stack: started, system, key: await signingKey(dataDir), endpoints, proxies, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function through(address: string, { port }: TcpProxy): string {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
}
