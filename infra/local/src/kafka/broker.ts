import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { explainDenied, LocalStackFault } from '../fault.ts';
import { type Daemon, startDaemon } from '../process/daemon.ts';
import { lastLine, run } from '../process/run.ts';
import type { Environment } from '../settings.ts';
import { waitFor } from '../wait.ts';
import type { Way } from '../ways.ts';
import { askBrokers } from './answers.ts';
import { kafkaJars } from './jars.ts';
import { findJava, NEEDED_RELEASE } from './java.ts';
import { type BrokerPlace, brokerProperties, type Detour } from './properties.ts';

export interface BrokerOptions {
  readonly dataDir: string;
  /** Where the artifacts are kept, over all data folders. */
  readonly jarsDir: string;
  readonly ports: BrokerPlace['ports'];
  readonly detour?: Detour | undefined;
  readonly logFile: string;
  readonly ledger: string;
  readonly env: Environment;
  readonly log: (line: string) => void;
}

export interface Broker {
  /** host:port, separated by commas */
  readonly brokers: string;
  /** False for a broker that runs without us; it is never stopped. */
  readonly ours: boolean;
  /** Number of its process; undefined where none of ours runs. */
  readonly pid: number | undefined;
  /** kill -9 */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const FORMAT_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 60_000;
const LOOK_AGAIN_MS = 100;
/** Any will do, as long as it stays the same. */
export const CLUSTER_ID = 'cXRtLWxvY2FsLXN0YWNrIQ';
const JVM_FLAGS = [
  '-Xms64m',
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${join(import.meta.dirname, '../../kafka/log4j2.properties')}`,
];

/** Kafka as a Java process, where there is a Java that is new enough. */
export const javaBroker =
  (options: BrokerOptions): Way<Broker> =>
  async () => {
    const found = await findJava(options.env);
    if ('missing' in found)
      return { closed: `Java ${NEEDED_RELEASE} or newer in JAVA_HOME or PATH (${found.missing})` };
    return { start: () => startBroker(options, found.java) };
  };

/** @throws LocalStackFault saying what keeps the broker from starting */
async function startBroker(options: BrokerOptions, java: string): Promise<Broker> {
  const { dataDir, jarsDir, ports, env, log, logFile, ledger } = options;
  const jars = await kafkaJars(jarsDir, { env, log });
  const program = [...JVM_FLAGS, '-cp', jars.join(delimiter)];
  const place = { host: HOST, ports, folder: join(dataDir, 'data'), detour: options.detour };
  const properties = join(dataDir, 'server.properties');
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(properties, brokerProperties(place));
    if (!existsSync(place.folder)) await format(java, program, dataDir, place);
  } catch (error) {
    throw explainDenied(error, dataDir);
  }
  const address = `${HOST}:${ports.kafka}`;
  const start = async () => {
    const started = await startDaemon({
      name: 'kafka',
      command: java,
      args: [...program, 'kafka.Kafka', properties],
      cwd: dataDir,
      env: { PATH: env.PATH },
      logFile,
      ledger,
      stopSignal: 'SIGTERM',
    });
    await answers(started, address);
    started.lost.then((how) => log(`Kafka has ended by itself (${how}); its log: ${logFile}`));
    return started;
  };
  let daemon = await start();
  return {
    brokers: address,
    ours: true,
    get pid() {
      return daemon.running ? daemon.pid : undefined;
    },
    kill: () => daemon.kill(),
    async restart() {
      await daemon.stop();
      daemon = await start();
    },
    stop: () => daemon.stop(),
  };
}

/** Formatted beside its place and moved there whole: one that was broken off is begun anew. */
async function format(java: string, program: readonly string[], dataDir: string, place: BrokerPlace): Promise<void> {
  const draft = `${place.folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const properties = join(dataDir, 'format.properties');
  writeFileSync(properties, brokerProperties({ ...place, folder: draft }));
  const args = [...program, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties];
  const { ok, output } = await run({ command: java, args }, { timeoutMs: FORMAT_TIMEOUT_MS });
  rmSync(properties, { force: true });
  if (!ok) throw new LocalStackFault(`Kafka could not format ${place.folder}: ${lastLine(output)}`);
  renameSync(draft, place.folder);
}

async function answers(daemon: Daemon, address: string): Promise<void> {
  const answered = async () => {
    if (daemon.running) await askBrokers([address]);
    return true;
  };
  try {
    await waitFor(answered, { timeoutMs: START_TIMEOUT_MS, what: 'Kafka answers', everyMs: LOOK_AGAIN_MS });
  } catch (error) {
    await daemon.stop();
    throw new LocalStackFault(`${(error as Error).message}\n${daemon.tail()}`);
  }
  if (!daemon.running) throw new LocalStackFault(`Kafka did not start: ${daemon.tail(3)}`);
}
