import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (response: ServerResponse, request: Received, socket: IncomingMessage['socket']) => void;

/** A real HTTP server in the place of a subgraph, which does with a request whatever a test wants. */
export class FakeSubgraph {
  readonly received: Received[] = [];
  connections = 0;
  ready = true;
  answer: Answer = (response) => response.end('{"data":{"a":1}}');
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.on('connection', () => (this.connections += 1));
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/graphql`;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/readyz') {
      response
        .writeHead(this.ready ? 200 : 503)
        .end(JSON.stringify({ ready: this.ready, reasons: ['copies: catching up'] }));
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const received = { headers: request.headers, body };
    this.received.push(received);
    this.answer(response, received, request.socket);
  }
}

/** A port of this machine on which nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = await new FakeSubgraph().listen();
  const { url } = server;
  await server.close();
  return url;
}
