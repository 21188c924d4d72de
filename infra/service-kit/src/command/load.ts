import { v7 } from 'uuid';
import type { MatrixRow } from '../authority/matrix.ts';
import type { PoolClient } from '../database/pool.ts';
import type { Row } from '../database/statement.ts';
import { FRESHNESS, type StaleSource, staleSources, watched } from '../freshness/staleness.ts';
import { type AggregateRow, lockStatement, type Stored, storedOf } from '../journal/aggregate.ts';
import type { Sealing } from '../personal/personal.ts';
import type { Chassis } from '../service/chassis.ts';
import type { Command, CommandInput, Principal } from './command.ts';
import { basisOf, type Fact } from './fact.ts';
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

/** What the first flight brought. */
export interface Loaded {
  readonly subject: Subject | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  readonly principal: Principal;
  /** Every locked row of ours by `type/id`: what a guarded write starts from. */
  readonly locked: ReadonlyMap<string, Stored>;
  readonly basis: readonly string[];
  readonly now: string;
  /** The first source that is too old among the facts read since this was last asked. */
  readonly touchedStale: () => StaleSource | undefined;
}

/** The first flight: BEGIN, the key, the lock, how fresh the facts are, the facts, the clock. 'taken' where the key was used before. */
export async function load<I extends CommandInput>(run: Run<I>, client: PoolClient): Promise<Loaded | 'taken'> {
  const { chassis, command, input, request, key } = run;
  const { spec } = command;
  const { session } = request;
  const subject = spec.subject?.(input);
  const facts: Record<string, Fact<unknown>> = {
    ...chassis.principal.facts(session),
    ...spec.facts?.(input, session, v7),
  };
  const statements = [FRESHNESS, ...Object.values(facts).map((fact) => fact.statement)];
  if (subject !== undefined) statements.unshift(lockStatement(spec.aggregate, subject, session));
  const [, taken, ...answers] = await flight(client, [BEGIN, takeKey(key, input), ...statements, CLOCK]);
  if (taken?.length === 0) return 'taken';

  const [row] = subject === undefined ? [] : (answers.shift() as Row[]);
  const found = row && { ...storedOf(row as unknown as AggregateRow), visible: row.visible as boolean };
  const freshness = answers.shift() as Row[];
  const now: string = answers.at(-1)?.[0]?.now;
  const locked = new Map<string, Stored>();
  if (found !== undefined) locked.set(`${spec.aggregate.type}/${found.value.id}`, found);
  const read: Record<string, unknown> = {};
  Object.entries(facts).forEach(([name, fact], index) => {
    const value = fact.read(answers[index] as Row[]);
    read[name] = value;
    if (fact.locks !== undefined && value !== undefined) {
      const other = value as Stored;
      locked.set(`${fact.locks.type}/${other.value.id}`, other);
    }
  });
  const { values, touched } = watched(facts, read, staleSources(chassis.freshness, freshness, now));
  return {
    subject: found,
    values,
    principal: chassis.principal.read(session, values),
    locked,
    basis: basisOf(chassis.service, answers),
    now,
    touchedStale: touched,
  };
}
