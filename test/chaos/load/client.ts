import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Memory } from '../../../infra/scripts/replay/client.ts';
import type { Principal } from '../../../infra/scripts/replay/principals.ts';
import type { ActLog, Attempt, Outcome } from './acts.ts';
import { COMMANDS, type CommandName, documentOf } from './commands.ts';

/** Somebody who acts, with the id the system knows them by. */
export interface Person {
  readonly principal: Principal;
  readonly identityId: string;
}

export type Decided = Outcome & {
  // biome-ignore lint/suspicious/noExplicitAny: the payload of whatever was asked
  readonly payload: any;
};

/** What is noted of a command beside its answer. */
export interface Noted {
  /** The aggregate it is about, where there is one already. */
  readonly subjectId?: string;
  /** Refusals that are taken for an answer, though the same command may be accepted later. */
  readonly taken?: readonly string[];
  readonly sawRegister?: number;
}

const ANSWER_TIMEOUT_MS = 12_000;
const ASK_TIMEOUT_MS = 120_000;
const FIRST_PAUSE_MS = 30;
const MAX_PAUSE_MS = 500;
const TOKENS = 'qtm-consistency';
/** Answers that say that nothing was done (docs/API.md); after every other one that decides nothing it may have been. */
const NOTHING_DONE = new Set(['SUBGRAPH_UNAVAILABLE', 'SERVICE_UNAVAILABLE', 'SERVICE_BUSY']);
const PASSING = new Set([...NOTHING_DONE, 'OUTCOME_UNKNOWN', 'INTERNAL']);

/** An answer that decides nothing. */
class Passing extends Error {
  readonly dark: boolean;

  constructor(code: string, dark: boolean) {
    super(code);
    this.dark = dark;
  }
}

interface Reply {
  // biome-ignore lint/suspicious/noExplicitAny: whatever was asked
  readonly data?: any;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** A client of several gateways, as a careful one is written: it repeats under the same key until it is told what became of it. */
export class Client {
  readonly #endpoints: readonly string[];
  readonly #log: ActLog;
  readonly #over: AbortSignal;
  readonly #agent = new Agent({
    connections: 256,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    connect: { timeout: 2_000 },
  });
  #turn = 0;

  /** @param over once it is set nothing is repeated any more */
  constructor(endpoints: readonly string[], log: ActLog, over: AbortSignal) {
    this.#endpoints = endpoints;
    this.#log = log;
    this.#over = over;
  }

  /** Makes one command and logs what became of it. */
  async act(as: Person, memory: Memory, name: CommandName, input: object, noted: Noted = {}): Promise<Decided> {
    const trace = randomBytes(16).toString('hex');
    const variables = { input: { idempotencyKey: trace, ...input } };
    const attempts: Attempt[] = [];
    const decided = await this.#insist(async () => {
      const sentMs = performance.now();
      let dark = true;
      try {
        const { data } = await this.#send(as.principal, memory, trace, documentOf(name), variables);
        const payload = data?.[name] ?? {};
        const { refusal = null } = payload;
        dark = false;
        if (refusal === null) return { kind: 'accepted', payload };
        if (refusal.retryable && !noted.taken?.includes(refusal.code)) throw new Passing(refusal.code, false);
        return { kind: 'refused', code: refusal.code, currentState: refusal.currentState, payload };
      } catch (error) {
        if (error instanceof Passing || error instanceof Denied) dark = error.dark;
        if (error instanceof Passing) throw error;
        if (error instanceof Denied) return { kind: 'refused', code: error.code, currentState: null, payload: {} };
        throw new Passing((error as { code?: string }).code ?? (error as Error).message, true);
      } finally {
        attempts.push({ sentMs, endedMs: performance.now(), dark });
      }
    });
    const { subject, key, transition } = COMMANDS[name];
    this.#log.add({
      transition,
      actorId: as.identityId,
      trace,
      subjectId: noted.subjectId ?? decided.payload[subject]?.[key],
      attempts,
      outcome: decided,
      sawRegister: noted.sawRegister,
    });
    return decided;
  }

  /**
   * Asks until there is an answer; undefined where the load ended before.
   * @throws Error where there is none for longer than any fault lasts
   */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was asked
  async ask(as: Principal, memory: Memory, query: string, variables: object = {}): Promise<any> {
    const answer = await this.#insist(async () => {
      const trace = randomBytes(16).toString('hex');
      const { data } = await this.#send(as, memory, trace, query, variables).catch((error: Error) => {
        throw error instanceof Denied ? error : new Passing(error.message, true);
      });
      return { kind: 'accepted', payload: data };
    }, ASK_TIMEOUT_MS);
    return answer.kind === 'accepted' ? answer.payload : undefined;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #insist(once: () => Promise<Decided>, timeoutMs = Number.POSITIVE_INFINITY): Promise<Decided> {
    const endsAtMs = performance.now() + timeoutMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        return await once();
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        this.#log.passed(error.message);
        this.#turn += 1;
        if (this.#over.aborted) return { kind: 'undecided', payload: {} };
        if (performance.now() > endsAtMs) throw new Error(`nobody answers: ${error.message}`);
        await sleep(pauseMs);
      }
    }
  }

  async #send(as: Principal, memory: Memory, trace: string, query: string, variables: object): Promise<Reply> {
    const endpoint = this.#endpoints[this.#turn++ % this.#endpoints.length] as string;
    const { statusCode, headers, body } = await request(endpoint, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await as.token()}`,
        traceparent: `00-${trace}-${trace.slice(0, 15)}1-01`,
        ...(memory.tokens === undefined ? {} : { [TOKENS]: memory.tokens }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const text = await body.text();
    if (statusCode >= 500 && !text.startsWith('{')) throw new Passing(`HTTP ${statusCode}`, true);
    const tokens = headers[TOKENS];
    if (typeof tokens === 'string') memory.tokens = tokens;
    const reply = JSON.parse(text) as Reply;
    const [error] = reply.errors ?? [];
    if (error === undefined) return reply;
    const code = error.extensions?.code ?? 'INTERNAL';
    throw PASSING.has(code) ? new Passing(code, !NOTHING_DONE.has(code)) : new Denied(code, error.message);
  }
}

/** An error that will not change: the session may not do it. */
class Denied extends Error {
  readonly code: string;
  /** It was answered: this attempt did nothing. */
  readonly dark = false;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
