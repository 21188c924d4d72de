import { v7 } from 'uuid';
import type { PrincipalKind } from '../process/session.ts';

/** Who tried what, and what stood in the way. */
export interface Denial {
  readonly identityId: string;
  readonly kind: PrincipalKind;
  readonly transition: string;
  readonly clause: string;
}

export interface Tried {
  readonly transition: string;
  readonly clause: string;
  readonly attempts: number;
}

/** What one principal was denied in one minute beyond the cap. */
export interface Excess {
  /** Allotted here, so that a count whose writing is tried again is written once. */
  readonly id: string;
  readonly identityId: string;
  readonly kind: PrincipalKind;
  /** When the minute began, in milliseconds since 1970. */
  readonly minuteMs: number;
  readonly attempts: number;
  readonly tried: readonly Tried[];
}

interface Minute {
  readonly identityId: string;
  readonly kind: PrincipalKind;
  readonly minuteMs: number;
  denials: number;
  readonly beyond: Map<string, { readonly transition: string; readonly clause: string; attempts: number }>;
}

const MINUTE_MS = 60_000;
/** Enough for whoever tries by mistake, and for whoever wants to see what was tried. */
export const ATTEMPTS_PER_MINUTE = 100;

/**
 * Which denied attempts are facts of their own: so many per principal and minute, so that nobody can fill the journal with what
 * they may not do. The rest is counted here, in memory; a process that crashes loses the counts of the minute that is open.
 */
export class AttemptCap {
  readonly #perMinute: number;
  readonly #minutes = new Map<string, Minute>();
  #ended: Excess[] = [];

  /** @param perMinute attempts of one principal that are facts of their own, in each minute */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Takes note of a denial. True where it is to be a fact of its own, false where it was counted. */
  admits({ identityId, kind, transition, clause }: Denial, nowMs: number): boolean {
    const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    // The same identity may come by itself and through an agent: two kinds of principal, counted apart.
    const key = `${kind}/${identityId}`;
    let minute = this.#minutes.get(key);
    if (minute === undefined || minute.minuteMs !== minuteMs) {
      if (minute !== undefined) this.#end(key, minute);
      minute = { identityId, kind, minuteMs, denials: 0, beyond: new Map() };
      this.#minutes.set(key, minute);
    }
    minute.denials += 1;
    if (minute.denials <= this.#perMinute) return true;
    const what = `${transition}/${clause}`;
    const tried = minute.beyond.get(what) ?? { transition, clause, attempts: 0 };
    tried.attempts += 1;
    minute.beyond.set(what, tried);
    return false;
  }

  /** Gives away what was counted in minutes that ended before `nowMs`; with Infinity also what the open one has so far. */
  takeEnded(nowMs: number): readonly Excess[] {
    for (const [key, minute] of this.#minutes) {
      if (minute.minuteMs + MINUTE_MS <= nowMs) this.#end(key, minute);
    }
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  /** Takes back what could not be written. */
  giveBack(excess: readonly Excess[]): void {
    this.#ended.push(...excess);
  }

  #end(key: string, { identityId, kind, minuteMs, beyond }: Minute): void {
    this.#minutes.delete(key);
    if (beyond.size === 0) return;
    const tried = [...beyond.values()];
    const attempts = tried.reduce((sum, one) => sum + one.attempts, 0);
    this.#ended.push({ id: v7(), identityId, kind, minuteMs, attempts, tried });
  }
}
