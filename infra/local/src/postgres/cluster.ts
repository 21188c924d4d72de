import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { explainDenied, LocalStackFault } from '../fault.ts';
import { type Daemon, startDaemon } from '../process/daemon.ts';
import { waitFor } from '../wait.ts';
import { asOrdinaryAccount } from './account.ts';
import { postgresBinaries } from './binaries.ts';

export interface ClusterOptions {
  /** Data, password and log lie here. */
  readonly dataDir: string;
  readonly port: number;
  /** The data is thrown away after the run: it need not survive a crash of the machine. */
  readonly ephemeral: boolean;
  readonly logFile: string;
  readonly ledger: string;
}

export interface Cluster {
  readonly adminUrl: string;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const ADMIN = 'postgres';
const START_TIMEOUT_MS = 30_000;

/** Settings of the server. Every service takes a slot, and every test file a set of databases with theirs. */
const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
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

/**
 * Starts a PostgreSQL cluster of our own, made anew where there is none.
 * @throws LocalStackFault saying what keeps it from starting
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataDir, port, ephemeral, logFile, ledger } = options;
  const password = passwordOf(dataDir);
  const data = join(dataDir, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(data, password);
  const settings = Object.entries({ ...SETTINGS, ...(ephemeral ? EPHEMERAL_SETTINGS : {}), port: String(port) });
  const daemon = await startDaemon({
    name: 'postgres',
    ...asOrdinaryAccount(postgresBinaries().postgres, [
      '-D',
      data,
      ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]),
    cwd: dataDir,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    logFile,
    ledger,
    // "Fast": clients are disconnected, nothing is lost.
    stopSignal: 'SIGINT',
  });
  const adminUrl = `postgres://${ADMIN}:${password}@${HOST}:${port}/postgres`;
  await answers(daemon, adminUrl);
  return { adminUrl, host: HOST, port, stop: () => daemon.stop() };
}

function passwordOf(dataDir: string): string {
  const file = join(dataDir, 'admin-password');
  try {
    mkdirSync(dataDir, { recursive: true });
    if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw explainDenied(error, dataDir);
  }
}

/** Made beside its place and moved there by its last file: one that was broken off is begun anew. */
function initialise(data: string, password: string): void {
  rmSync(data, { recursive: true, force: true });
  const { initdb } = postgresBinaries();
  const passwordFile = `${data}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const args = ['-D', data, '-U', ADMIN, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const { command, args: all } = asOrdinaryAccount(initdb, [...args, '-E', 'UTF8', '--locale=C', '--no-sync']);
  const { status, stderr, error } = spawnSync(command, all, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  rmSync(passwordFile, { force: true });
  if (status === 0) return;
  rmSync(data, { recursive: true, force: true });
  const why = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new LocalStackFault(`PostgreSQL could not make its data folder ${data}: ${why}`);
}

async function answers(daemon: Daemon, adminUrl: string): Promise<void> {
  try {
    await waitFor(
      async () => {
        if (!daemon.running) return true;
        const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 1_000 });
        await client.connect();
        await client.end();
        return true;
      },
      { timeoutMs: START_TIMEOUT_MS, what: 'PostgreSQL answers' },
    );
  } catch (error) {
    await daemon.stop();
    throw new LocalStackFault(`${(error as Error).message}\n${daemon.tail()}`);
  }
  if (!daemon.running) throw new LocalStackFault(`PostgreSQL did not start: ${daemon.tail(3)}`);
}
