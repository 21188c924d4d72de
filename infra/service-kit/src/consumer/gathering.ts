import { type Applier, applyDeliveries, type Delivery } from './apply.ts';
import type { Incoming } from './incoming.ts';

export interface GatheringOptions {
  readonly applier: Applier;
  /** Transactions at a time: the size of the applier's pool. */
  readonly concurrency: number;
  /** Hears after every transaction what was applied. */
  readonly onApplied: (events: readonly Incoming[]) => void;
}

interface Waiting {
  readonly delivery: Delivery;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

/** A transaction takes more only where a single delivery is larger. */
const MAX_MESSAGES = 200;

/**
 * Takes what partitions bring at the same time into one transaction: a commit costs as much as the few facts it usually carries. What
 * comes while transactions run waits for the next one, so these grow with the load and are as small as can be without.
 */
export class Gathering {
  readonly #options: GatheringOptions;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #called = false;

  constructor(options: GatheringOptions) {
    this.#options = options;
  }

  /**
   * Resolves once the delivery is applied, or set aside.
   * @throws what passes, so that the caller brings it again
   */
  apply(delivery: Delivery): Promise<void> {
    const applied = new Promise<void>((done, failed) => this.#waiting.push({ delivery, done, failed }));
    this.#call();
    return applied;
  }

  /** What is brought in the same turn goes together. */
  #call(): void {
    if (this.#called) return;
    this.#called = true;
    setImmediate(() => {
      this.#called = false;
      while (this.#waiting.length > 0 && this.#running < this.#options.concurrency) void this.#run(this.#next());
    });
  }

  async #run(taken: readonly Waiting[]): Promise<void> {
    const { applier, onApplied } = this.#options;
    this.#running += 1;
    try {
      const deliveries = taken.map(({ delivery }) => delivery);
      onApplied(await applyDeliveries(applier, deliveries));
      for (const { done } of taken) done();
    } catch (error) {
      for (const { failed } of taken) failed(error);
    }
    this.#running -= 1;
    this.#call();
  }

  /** The oldest that wait, as many as one transaction takes, at least one. */
  #next(): readonly Waiting[] {
    let messages = 0;
    const end = this.#waiting.findIndex(({ delivery }) => {
      messages += delivery.messages.length;
      return messages > MAX_MESSAGES;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(end, 1));
  }
}
