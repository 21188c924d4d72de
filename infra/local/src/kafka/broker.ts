import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { explainDenied, LocalStackFault } from '../fault.ts';
import { type Daemon, startDaemon } from '../process/daemon.ts';
import { waitFor } from '../wait.ts';
import { kafkaJars } from './jars.ts';
import { findJava } from './java.ts';

export interface BrokerOptions {
  readonly dataDir: string;
  /** Where the artifacts are kept, over all data folders. */
  readonly jarsDir: string;
  readonly ports: { readonly kafka: number; readonly controller: number };
  readonly logFile: string;
  readonly ledger: string;
  readonly log: (line: string) => void;
}

export interface Broker {
  /** host:port */
  readonly brokers: string;
  readonly java: string;
  readonly jarsDir: string;
  /** kill -9 */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;
const JVM_FLAGS = [
  '-Xms64m',
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${join(import.meta.dirname, '../../kafka/log4j2.properties')}`,
];

/** One node that is broker and controller. The last four settings make a restart take seconds instead of eleven. */
function propertiesOf(folder: string, { kafka, controller }: BrokerOptions['ports']): string {
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${HOST}:${controller}`,
    listeners: `PLAINTEXT://${HOST}:${kafka},CONTROLLER://${HOST}:${controller}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${kafka}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': folder,
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.coordinator.threads': 1,
    'log.segment.bytes': 16_777_216,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.cleaner.threads': 1,
    'num.network.threads': 1,
    'num.io.threads': 2,
    'background.threads': 2,
    'num.recovery.threads.per.data.dir': 1,
    'num.replica.fetchers': 1,
    'controlled.shutdown.enable': true,
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'controller.quorum.election.timeout.ms': 200,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** @throws LocalStackFault saying what keeps the broker from starting */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { dataDir, jarsDir, ports, log } = options;
  const { command: java } = findJava();
  const jars = await kafkaJars(jarsDir, log);
  const classPath = ['-cp', jars.join(delimiter)];
  const properties = join(dataDir, 'server.properties');
  const folder = join(dataDir, 'data');
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(properties, propertiesOf(folder, ports));
  } catch (error) {
    throw explainDenied(error, dataDir);
  }
  if (!existsSync(folder)) format(java, classPath, dataDir, folder, ports);
  let daemon: Daemon;
  const start = async () => {
    daemon = await startDaemon({
      name: 'kafka',
      command: java,
      args: [...JVM_FLAGS, ...classPath, 'kafka.Kafka', properties],
      cwd: dataDir,
      env: { PATH: process.env.PATH },
      logFile: options.logFile,
      ledger: options.ledger,
      stopSignal: 'SIGTERM',
    });
    await answers(daemon, `${HOST}:${ports.kafka}`);
  };
  await start();
  return {
    brokers: `${HOST}:${ports.kafka}`,
    java,
    jarsDir,
    kill: () => daemon.kill(),
    restart: start,
    stop: () => daemon.stop(),
  };
}

/** Formatted beside its place and moved there whole: one that was broken off is begun anew. */
function format(
  java: string,
  classPath: readonly string[],
  dataDir: string,
  folder: string,
  ports: BrokerOptions['ports'],
): void {
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const properties = join(dataDir, 'format.properties');
  writeFileSync(properties, propertiesOf(draft, ports));
  const cluster = 'cXRtLWxvY2FsLXN0YWNrIQ';
  const args = [...JVM_FLAGS, ...classPath, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', properties];
  const { status, stderr, stdout } = spawnSync(java, args, { encoding: 'utf8' });
  rmSync(properties, { force: true });
  if (status !== 0) throw new LocalStackFault(`Kafka could not format ${folder}: ${(stderr || stdout).trim()}`);
  renameSync(draft, folder);
}

/** Ready is an answer to an administrator, not an open port. */
async function answers(daemon: Daemon, broker: string): Promise<void> {
  const kafka = new Kafka({
    brokers: [broker],
    clientId: 'local-stack',
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  try {
    await waitFor(
      async () => {
        if (!daemon.running) return true;
        const admin = kafka.admin();
        try {
          await admin.connect();
          await admin.listTopics();
          return true;
        } finally {
          await admin.disconnect();
        }
      },
      { timeoutMs: START_TIMEOUT_MS, what: 'Kafka answers', everyMs: 100 },
    );
  } catch (error) {
    await daemon.stop();
    throw new LocalStackFault(`${(error as Error).message}\n${daemon.tail()}`);
  }
  if (!daemon.running) throw new LocalStackFault(`Kafka did not start: ${daemon.tail(3)}`);
}
