/** What a load has asked of the system and what it was told: all that the checker knows of it. Times are milliseconds of one clock. */

export type Outcome =
  /** The system said that it was done. */
  | { readonly kind: 'accepted' }
  /** It said that it was not done, and why. */
  | { readonly kind: 'refused'; readonly code: string; readonly currentState: string | null }
  /** The load ended before it was told. */
  | { readonly kind: 'undecided' };

/** One request that was sent for a command. A command is repeated with its key until it is decided. */
export interface Attempt {
  readonly sentMs: number;
  readonly endedMs: number;
  /** True where nobody can say what the request did: its answer was lost. */
  readonly dark: boolean;
}

/** One command under one idempotency key. */
export interface Act {
  readonly transition: string;
  /** Identity that acts. */
  readonly actorId: string;
  /** Trace under which every attempt was sent; journals name it as correlation. */
  readonly trace: string;
  /** The aggregate it is about, as far as known: of a creation once it is accepted. */
  readonly subjectId: string | undefined;
  readonly attempts: readonly Attempt[];
  readonly outcome: Outcome;
  /** Version of the register that whoever acts had been told of, where it was noted. */
  readonly sawRegister?: number | undefined;
}

/** What a reader was shown of a job or a transfer. */
export interface Sighting {
  readonly of: 'job' | 'transfer';
  readonly id: string;
  readonly sentMs: number;
  readonly endedMs: number;
  readonly state: string;
  readonly version: number;
}

export class ActLog {
  readonly acts: Act[] = [];
  readonly sightings: Sighting[] = [];
  /** Answers that decided nothing, by code. */
  readonly passing = new Map<string, number>();
  /** Walks that could not go on though every step before was accepted. */
  readonly astray: string[] = [];
  #accepted = 0;

  /** Commands acknowledged so far. */
  get accepted(): number {
    return this.#accepted;
  }

  add(act: Act): void {
    this.acts.push(act);
    if (act.outcome.kind === 'accepted') this.#accepted += 1;
  }

  passed(code: string): void {
    this.passing.set(code, (this.passing.get(code) ?? 0) + 1);
  }
}
