import { setTimeout as sleep } from 'node:timers/promises';
import type { Latencies } from './latencies.ts';
import type { Principal } from './principals.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** The system said no, for good. */
export class Refused extends Error {
  readonly code: string;
  readonly details: Refusal['details'];

  constructor(operation: string, code: string, message: string, details: Refusal['details'] = []) {
    const said = details.map(({ name, value }) => `${name} ${value}`).join(', ');
    super(`${operation}: ${code}: ${message}${said === '' ? '' : ` (${said})`}`);
    this.code = code;
    this.details = details;
  }
}

/** Errors after which the same request, with the same idempotency key, may succeed. */
const PASSING = new Set(['SUBGRAPH_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'SERVICE_BUSY', 'SERVICE_UNAVAILABLE', 'INTERNAL']);
const PATIENCE_MS = 120_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;
const TOKENS = 'qtm-consistency';

/**
 * What one row, or one agency, has seen: tokens go back with every later request, so that no service answers from before what it is
 * told of.
 */
export class Memory {
  tokens: string | undefined;

  constructor(tokens?: string) {
    this.tokens = tokens;
  }
}

/** A client like any other: GraphQL over HTTP, at the gateway's one endpoint. */
export class Client {
  readonly #endpoint: string;
  readonly #latencies: Latencies;

  constructor(endpoint: string, latencies: Latencies) {
    this.#endpoint = endpoint;
    this.#latencies = latencies;
  }

  /**
   * Makes one mutation until it is decided: what is away for a while is waited for, with the same key.
   * @throws Refused where the answer will not change
   */
  async mutate<T>(as: Principal, memory: Memory, field: string, selection: string, input: object): Promise<T> {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const query = `mutation ${field}($input: ${type}!) {
      ${field}(input: $input) { ${selection} refusal { code message retryable details { name value } } } }`;
    const data = await this.#insist(field, as, memory, query, { input }, (answer) => {
      const { refusal } = (answer[field] ?? {}) as { refusal?: Refusal | null };
      if (refusal == null) return;
      const { code, message, retryable, details } = refusal;
      throw retryable ? new Error(`${field}: ${code}: ${message}`) : new Refused(field, code, message, details);
    });
    return data[field] as T;
  }

  async query<T>(as: Principal, memory: Memory, query: string): Promise<T> {
    return (await this.#insist('query', as, memory, query, {}, () => undefined)) as T;
  }

  async #insist(
    name: string,
    as: Principal,
    memory: Memory,
    query: string,
    variables: object,
    check: (data: Readonly<Record<string, unknown>>) => void,
  ): Promise<Readonly<Record<string, unknown>>> {
    const endsAtMs = performance.now() + PATIENCE_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        const startedMs = performance.now();
        const data = await this.#send(name, as, memory, query, variables);
        check(data);
        this.#latencies.add(name, performance.now() - startedMs);
        return data;
      } catch (error) {
        if (error instanceof Refused || performance.now() > endsAtMs) throw error;
        this.#latencies.retried(name);
        await sleep(pauseMs);
      }
    }
  }

  async #send(name: string, as: Principal, memory: Memory, query: string, variables: object) {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      authorization: `Bearer ${await as.token()}`,
    };
    if (memory.tokens !== undefined) headers[TOKENS] = memory.tokens;
    const response = await fetch(this.#endpoint, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    memory.tokens = response.headers.get(TOKENS) ?? memory.tokens;
    const { data, errors } = (await response.json()) as Answer;
    const [error] = errors ?? [];
    if (error !== undefined) {
      const code = error.extensions?.code ?? 'INTERNAL';
      throw PASSING.has(code) ? new Error(`${code}: ${error.message}`) : new Refused(name, code, error.message);
    }
    return data ?? {};
  }
}
