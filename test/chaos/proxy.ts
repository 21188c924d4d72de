import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy between two parts of the system, on this machine. */
export interface TcpProxy {
  readonly port: number;
  /** Where connections lead from now on. */
  lead(port: number): void;
  /** Ends every open connection with a reset, on both sides. Returns how many there were. */
  reset(): number;
  /** Lets nothing pass, in either direction, until it is released. */
  hold(): void;
  /** The same of what comes back: requests arrive, and whoever sent them hears nothing. */
  holdAnswers(): void;
  release(): void;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** @param target port that connections lead to; may be told later */
export async function openProxy(target?: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let leadsTo = target;
  let holding: ((pair: Pair) => void) | undefined;
  const holdEach = (hold: (pair: Pair) => void) => {
    holding = hold;
    for (const pair of pairs) hold(pair);
  };
  const listener = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    if (leadsTo === undefined) return void client.resetAndDestroy();
    const server = connect({ host: HOST, port: leadsTo, noDelay: true });
    const pair = { client, server };
    pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.pipe(to);
      // A part that dies takes its connections with it; so does the proxy.
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
    holding?.(pair);
  });
  await listening(listener);
  return {
    port: (listener.address() as { port: number }).port,
    lead(port) {
      leadsTo = port;
    },
    reset() {
      const open = [...pairs];
      for (const { client, server } of open) {
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
      return open.length;
    },
    hold: () => holdEach(holdBoth),
    holdAnswers: () => holdEach(holdAnswer),
    release() {
      holding = undefined;
      for (const { client, server } of pairs) {
        // What was not held must not be led there twice.
        client.unpipe(server).pipe(server);
        server.unpipe(client).pipe(client);
      }
    },
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await closed;
    },
  };
}

function holdBoth({ client, server }: Pair): void {
  client.unpipe(server).pause();
  holdAnswer({ client, server });
}

function holdAnswer({ client, server }: Pair): void {
  server.unpipe(client).pause();
}

function listening(listener: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host: HOST, port: 0 }, () => resolve());
  });
}
