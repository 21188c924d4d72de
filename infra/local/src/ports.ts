import { createServer, type Server } from 'node:net';
import { LocalStackFault } from './fault.ts';

/** What a port is for, and its number. */
export type Ports = Readonly<Record<string, number>>;

const HOST = '127.0.0.1';

/** @throws LocalStackFault naming every port that something else listens on, and what it was meant for */
export async function assertPortsFree(ports: Ports): Promise<void> {
  const taken: string[] = [];
  for (const [use, port] of Object.entries(ports)) {
    const server = await listen(port).catch((error: NodeJS.ErrnoException) => {
      taken.push(error.code === 'EADDRINUSE' ? `${port} (${use})` : `${port} (${use}: ${error.message})`);
    });
    if (server) await close(server);
  }
  if (taken.length > 0) throw new LocalStackFault(`port taken: ${taken.join(', ')}`);
}

/** As many ports nobody listens on. Another process may take one before it is used: start again with others then. */
export async function freePorts<const Use extends string>(...uses: Use[]): Promise<Record<Use, number>> {
  const servers = await Promise.all(uses.map(() => listen(0)));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(close));
  return Object.fromEntries(uses.map((use, index) => [use, ports[index]])) as Record<Use, number>;
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
