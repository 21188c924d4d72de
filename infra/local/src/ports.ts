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

/** As many ports nobody listens on. Another process may take one before it is used: start again with others then. */
export async function freePorts<const Use extends string>(...uses: Use[]): Promise<Record<Use, number>> {
  const servers = await Promise.all(uses.map(() => listen(0)));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(close));
  return Object.fromEntries(uses.map((use, index) => [use, ports[index]])) as Record<Use, number>;
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
