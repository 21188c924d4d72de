import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

export interface HttpRequest {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Limit for the whole exchange, from queueing to the last byte of the answer. */
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** How long the request waited for a connection. */
  readonly queuedMs: number;
}

/** The exchange failed. `sent` is false only where not a byte of the request has left, so that it may be sent elsewhere. */
export class ExchangeError extends Error {
  readonly sent: boolean;
  readonly reason: string;

  constructor(sent: boolean, reason: string, cause: unknown) {
    super(reason, { cause });
    this.sent = sent;
    this.reason = reason;
  }
}

/**
 * Sends one request over the pool and collects the answer.
 * @throws ExchangeError
 */
export function exchange(pool: Dispatcher, request: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { path, method, headers, body } = request;
    pool.dispatch({ path, method, headers, body }, new Exchange(request.timeoutMs, resolve, reject));
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: ExchangeError) => void;
  readonly #chunks: Buffer[] = [];
  /** Present from the moment the request is written. */
  #controller: Dispatcher.DispatchController | undefined;
  #timedOut = false;
  #queuedMs = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};

  constructor(timeoutMs: number, resolve: (answer: HttpAnswer) => void, reject: (error: ExchangeError) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#onTimeout(timeoutMs), timeoutMs);
  }

  /** Called just before the first byte is written: until then the request has not left. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#timedOut) {
      controller.abort(new Error('no longer wanted'));
      return;
    }
    this.#controller = controller;
    this.#queuedMs = performance.now() - this.#startedMs;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    const body = Buffer.concat(this.#chunks).toString('utf8');
    this.#resolve({ status: this.#status, headers: this.#headers, body, queuedMs: this.#queuedMs });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error & { code?: string }): void {
    clearTimeout(this.#timer);
    this.#reject(new ExchangeError(this.#controller !== undefined, error.code ?? error.message, error));
  }

  #onTimeout(timeoutMs: number): void {
    this.#timedOut = true;
    const error = new Error(`no answer within ${Math.round(timeoutMs)} ms`);
    this.#reject(new ExchangeError(this.#controller !== undefined, error.message, error));
    this.#controller?.abort(error);
  }
}
