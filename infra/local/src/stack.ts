import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ProvisionOptions, provision, type ServiceDatabase } from '@qtm/service-kit/provision';
import { dockerBroker } from './docker/broker.ts';
import { dockerCluster } from './docker/cluster.ts';
import { explainDenied, LocalStackFault } from './fault.ts';
import { signingKey } from './issuer/key.ts';
import { type Issuer, startIssuer } from './issuer/server.ts';
import { type Broker, javaBroker } from './kafka/broker.ts';
import { givenBroker } from './kafka/given.ts';
import type { Detour } from './kafka/properties.ts';
import { JARS_DIR } from './layout.ts';
import { assertPortsFree, freePorts, keptPorts, type Ports } from './ports.ts';
import { type Cluster, ownCluster } from './postgres/cluster.ts';
import { givenCluster } from './postgres/given.ts';
import { claim } from './process/claim.ts';
import { endSurvivors } from './process/ledger.ts';
import { type Environment, type LocalSettings, localSettings } from './settings.ts';
import { firstOpen, given } from './ways.ts';

/** Numbers of the processes that run, so that the next start finds what this one leaves. */
const LEDGER = 'processes';

interface Part {
  stop(): Promise<void>;
}

const PORT_USES = ['postgres', 'kafka', 'controller', 'issuer'] as const;

/** Which ports the parts listen on. */
export type StackPorts = Readonly<Record<(typeof PORT_USES)[number], number>>;

export interface StackOptions {
  /** Everything the stack keeps; only one process works on it at a time. */
  readonly dataDir: string;
  /** Artifacts of Kafka, kept over all data folders; those of this checkout where absent. */
  readonly jarsDir?: string;
  /** Free ones where absent; `kept` takes those of the last start on this data again. */
  readonly ports?: StackPorts | 'kept';
  /** Ports of what will run on the stack, by their use: judged once nothing of an earlier start can have them any more. */
  readonly furtherPorts?: Ports;
  /** How clients of Kafka may be led through a proxy. */
  readonly kafkaDetour?: Detour;
  /** Thrown away after the run: the data need not survive a crash of the machine. */
  readonly ephemeral?: boolean;
  /** Starts with empty data. */
  readonly fresh?: boolean;
  /** Settings, PATH and JAVA_HOME are read here; the environment of this process where absent. */
  readonly env?: Environment;
  /** Hears what came up, how long it took, and what has ended by itself. */
  readonly log: (line: string) => void;
}

/** PostgreSQL, Kafka and a token issuer, for services that know nothing but their addresses. */
export interface LocalStack {
  readonly dataDir: string;
  readonly postgres: Pick<Cluster, 'adminUrl' | 'host' | 'port' | 'pid' | 'kill' | 'restart'>;
  readonly kafka: Pick<Broker, 'brokers' | 'pid' | 'kill' | 'restart'>;
  readonly issuer: Issuer;
  /** A database and three roles for a service; the same again where they are there. */
  provision(service: string, options?: ProvisionOptions): Promise<ServiceDatabase>;
  /** Ends every part that is ours. Whoever uses it must have ended before. */
  stop(): Promise<void>;
}

/**
 * Brings the parts up side by side. What a killed start has left running is ended first.
 * @throws LocalStackFault: one line that says what is needed; what was started is ended
 */
export async function startLocalStack(options: StackOptions): Promise<LocalStack> {
  const { dataDir, fresh = false, log } = options;
  const claimed = claim(join(dataDir, 'claim.json'));
  const parts: Part[] = [];
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    await Promise.all(parts.map((part) => part.stop()));
    claimed.release();
  };
  const stop = () => {
    stopping ??= stopAll();
    return stopping;
  };
  try {
    const ended = await endSurvivors(join(dataDir, LEDGER), ['kafka', 'postgres']);
    if (ended.length > 0) log(`ended what an earlier start left running: ${ended.join(', ')}`);
    if (fresh) wipe(dataDir);
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    return { ...(await startParts(options, parts)), dataDir, stop };
  } catch (error) {
    await stop();
    throw explainDenied(error, dataDir);
  }
}

type Parts = Pick<LocalStack, 'postgres' | 'kafka' | 'issuer' | 'provision'>;

/** `stops` hears at once of whatever came up, so that it can be ended where another part fails. */
async function startParts(options: StackOptions, stops: Part[]): Promise<Parts> {
  const { dataDir, ephemeral = false, fresh = false, env = process.env, log } = options;
  const settings = localSettings(env);
  if (fresh && !ephemeral) assertNothingGiven(settings);
  const { QTM_LOCAL_POSTGRES_URL: url, QTM_LOCAL_KAFKA_BROKERS: brokers } = settings;
  const ports = await choosePorts(options);
  const { postgres, kafka, controller, issuer: issuerPort } = ports;
  await assertPortsFree({
    ...options.furtherPorts,
    ...(url ? {} : { postgres }),
    ...(brokers ? {} : { kafka, controller }),
    issuer: issuerPort,
  });

  const kept = (name: string) => ({
    dataDir: join(dataDir, name),
    logFile: join(dataDir, 'logs', `${name}.log`),
    ledger: join(dataDir, LEDGER),
    log,
  });
  const timed = async <T extends Part>(name: string, starting: Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const part = await starting;
    stops.push(part);
    log(`${name} ready after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    return part;
  };
  const clusters = [
    given(url, 'a running PostgreSQL 18 in QTM_LOCAL_POSTGRES_URL', givenCluster),
    ownCluster({ ...kept('postgres'), port: postgres, ephemeral }),
    dockerCluster({ ...kept('postgres'), port: postgres, ephemeral, fresh, env }),
  ];
  const kafkas = [
    given(brokers, 'a running Kafka in QTM_LOCAL_KAFKA_BROKERS', givenBroker),
    javaBroker({ ...kept('kafka'), jarsDir: options.jarsDir ?? JARS_DIR, ports, detour: options.kafkaDetour, env }),
    dockerBroker({ ...kept('kafka'), ports, detour: options.kafkaDetour, ephemeral, fresh, env }),
  ];
  const startCluster = await firstOpen('PostgreSQL', clusters);
  const startBroker = await firstOpen('Kafka', kafkas);
  const [cluster, broker, issuer] = await allOf([
    timed('PostgreSQL', startCluster()),
    timed('Kafka', startBroker()),
    timed(
      'token issuer',
      signingKey(dataDir).then((key) => startIssuer(key, issuerPort)),
    ),
  ]);
  return {
    postgres: cluster,
    kafka: broker,
    issuer,
    provision: (service, provisioning) => provision(cluster.adminUrl, service, provisioning),
  };
}

function choosePorts({ ports, dataDir, log }: StackOptions): Promise<StackPorts> {
  if (ports === undefined) return freePorts(...PORT_USES);
  return ports === 'kept' ? keptPorts(join(dataDir, 'ports.json'), PORT_USES, log) : Promise.resolve(ports);
}

/** All are waited for even where one fails, so that what came up can be ended. */
async function allOf<A, B, C>(starting: [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  const results = await Promise.allSettled(starting);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return Promise.all(starting);
}

function assertNothingGiven(settings: LocalSettings): void {
  const given = Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : name));
  if (given.length === 0) return;
  throw new LocalStackFault(
    `only data of our own can be started afresh: empty what ${given.join(', ')} names yourself`,
  );
}

/** Removes the data and the secrets made with it; logs stay, the artifacts lie elsewhere. */
function wipe(dataDir: string): void {
  for (const part of ['postgres', 'kafka', 'consistency-secret']) {
    rmSync(join(dataDir, part), { recursive: true, force: true });
  }
}
