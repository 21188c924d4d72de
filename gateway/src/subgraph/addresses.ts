import { Address } from './address.ts';
import { ExchangeError, type HttpAnswer } from './exchange.ts';

const ASK_INTERVAL_MS = 1_000;

/** All processes that serve one subgraph; requests go round, those left out are asked only where no other is there. */
export class Addresses {
  readonly service: string;
  readonly #all: readonly Address[];
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(service: string, urls: readonly string[]) {
    this.service = service;
    this.#all = urls.map((url) => new Address(url));
  }

  /** Learns which addresses are ready, and goes on asking. */
  async start(intervalMs = ASK_INTERVAL_MS): Promise<void> {
    await this.#askAll();
    this.#timer = setInterval(() => void this.#askAll(), intervalMs).unref();
  }

  /** Why no address is ready; undefined where at least one is. */
  get unreadiness(): string | undefined {
    const reasons = this.#all.map(({ url, leftOut }) => leftOut && `${url.host} ${leftOut}`);
    return reasons.every((reason) => reason !== undefined) ? reasons.join(', ') : undefined;
  }

  /**
   * Posts to the next address; to the one after it only what was never sent.
   * @throws ExchangeError of the last address tried
   */
  async post(headers: Readonly<Record<string, string>>, body: string, timeoutMs: number): Promise<HttpAnswer> {
    const endsAtMs = performance.now() + timeoutMs;
    let failure: unknown;
    for (const address of this.#inTurn()) {
      const leftMs = endsAtMs - performance.now();
      if (leftMs <= 0) break;
      try {
        return await address.post(headers, body, leftMs);
      } catch (error) {
        if (!(error instanceof ExchangeError) || error.sent) throw error;
        failure = error;
      }
    }
    throw failure ?? new ExchangeError(false, 'no time left to ask', undefined);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#all.map((address) => address.close()));
  }

  #inTurn(): Address[] {
    this.#turn = (this.#turn + 1) % this.#all.length;
    const rotated = [...this.#all.slice(this.#turn), ...this.#all.slice(0, this.#turn)];
    const isIn = (address: Address) => address.leftOut === undefined;
    return [...rotated.filter(isIn), ...rotated.filter((address) => !isIn(address))];
  }

  async #askAll(): Promise<void> {
    await Promise.all(this.#all.map((address) => address.ask()));
  }
}
