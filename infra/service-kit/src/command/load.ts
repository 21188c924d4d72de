import { v7 } from 'uuid';
import type { MatrixRow } from '../authority/matrix.ts';
import {
  asksOf,
  basisWith,
  type ConfirmedValues,
  confirmedValues,
  type Held,
  NOTHING_HELD,
} from '../confirm/confirmed.ts';
import type { PoolClient } from '../database/pool.ts';
import type { Row } from '../database/statement.ts';
import { FRESHNESS, type StaleSource, staleSources, watched } from '../freshness/staleness.ts';
import { type AggregateRow, locking, rowStatement, type Stored, storedOf } from '../journal/aggregate.ts';
import type { Sealing } from '../personal/personal.ts';
import type { Chassis } from '../service/chassis.ts';
import type { Command, CommandInput, Principal } from './command.ts';
import { basisOf, type Facts } from './fact.ts';
import { BEGIN, CLOCK, flight } from './flight.ts';
import { type KeyOf, takeKey } from './idempotency.ts';
import type { CommandRequest } from './request.ts';

/** One command on its way. */
export interface Run<I extends CommandInput = CommandInput> {
  readonly chassis: Chassis;
  readonly command: Command<I>;
  readonly row: MatrixRow;
  readonly input: I;
  readonly request: CommandRequest;
  readonly key: KeyOf;
  readonly sealings: readonly Sealing[];
}

/** The subject's row, and whether the session may see it. */
export type Subject = Stored & { readonly visible: boolean };

/** What the command rests on, the principal's standing first. */
export function factsOf<I extends CommandInput>({ chassis, command, input, request }: Run<I>): Facts {
  const { session } = request;
  return { ...chassis.principal.facts(session), ...command.spec.facts?.(input, session, v7) };
}

/** What the first flight brought. */
export interface Loaded {
  readonly subject: Subject | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  readonly principal: Principal;
  readonly confirmed: ConfirmedValues;
  /** Every locked row of ours by `type/id`: what a guarded write starts from. */
  readonly locked: ReadonlyMap<string, Stored>;
  readonly basis: readonly string[];
  /** When it is decided, as rules and facts have it: never before what the locked rows say has happened, whatever the clock does. */
  readonly now: string;
  /** The database's clock alone, by which the age of what is no row of ours is told. */
  readonly clock: string;
  /** The first source that is too old among the facts read since this was last asked. */
  readonly touchedStale: () => StaleSource | undefined;
}

/**
 * The first flight: BEGIN, the key, the lock, how fresh the facts are, the facts, the clock. 'taken' where the key was used before.
 * @param held what owners said that still counts, asked for once the lock was had
 */
export async function load<I extends CommandInput>(
  run: Run<I>,
  client: PoolClient,
  held: () => Held,
): Promise<Loaded | 'taken'> {
  const { command, input, request, key } = run;
  const { spec } = command;
  const { session } = request;
  const subject = spec.subject?.(input);
  const facts = factsOf(run);
  const statements = Object.values(facts).map(({ statement, locks }) =>
    locks ? locking(locks, statement) : statement,
  );
  statements.unshift(FRESHNESS);
  if (subject !== undefined)
    statements.unshift(locking(spec.aggregate, rowStatement(spec.aggregate, subject, session)));
  const [, taken, ...answers] = await flight(client, [BEGIN, takeKey(key, input), ...statements, CLOCK]);
  if (taken?.length === 0) return 'taken';

  const [row] = subject === undefined ? [] : (answers.shift() as Row[]);
  const freshness = answers.shift() as Row[];
  const now: string = answers.pop()?.[0]?.now;
  return loadedFrom(run, facts, { row, freshness, answers, now }, held());
}

/** What was found for one command: its subject's row, how fresh other services are known, and what answers each of its facts. */
export interface Found {
  readonly row: Row | undefined;
  readonly freshness: readonly Row[];
  readonly answers: readonly (readonly Row[])[];
  readonly now: string;
}

/** Reads what was found as the rules want it. */
export function loadedFrom<I extends CommandInput>(
  { chassis, command, row: { confirm }, input, request }: Run<I>,
  facts: Facts,
  { row, freshness, answers, now: clock }: Found,
  held = NOTHING_HELD,
): Loaded {
  const subject = row && { ...storedOf(row as unknown as AggregateRow), visible: row.visible as boolean };
  const locked = new Map<string, Stored>();
  if (subject !== undefined) locked.set(`${command.spec.aggregate.type}/${subject.value.id}`, subject);
  const read: Record<string, unknown> = {};
  Object.entries(facts).forEach(([name, fact], index) => {
    const value = fact.read(answers[index] ?? []);
    read[name] = value;
    if (fact.locks !== undefined && value !== undefined) {
      const other = value as Stored;
      locked.set(`${fact.locks.type}/${other.value.id}`, other);
    }
  });
  const { values, touched } = watched(facts, read, staleSources(chassis.freshness, freshness, clock));
  return {
    subject,
    values,
    principal: chassis.principal.read(request.session, values),
    confirmed: confirmedValues(asksOf(confirm, command.spec.confirm, subject?.value, input), held),
    locked,
    basis: basisWith(basisOf(chassis.service, answers), held),
    now: latestOf(clock, locked.values()),
    clock,
    touchedStale: touched,
  };
}

/**
 * The clock of a database that took over may be behind the one before it. What a rule writes into a state would then lie before what led
 * to it, while the time of its fact, which never runs backwards, would not.
 */
function latestOf(clock: string, rows: Iterable<Stored>): string {
  let latest = clock;
  for (const { occurredAt } of rows) if (occurredAt > latest) latest = occurredAt;
  return latest;
}
