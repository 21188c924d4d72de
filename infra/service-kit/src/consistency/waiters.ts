import type { Follows } from '../consumer/copies.ts';
import type { Incoming } from '../consumer/incoming.ts';
import { type Queryable, rowsOf, sql } from '../database/statement.ts';
import type { KitMetrics } from '../service/kit-metrics.ts';
import { Heard } from './heard.ts';
import type { SeenVersion } from './token.ts';

export interface WaitersOptions {
  /** A connection of its own: whoever waits must not hold one that others need. */
  readonly db: Queryable;
  readonly follows: Follows;
  readonly metrics: KitMetrics;
  /** More are not kept waiting: they are answered at once as not up to date. */
  readonly maxWaiters: number;
}

interface Waiter {
  readonly missing: Set<SeenVersion>;
  readonly done: (arrived: boolean) => void;
  /** A look was finished that began after the waiter came: nobody is sent away unseen, however short the budget. */
  looked: boolean;
  /** The budget is over. */
  due: boolean;
}

/**
 * Another replica may have applied what is waited for; it tells nobody here, so all that is missing is looked up together this often.
 * What this process applied lately it knows without looking.
 */
const LOOK_AGAIN_MS = 25;

/**
 * Requests that wait until what their client has seen has arrived here. They hold no connection: they are told what this process
 * applies, and one statement asks for all of them together, at once when one comes and every few milliseconds.
 */
export class Waiters {
  readonly #options: WaitersOptions;
  readonly #waiters = new Set<Waiter>();
  readonly #heard = new Heard();
  #looking = false;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #longestMs = 0;

  constructor(options: WaitersOptions) {
    this.#options = options;
  }

  /**
   * Resolves true once every version that concerns a followed aggregate is here, false after `budgetMs` (but never before one look), or
   * at once where too many wait already. What this service does not follow cannot arrive and is not waited for.
   */
  async wait(seen: readonly SeenVersion[], budgetMs: number): Promise<boolean> {
    const { follows, metrics, maxWaiters } = this.#options;
    const followed = seen.filter(({ service, type }) => follows[service]?.includes(type) ?? false);
    const missing = followed.filter((version) => !this.#heard.covers(version));
    if (missing.length === 0) return true;
    if (this.#waiters.size >= maxWaiters) {
      metrics.waits.observe({ outcome: 'full' }, 0);
      return false;
    }
    const startedMs = performance.now();
    const arrived = await this.#enlist(new Set(missing), budgetMs);
    const waitedMs = performance.now() - startedMs;
    metrics.waits.observe({ outcome: arrived ? 'arrived' : 'late' }, waitedMs / 1_000);
    this.#longestMs = Math.max(this.#longestMs, waitedMs);
    metrics.longestWait.set(this.#longestMs / 1_000);
    return arrived;
  }

  /** These events were applied, and are committed. */
  heard(events: readonly Incoming[]): void {
    for (const event of events) this.#heard.note(event);
    for (const waiter of this.#waiters) {
      for (const version of waiter.missing) if (this.#heard.covers(version)) waiter.missing.delete(version);
      if (waiter.missing.size === 0) waiter.done(true);
    }
  }

  #enlist(missing: Set<SeenVersion>, budgetMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = setTimeout(() => {
        waiter.due = true;
        if (waiter.looked) waiter.done(false);
      }, budgetMs);
      const waiter: Waiter = {
        missing,
        looked: false,
        due: false,
        done: (arrived) => {
          clearTimeout(end);
          this.#waiters.delete(waiter);
          this.#options.metrics.waiters.set(this.#waiters.size);
          resolve(arrived);
        },
      };
      this.#waiters.add(waiter);
      this.#options.metrics.waiters.set(this.#waiters.size);
      void this.#look();
    });
  }

  /** One look at a time; what is asked for meanwhile leads to one more. */
  async #look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    clearTimeout(this.#timer);
    do {
      this.#again = false;
      // A database that is away for a moment is asked again; the waiters' own time-outs bound it.
      const asked = [...this.#waiters];
      const arrived = await this.#arrived(asked).catch(() => new Set<SeenVersion>());
      for (const waiter of asked) {
        waiter.looked = true;
        for (const version of waiter.missing) if (arrived.has(version)) waiter.missing.delete(version);
        if (waiter.missing.size === 0) waiter.done(true);
        else if (waiter.due) waiter.done(false);
      }
    } while (this.#again);
    this.#looking = false;
    if (this.#waiters.size > 0) this.#timer = setTimeout(() => void this.#look(), LOOK_AGAIN_MS);
  }

  /** Which of the versions that are waited for are here, or were overtaken by newer ones. */
  async #arrived(waiters: readonly Waiter[]): Promise<ReadonlySet<SeenVersion>> {
    const wanted = waiters.flatMap(({ missing }) => [...missing]);
    const asked = wanted.map((version, place) => ({ ...version, place }));
    const rows = await rowsOf<{ place: number }>(
      this.#options.db,
      sql`select place from json_to_recordset(${JSON.stringify(asked)}::json)
          as wanted(service text, type text, id text, epoch integer, version integer, place integer)
        join foreign_aggregate kept on kept.source = wanted.service and kept.type = wanted.type and kept.id = wanted.id
        where (kept.epoch, kept.version) >= (wanted.epoch, wanted.version)`,
    );
    return new Set(rows.flatMap(({ place }) => wanted[place] ?? []));
  }
}
