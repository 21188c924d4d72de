import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { LocalStackFault } from './fault.ts';

/** What a port is for, and its number. */
export type Ports = Readonly<Record<string, number>>;

const HOST = '127.0.0.1';

/** @throws LocalStackFault naming every port that something else listens on, and what it was meant for */
export async function assertPortsFree(ports: Ports): Promise<void> {
  const taken: string[] = [];
  for (const [use, port] of Object.entries(ports)) {
    const obstacle = await obstacleAt(port);
    if (obstacle !== undefined)
      taken.push(obstacle === 'EADDRINUSE' ? `${port} (${use})` : `${port} (${use}: ${obstacle})`);
  }
  if (taken.length > 0) throw new LocalStackFault(`port taken: ${taken.join(', ')}`);
}

/** Why nobody can listen here; undefined where somebody can. */
async function obstacleAt(port: number): Promise<string | undefined> {
  try {
    await close(await listen(port));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
}

/**
 * Where ports are looked for: below those that systems give to outgoing connections, which might take one between here and its use.
 */
const RANGE = { from: 20_000, to: 32_000 };
/** Elsewhere in every process, so that two that look at once hardly meet. */
let next = randomInt(RANGE.from, RANGE.to);

/** As many ports nobody listens on. Another process may take one before it is used: start again with others then. */
export async function freePorts<const Use extends string>(...uses: Use[]): Promise<Record<Use, number>> {
  const ports: Partial<Record<Use, number>> = {};
  for (const use of uses) ports[use] = await freePort();
  return ports as Record<Use, number>;
}

async function freePort(): Promise<number> {
  for (let tries = RANGE.from; tries < RANGE.to; tries++) {
    const port = next;
    next = port + 1 < RANGE.to ? port + 1 : RANGE.from;
    if ((await obstacleAt(port)) === undefined) return port;
  }
  throw new LocalStackFault(`no port is free from ${RANGE.from} to ${RANGE.to}`);
}

/**
 * Ports chosen at the first start and kept in `file`, so that whoever reads the topics finds Kafka at the same address again. One that
 * somebody else has taken in the meantime is replaced, and said. The caller holds the claim on the folder.
 */
export async function keptPorts<const Use extends string>(
  file: string,
  uses: readonly Use[],
  log: (line: string) => void,
): Promise<Record<Use, number>> {
  const kept = readPorts(file);
  const ports = await freePorts(...uses);
  for (const use of uses) {
    const port = kept[use];
    if (port === undefined) continue;
    if ((await obstacleAt(port)) === undefined) ports[use] = port;
    else log(`port ${port} (${use}) was taken by somebody else: ${ports[use]} from now on`);
  }
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}

function readPorts(file: string): Ports {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen({ port, host: HOST, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
