import type { Matrix } from '../authority/matrix.ts';
import { KIT_REMEDIES, type Remedies } from '../authority/remedy.ts';
import type { Deadline } from '../clock/deadline.ts';
import { OWN_CLOCK } from '../clock/own-clock.ts';
import type { Command } from '../command/command.ts';
import type { RefusalTexts } from '../command/refusals.ts';
import type { Follows } from '../consumer/copies.ts';
import type { Reaction } from '../consumer/reaction.ts';
import type { ResolverMap } from '../graphql/subgraph.ts';
import type { Aggregate } from '../journal/aggregate.ts';
import type { PrincipalLookup } from './chassis.ts';
import type { Measure } from './measures.ts';
import type { OwnActs } from './own-acts.ts';

// biome-ignore lint/suspicious/noExplicitAny: each command's input is checked where it is declared and where it is run
export type AnyCommand = Command<any>;

/** A service as its team writes it; the kit does the rest. */
export interface ServiceDefinition {
  /** The service's word: its folder, database, contract folder. */
  readonly name: string;
  /** What it owns, `attempt` and `authority_matrix` left out: every service has those. */
  readonly aggregates: readonly Aggregate[];
  readonly commands: readonly AnyCommand[];
  readonly resolvers: ResolverMap;
  /** Aggregates of other services of which copies are kept, by service. */
  readonly follows: Follows;
  /** What facts of others lead to here, by `<service>.<event>`, for example `jobs.intake_received`. */
  readonly reactions: Readonly<Record<string, Reaction>>;
  readonly principal: PrincipalLookup;
  readonly refusals: RefusalTexts;
  /** What would have to change for each relation and condition of its matrix to hold, for whoever it stands in the way of. */
  readonly remedies?: Remedies;
  /** What a broken unique rule of the database means to a client, by the constraint's name. */
  readonly uniqueRules?: Readonly<Record<string, string>>;
  /** What the service does of itself before it takes requests, such as publishing what its release brings. */
  readonly onStart?: (acts: OwnActs) => Promise<void>;
  /** What the service does of itself once its time has come: commands whose rows ask for `own_clock`. */
  readonly clock?: readonly Deadline[];
  /** Figures of its own data, exposed beside those of the kit. */
  readonly measures?: readonly Measure[];
}

/** Defined by the kit for every command. */
const KIT_CONDITIONS = new Set(Object.keys(KIT_REMEDIES));

/**
 * Holds commands against the matrix: a command without a row, a row without a command, a name that nobody defines, that no row
 * asks for, or that nobody explains, what is confirmed, and what the service's clock runs.
 * @throws Error with every fault, one line each
 */
export function checkDefinition(
  { name, commands, follows, reactions, remedies = {}, clock = [] }: ServiceDefinition,
  matrix: Matrix,
): void {
  const faults: string[] = [];
  const known = new Set<string>();
  const timed = new Set(clock.map(({ command }) => command.transition));
  for (const { transition, spec } of commands) {
    if (known.has(transition)) faults.push(`two commands make the transition ${transition}`);
    known.add(transition);
    const row = matrix.rows.get(transition);
    if (row === undefined) {
      faults.push(`the command ${transition} has no row in the matrix`);
      continue;
    }
    const asked = new Set([
      ...row.allOf,
      ...row.anyOf.flatMap((ground) => ('relation' in ground ? ground.relation : [])),
    ]);
    if (asked.has(OWN_CLOCK) !== timed.has(transition)) {
      faults.push(`${transition}: its row asks for '${OWN_CLOCK}' exactly where the clock runs it`);
    }
    if (timed.has(transition) && !row.principals.includes('SERVICE')) {
      faults.push(`${transition}: the clock runs it, but its row allows no SERVICE`);
    }
    const confirms = Object.keys(spec.confirm ?? {});
    for (const one of row.confirm)
      if (!confirms.includes(one)) faults.push(`${transition}: '${one}' is asked of nobody`);
    for (const one of confirms) if (!row.confirm.includes(one)) faults.push(`${transition}: no row confirms '${one}'`);
    if (confirms.length > 0 && spec.subject === null)
      faults.push(`${transition}: it confirms by a row that it has not`);
    const defined = new Set(Object.keys(spec.conditions ?? {}));
    for (const clause of asked) {
      if (KIT_CONDITIONS.has(clause)) continue;
      if (!defined.has(clause)) faults.push(`${transition}: '${clause}' is not defined`);
      if (!(clause in remedies)) faults.push(`${transition}: no remedy says how '${clause}' could hold`);
    }
    for (const clause of defined) if (!asked.has(clause)) faults.push(`${transition}: no row asks for '${clause}'`);
  }
  for (const transition of timed) {
    if (!known.has(transition)) faults.push(`the clock runs ${transition}, which no command makes`);
  }
  for (const transition of matrix.rows.keys()) {
    if (!known.has(transition)) faults.push(`the matrix row ${transition} has no command`);
  }
  for (const key of Object.keys(reactions)) {
    const source = key.slice(0, key.indexOf('.'));
    if (!(source in follows)) faults.push(`a reaction to ${key}, but ${source} is not followed`);
  }
  if (faults.length > 0) throw new Error(`${name} does not fit its matrix:\n${faults.join('\n')}`);
}
