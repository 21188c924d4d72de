import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { explainDenied } from './fault.ts';
import { signingKey } from './issuer/key.ts';
import { type Issuer, startIssuer } from './issuer/server.ts';
import { startBroker } from './kafka/broker.ts';
import { assertPortsFree, freePorts } from './ports.ts';
import { startCluster } from './postgres/cluster.ts';
import { type ProvisionOptions, provision, type ServiceDatabase } from './postgres/provision.ts';
import { claim } from './process/claim.ts';
import { endSurvivors } from './process/ledger.ts';

/** Which ports the parts listen on; a port that is not given is a free one. */
export interface StackPorts {
  readonly postgres: number;
  readonly kafka: number;
  readonly controller: number;
  readonly issuer: number;
}

export interface StackOptions {
  /** Everything the stack keeps; only one process works on it at a time. */
  readonly dataDir: string;
  /** Artifacts of Kafka, kept over all data folders. */
  readonly jarsDir: string;
  readonly ports?: StackPorts;
  /** Thrown away after the run. */
  readonly ephemeral?: boolean;
  /** Starts with empty data. */
  readonly fresh?: boolean;
  /** Hears what came up, and how long it took. */
  readonly log: (line: string) => void;
}

/** PostgreSQL, Kafka and a token issuer, for services that know nothing but their addresses. */
export interface LocalStack {
  readonly dataDir: string;
  readonly postgres: { readonly adminUrl: string };
  readonly kafka: {
    readonly brokers: string;
    /** The Java that runs it, and its class path: other programs on the Kafka client use them. */
    readonly java: string;
    readonly jarsDir: string;
    kill(): Promise<void>;
    restart(): Promise<void>;
  };
  readonly issuer: Issuer;
  /** A database and three roles for a service; the same again where they are there. */
  provision(service: string, options?: ProvisionOptions): Promise<ServiceDatabase>;
  /** Ends every part. Whoever uses it must have ended before. */
  stop(): Promise<void>;
}

/**
 * Brings the parts up side by side. What a killed start has left running is ended first.
 * @throws LocalStackFault: one line that says what is needed
 */
export async function startLocalStack(options: StackOptions): Promise<LocalStack> {
  const { dataDir, jarsDir, ephemeral = false, fresh = false, log } = options;
  const claimed = claim(join(dataDir, 'claim.json'));
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.reverse()) await end();
    claimed.release();
  };
  try {
    const ledger = join(dataDir, 'processes');
    const ended = await endSurvivors(ledger, ['kafka', 'postgres']);
    if (ended.length > 0) log(`ended what an earlier start left running: ${ended.join(', ')}`);
    if (fresh) wipe(dataDir);
    const logFolder = join(dataDir, 'logs');
    mkdirSync(logFolder, { recursive: true });
    const ports = options.ports ?? (await freePorts('postgres', 'kafka', 'controller', 'issuer'));
    await assertPortsFree({ ...ports });

    const timed = async <T extends { stop(): Promise<void> }>(name: string, starting: Promise<T>): Promise<T> => {
      const startedMs = performance.now();
      const part = await starting;
      stops.push(() => part.stop());
      log(`${name} ready after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
      return part;
    };
    // All are waited for even where one fails, so that what came up can be ended.
    const [cluster, broker, issuer] = await allOf([
      timed(
        'PostgreSQL',
        startCluster({
          dataDir: join(dataDir, 'postgres'),
          port: ports.postgres,
          ephemeral,
          logFile: join(logFolder, 'postgres.log'),
          ledger,
        }),
      ),
      timed(
        'Kafka',
        startBroker({
          dataDir: join(dataDir, 'kafka'),
          jarsDir,
          ports,
          logFile: join(logFolder, 'kafka.log'),
          ledger,
          log,
        }),
      ),
      timed(
        'token issuer',
        signingKey(dataDir).then((key) => startIssuer(key, ports.issuer)),
      ),
    ]);
    const secret = new URL(cluster.adminUrl).password;
    return {
      dataDir,
      postgres: { adminUrl: cluster.adminUrl },
      kafka: broker,
      issuer,
      provision: (service, provisioning) => provision(cluster.adminUrl, secret, service, provisioning),
      stop,
    };
  } catch (error) {
    await stop();
    throw explainDenied(error, dataDir);
  }
}

async function allOf<A, B, C>(starting: [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  const results = await Promise.allSettled(starting);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return Promise.all(starting);
}

/** Removes the data and the secrets made with it; logs stay, the artifacts lie elsewhere. */
function wipe(dataDir: string): void {
  for (const part of ['postgres', 'kafka', 'consistency-secret']) {
    rmSync(join(dataDir, part), { recursive: true, force: true });
  }
}
