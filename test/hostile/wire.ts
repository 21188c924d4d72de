import { Agent, request as send } from 'undici';
import { type RawRequest, sendRaw } from './raw-wire.ts';
import { jsonOf } from './values/raw.ts';
import type { WireAnswer } from './wire-answer.ts';

/** One request as it is put on the wire. */
export interface WireRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';
  /** Behind the address of the door; `/graphql` where absent. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Bytes to send instead of all this, on a connection of their own. */
  readonly raw?: RawRequest;
}

/** Beyond every limit of the system itself, so that whoever hangs is found out and not waited for. */
export const PATIENCE_MS = 45_000;

/** Sends requests over kept connections. */
export class Wire {
  readonly #agent = new Agent({ headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS, connections: 32 });

  async send(address: string, request: WireRequest): Promise<WireAnswer> {
    const { method = 'POST', path = '/graphql', headers = {}, body, raw } = request;
    if (raw !== undefined) return sendRaw(address, raw);
    const startedMs = performance.now();
    const answer = (status: number, text: string, received: WireAnswer['headers'] = {}): WireAnswer => {
      return { status, headers: received, body: text, elapsedMs: performance.now() - startedMs };
    };
    try {
      const response = await send(`${address}${path}`, {
        method,
        headers,
        body: body ?? null,
        dispatcher: this.#agent,
      });
      return answer(response.statusCode, await response.body.text(), response.headers);
    } catch (error) {
      return answer(0, (error as Error).message);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** A GraphQL request as any client sends it. */
export function graphqlRequest(query: string, variables: object = {}, headers: Readonly<Record<string, string>> = {}) {
  return {
    headers: { 'content-type': 'application/json', ...headers },
    body: jsonOf({ query, variables }),
  } satisfies WireRequest;
}
