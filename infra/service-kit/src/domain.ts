/**
 * The vocabulary of a domain rule: pure, without imports, the only thing `services/<service>/src/domain` may import from outside
 * its own folder. A rule is `decide(state, command, facts) → Decision`; everything impure (the clock, ids, personal values,
 * foreign facts) comes in with the command or the facts. The form follows the decider pattern of event-driven-io/emmett.
 */

/** For each state, the commands it accepts and the state each leads to; a missing cell is a refusal. */
export type TransitionTable<S extends string, C extends string> = Readonly<Record<S, Readonly<Partial<Record<C, S>>>>>;

/** The state that `command` leads to from `state`, or undefined where the table has no such cell. */
export function next<S extends string, C extends string>(
  table: TransitionTable<S, C>,
  state: S,
  command: C,
): S | undefined {
  return table[state][command];
}

/** Every aggregate's state: who it is and where in its life. */
export interface AggregateState {
  readonly id: string;
  readonly state: string;
}

/** A fact about one aggregate. `after` is the whole state after the transition; it is what is stored and published. */
export interface DomainEvent<
  A extends string = string,
  N extends string = string,
  T extends AggregateState = AggregateState,
> {
  readonly kind: 'event';
  readonly name: N;
  readonly aggregate: A;
  readonly after: T;
  readonly data: object;
}

/** States a fact; `data` holds what is particular to it beyond the state after. */
export function event<A extends string, N extends string, T extends AggregateState>(
  name: N,
  aggregate: A,
  after: T,
  data: object = {},
): DomainEvent<A, N, T> {
  return { kind: 'event', name, aggregate, after, data };
}

export interface RefusalDetail {
  readonly name: string;
  readonly value: string;
}

/** The domain says no. `C` is the closed union of the aggregate's codes. */
export interface Refusal<C extends string = string> {
  readonly kind: 'refusal';
  readonly code: C;
  readonly details: readonly RefusalDetail[];
}

/** Says no, with the values that a caller needs to understand why. */
export function refuse<C extends string>(code: C, details: Readonly<Record<string, string>> = {}): Refusal<C> {
  return {
    kind: 'refusal',
    code,
    details: Object.entries(details).map(([name, value]) => ({ name, value })),
  };
}

/** The facts of one transaction, the subject's own first; or the refusal. */
export type Decision<E extends DomainEvent = DomainEvent, R extends Refusal = Refusal> = readonly E[] | R;

export function isRefusal<E extends DomainEvent, R extends Refusal>(decision: Decision<E, R>): decision is R {
  return 'kind' in decision;
}

/** What a refusal code tells the client; one exhaustive record of these per service. */
export interface RefusalText {
  readonly message: string;
  /** True where the same command may succeed later without being changed. */
  readonly retryable: boolean;
}

export type TextFaultCode = 'LIMIT_EXCEEDED' | 'TEXT_NOT_ALLOWED';

/**
 * What forbids to keep a text of at most so many characters (Unicode code points). Everything else is kept as given, C1 control
 * characters included: only NUL (PostgreSQL) and half of a surrogate pair (UTF-8) have no form in which they could be kept.
 */
export function textFault(field: string, text: string, most: number): Refusal<TextFaultCode> | undefined {
  if (text.includes('\0') || !text.isWellFormed()) return refuse('TEXT_NOT_ALLOWED', { field });
  // UTF-16 units are never fewer than code points: the exact count is only made where it can matter.
  const exceeds = text.length > most && [...text].length > most;
  return exceeds ? refuse('LIMIT_EXCEEDED', { field, limit: `${most} characters` }) : undefined;
}

/** A personal value as journals, topics and records hold it: a reference and a salted hash, never the value. */
export interface PersonalRef {
  readonly ref: string;
  /** SHA-256(16-byte salt ‖ UTF-8 bytes of the value), lower-case hex. */
  readonly hash: string;
}
