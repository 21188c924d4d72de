import { Pool } from 'undici';
import { exchange, type HttpAnswer, type HttpRequest } from './exchange.ts';

/** Below the 75 s after which a service closes an idle connection, so that it is always this side that closes. */
const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 1_000;
/** Requests that wait for a fact hold a connection; there must be room for others beside them. */
const CONNECTIONS = 256;
const READINESS_TIMEOUT_MS = 1_000;

/** One process that serves a subgraph: its connections, and whether it is worth asking. */
export class Address {
  readonly url: URL;
  readonly #pool: Pool;
  #leftOut: string | undefined = 'not asked yet';

  constructor(url: string) {
    this.url = new URL(url);
    this.#pool = new Pool(this.url.origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      allowH2: false,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
  }

  /** Why it is left out at the moment; undefined where it is not. */
  get leftOut(): string | undefined {
    return this.#leftOut;
  }

  leaveOut(reason: string): void {
    this.#leftOut = reason;
  }

  /**
   * Posts a GraphQL request. A process that says it closes the connection is draining, and is left out until it is ready again.
   * @throws ExchangeError
   */
  async post(headers: Readonly<Record<string, string>>, body: string, timeoutMs: number): Promise<HttpAnswer> {
    const { pathname, search } = this.url;
    const answer = await this.#exchange({ path: `${pathname}${search}`, method: 'POST', headers, body, timeoutMs });
    if (answer.headers.connection?.toLowerCase() === 'close') this.leaveOut('drains');
    return answer;
  }

  /** Asks the process whether it is ready; the only way back for one that was left out. */
  async ask(): Promise<void> {
    try {
      const request = {
        path: '/readyz',
        method: 'GET',
        headers: {},
        body: null,
        timeoutMs: READINESS_TIMEOUT_MS,
      } as const;
      const answer = await exchange(this.#pool, request);
      this.#leftOut = answer.status === 200 ? undefined : `not ready: ${reasonsIn(answer.body)}`;
    } catch (error) {
      this.#leftOut = (error as Error).message;
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #exchange(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await exchange(this.#pool, request);
    } catch (error) {
      this.leaveOut((error as Error).message);
      throw error;
    }
  }
}

/** The reasons of a `/readyz` answer, or what it says instead. */
function reasonsIn(body: string): string {
  try {
    const { reasons } = JSON.parse(body) as { reasons?: unknown };
    if (Array.isArray(reasons)) return reasons.join('; ');
  } catch {
    // not one of ours
  }
  return body.slice(0, 100);
}
