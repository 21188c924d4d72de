import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, NODE, ROOT, waitFor } from '@qtm/local';
import { startDaemon } from '../../infra/local/src/process/daemon.ts';
import type { World } from './world.ts';

const KEPT = join(import.meta.dirname, 'peer');
const FOLDER = join(ROOT, '.local', 'bench-peer');
const PROGRAM = join(FOLDER, 'node_modules', '@graphql-hive', 'gateway', 'dist', 'bin.js');
const READY_TIMEOUT_MS = 60_000;

/** Another gateway before the same subgraphs. */
export interface Peer {
  readonly name: string;
  readonly endpoint: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Installs it where it is not there: a few hundred megabytes, which is why nothing else needs it. */
export function installPeer(log: (line: string) => void): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const file of ['package.json', 'gateway.config.mjs']) copyFileSync(join(KEPT, file), join(FOLDER, file));
  if (existsSync(PROGRAM)) return;
  log('installs the other gateway');
  const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: 'inherit' });
  if (npm.status !== 0) throw new Error(`the other gateway could not be installed in ${FOLDER}`);
}

/** Starts it, on the supergraph of this checkout. */
export async function startPeer({ system, dataDir }: World, name: string, args: readonly string[]): Promise<Peer> {
  const contract = readFileSync(join(ROOT, 'schema', 'generated', 'supergraph.graphql'), 'utf8');
  const supergraph = contract.replaceAll(/http:\/\/([a-z-]+)\.invalid/g, (_, service: string) => {
    return system.services.get(service)?.[0]?.url ?? '';
  });
  writeFileSync(join(FOLDER, 'supergraph.graphql'), supergraph);
  const { port } = await freePorts('port');
  const logFile = join(dataDir, 'logs', `${name}.log`);
  const daemon = await startDaemon({
    name,
    command: NODE,
    args: [
      PROGRAM,
      'supergraph',
      '--config-path',
      'gateway.config.mjs',
      '--host',
      '127.0.0.1',
      '--port',
      `${port}`,
      ...args,
    ],
    cwd: FOLDER,
    env: { NODE_ENV: 'production' },
    logFile,
    ledger: join(dataDir, 'processes'),
    stopSignal: 'SIGTERM',
  });
  const endpoint = `http://127.0.0.1:${port}/graphql`;
  const answers = async () => {
    if (!daemon.running) throw new Error(`${name} has ended, see ${logFile}`);
    const body = JSON.stringify({ query: '{ __typename }' });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(endpoint, { method: 'POST', headers, body })).ok ? true : undefined;
  };
  await waitFor(answers, { timeoutMs: READY_TIMEOUT_MS, what: `${name} answers` });
  return { name, endpoint, pid: daemon.pid, stop: () => daemon.stop() };
}
