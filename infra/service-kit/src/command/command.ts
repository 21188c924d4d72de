import type { Confirmations, Confirmed } from '../confirm/confirmed.ts';
import type { Sql } from '../database/statement.ts';
import type { AggregateState, Decision, PersonalRef, Refusal } from '../domain.ts';
import type { Aggregate } from '../journal/aggregate.ts';
import type { Session } from '../process/session.ts';
import type { Facts, FactValues, Ternary } from './fact.ts';

/** What every mutation's input has. */
export interface CommandInput {
  readonly idempotencyKey: string;
  readonly expectedVersion?: number | null | undefined;
}

/** The principal's standing, looked up in the same flight as everything else. */
export interface Principal {
  readonly identityActive: Ternary;
  readonly hasRole: (role: string) => Ternary;
}

/** What a condition of the matrix looks at. */
export interface Grounds<I, T, F extends Facts> {
  readonly session: Session;
  readonly principal: Principal;
  readonly input: I;
  readonly state: T | undefined;
  readonly facts: FactValues<F>;
  /** What owners said, by the names of the row's `confirm`; undefined where there is none that the caller may see. */
  readonly confirmed: Readonly<Record<string, Confirmed | undefined>>;
}

/** What a decision is made of, everything impure already done. */
export interface Decider<I, T, F extends Facts, P extends string> {
  readonly state: T | undefined;
  readonly input: I;
  readonly facts: FactValues<F>;
  /** What owners said, as conditions have it. */
  readonly confirmed: Readonly<Record<string, Confirmed | undefined>>;
  /** References to the personal values of the input; null where the input has none. */
  readonly personal: Readonly<Record<P, PersonalRef | null>>;
  /** The identity that acts. */
  readonly by: string;
  readonly session: Session;
  /** The database's clock, where it is not behind what the locked rows say has happened. */
  readonly now: string;
  /** Allots an id (UUIDv7). */
  readonly newId: () => string;
}

/** A use case: what is loaded, on what it may rest, who decides. Everything else is the same for every command. */
export interface CommandSpec<I extends CommandInput, T extends AggregateState, F extends Facts, P extends string> {
  /** Its row in the matrix: `aggregate.command`. */
  readonly transition: string;
  readonly aggregate: Aggregate<T>;
  /** What is wrong with the form of the input, beyond what its types say; asked before anything is looked up. */
  readonly check?: (input: I) => Refusal | undefined;
  /** The row to lock: an id or an expression that finds it. Null where the command brings its aggregate into being. */
  readonly subject: ((input: I) => string | Sql) | null;
  /** Statements sent in the flight of the lock; they find what they need by ids, joining the subject's row. */
  readonly facts?: (input: I, session: Session, newId: () => string) => F;
  /** The relations and conditions that the matrix row names. */
  readonly conditions?: Readonly<Record<string, (grounds: Grounds<I, T, F>) => Ternary>>;
  /** What the matrix row wants confirmed: of each name, whom to ask for what, as the row says that the command acts on. */
  readonly confirm?: Confirmations<I, T>;
  /** Personal values of the input, and of the session where they are kept; what holds is replaced by references before anything else sees it. */
  readonly personal?: (input: I, session: Session) => Readonly<Record<P, string | null | undefined>>;
  /** Which of the personal values is the reason that the journal row refers to. */
  readonly reason?: P;
  readonly decide: (decider: Decider<I, T, F, P>) => Decision;
}

/** A command as the service registers and runs it. */
export interface Command<I extends CommandInput = CommandInput> {
  readonly transition: string;
  // biome-ignore lint/suspicious/noExplicitAny: the state, facts and personal fields are checked where the command is declared
  readonly spec: CommandSpec<I, any, any, any>;
}

/** For a command whose input may give a reason: a personal value, to which the journal row refers. */
export const withReason = {
  personal: ({ reason }: { readonly reason?: string | null | undefined }) => ({ reason }),
  reason: 'reason',
} as const;

export function command<
  I extends CommandInput,
  T extends AggregateState,
  F extends Facts = Record<never, never>,
  P extends string = never,
>(spec: CommandSpec<I, T, F, P>): Command<I> {
  return { transition: spec.transition, spec };
}
