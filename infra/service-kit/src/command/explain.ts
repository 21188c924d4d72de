import type { Evaluation } from '../authority/evaluate.ts';
import { remedyOf } from '../authority/remedy.ts';
import { type Answer, type Asked, confirmedValues, type Held } from '../confirm/confirmed.ts';
import { gather } from '../database/gather.ts';
import type { PoolClient } from '../database/pool.ts';
import { type Row, type Sql, sql } from '../database/statement.ts';
import { onConnection } from '../database/transaction.ts';
import { type Refusal, refuse } from '../domain.ts';
import { FRESHNESS, staleSources } from '../freshness/staleness.ts';
import { rowStatement } from '../journal/aggregate.ts';
import { fromWire } from '../journal/keys.ts';
import type { Chassis } from '../service/chassis.ts';
import type { Command, CommandInput } from './command.ts';
import { known } from './fact.ts';
import { CLOCK, COMMIT, flight } from './flight.ts';
import { authorityOf, judge, type Verdict } from './judge.ts';
import { factsOf, type Loaded, loadedFrom, type Run } from './load.ts';
import { type RefusalValue, refusalValue } from './refusals.ts';
import type { CommandRequest } from './request.ts';

/** A command as it could be given to one entity. */
export interface Posed {
  // biome-ignore lint/suspicious/noExplicitAny: the input fits the command where the two are put together
  readonly command: Command<any>;
  /** What the entity gives of the input. */
  readonly given: Readonly<Record<string, unknown>>;
  /** What stands in for the rest, which is the client's. */
  readonly standIn: Readonly<Record<string, unknown>>;
  /** Refusals that only speak of what stands in. */
  readonly open: readonly string[];
}

/** Whether the session could make one transition now, and why not (`ActionExplanation` of the shared schema). */
export interface Explanation {
  readonly transition: string;
  readonly input: readonly { readonly name: string; readonly value: string }[];
  /** Null where it cannot be known at the moment. */
  readonly allowed: boolean | null;
  readonly clauses: readonly {
    readonly clause: string;
    readonly group: string;
    readonly holds: boolean | null;
    readonly remedy: string | null;
  }[];
  readonly refusal: RefusalValue | null;
}

/** Refusals that say nothing about the act, only that it cannot be decided now. */
const UNDECIDED = ['AUTHORITY_UNKNOWN', 'AUTHORITY_STALE'];

/** One state of the tables for all of it, and nothing can be changed. */
const BEGIN_READING = sql`begin isolation level repeatable read, read only`;

/**
 * Tries commands as far as their verdict and does nothing: the subjects and the facts are found by the statements of the commands
 * themselves, only not locked, and judged by the code that judges a command. Costs as many statements as the different commands
 * have, however many entities they are posed to. No owner is asked: what a command would have confirmed is read from the copies here,
 * and where there is none that can be relied on it cannot be known.
 */
export async function explainAll(
  chassis: Chassis,
  request: CommandRequest,
  posed: readonly Posed[],
): Promise<readonly Explanation[]> {
  const questions = posed.map((one) => questionOf(runOf(chassis, request, one)));
  const [loaded, held] = await onConnection(request.pool, async (client) => {
    const [, freshness = [], clock] = await flight(client, [BEGIN_READING, FRESHNESS, CLOCK]);
    const now: string = clock?.[0]?.now;
    const found = await gatherEach(
      client,
      questions.map(({ statements }) => statements),
    );
    const all = questions.map(({ run, facts }, index) => {
      const answers = [...(found[index] ?? [])];
      const [row] = run.command.spec.subject === null ? [] : (answers.shift() ?? []);
      return loadedFrom(run, facts, { row, freshness, answers, now });
    });
    const stale = staleSources(chassis.freshness, freshness, now);
    const copies = await copiesOf(
      client,
      all.map(({ confirmed }) => [...confirmed.asks].filter(([, { service }]) => !stale.has(service))),
    );
    await flight(client, [COMMIT]);
    return [all, copies] as const;
  });
  return questions.map(({ run }, index) => {
    const { confirmed, ...rest } = loaded[index] as Loaded;
    const copied = confirmedValues(confirmed.asks, held[index] as Held);
    return explanationOf(run, { ...rest, confirmed: copied }, posed[index] as Posed);
  });
}

/** The answers of several groups of statements, gathered over all of them. */
async function gatherEach(
  client: PoolClient,
  groups: readonly (readonly Sql[])[],
): Promise<readonly (readonly (readonly Row[])[])[]> {
  const answers = await gather(client, groups.flat());
  let to = 0;
  return groups.map(({ length }) => {
    to += length;
    return answers.slice(to - length, to);
  });
}

/** What the copies here say in place of the owners; nothing where there is no copy, or where it cannot be relied on. */
async function copiesOf(
  client: PoolClient,
  asks: readonly (readonly (readonly [name: string, Asked])[])[],
): Promise<readonly Held[]> {
  const found = await gatherEach(
    client,
    asks.map((group) => group.map(([, { service, type, id }]) => known(service, type, id).statement)),
  );
  return asks.map((group, index) => {
    const held = group.flatMap(([name, asked], place): [string, Answer][] => {
      const [row] = found[index]?.[place] ?? [];
      if (row === undefined || row.unknown === true) return [];
      return [[name, { asked, confirmed: { epoch: row.epoch, version: row.version, value: fromWire(row.published) } }]];
    });
    return new Map(held);
  });
}

/** What has to be read for one command: its subject, where it has one, then its facts. */
interface Question {
  readonly run: Run;
  readonly facts: ReturnType<typeof factsOf>;
  readonly statements: readonly Sql[];
}

function runOf(chassis: Chassis, request: CommandRequest, { command, given, standIn }: Posed): Run {
  const row = chassis.matrix.rows.get(command.transition);
  if (row === undefined) throw new Error(`no matrix row for ${command.transition}`);
  const input: CommandInput = { ...standIn, ...given, idempotencyKey: '' };
  const key = { identityId: request.session.identityId, transition: command.transition, key: '' };
  return { chassis, command, row, input, request, key, sealings: [] };
}

/** Denied for the kind of its principal alone, as a command is before anything is looked at. */
const isBarred = ({ row, request }: Run) => !row.principals.includes(request.session.kind);

function questionOf(run: Run): Question {
  if (isBarred(run)) return { run, facts: {}, statements: [] };
  const { spec } = run.command;
  const facts = factsOf(run);
  const statements = Object.values(facts).map(({ statement }) => statement);
  const subject = spec.subject?.(run.input);
  if (subject !== undefined) statements.unshift(rowStatement(spec.aggregate, subject, run.request.session));
  return { run, facts, statements };
}

function explanationOf(run: Run, loaded: Loaded, { command, given, open }: Posed): Explanation {
  const { chassis, row, request } = run;
  const { transition } = command;
  const input = Object.entries(given).flatMap(([name, value]) => (value == null ? [] : [{ name, value: `${value}` }]));
  if (!isBarred(run) && command.spec.subject !== null && loaded.subject?.visible !== true) {
    const refusal = refusalValue(chassis.refusals, refuse('NOT_FOUND'), null);
    return { transition, input, allowed: false, clauses: [], refusal };
  }
  const { evaluation } = authorityOf(run, loaded);
  const { refusal, undecided } = objectionOf(request, evaluation, () => judge(run, loaded), open);
  return {
    transition,
    input,
    allowed: undecided ? null : evaluation.outcome === 'allowed' && refusal === undefined,
    clauses: evaluation.clauses.map((result) => ({
      clause: result.clause,
      group: result.group,
      holds: result.holds === 'unknown' ? null : result.holds,
      remedy: remedyOf(result, row, chassis.remedies),
    })),
    refusal:
      refusal === undefined ? null : refusalValue(chassis.refusals, refusal, loaded.subject?.value.state ?? null),
  };
}

/** Why a command would not be accepted, beyond what the clauses say. */
interface Objection {
  readonly refusal?: Refusal;
  /** True where nothing can be said of the act at the moment. */
  readonly undecided: boolean;
}

const NONE: Objection = { undecided: false };

/** What a command would be refused for, in the order of a command; nothing of it is said to whom the matrix does not allow it. */
function objectionOf(
  { upToDate }: CommandRequest,
  evaluation: Evaluation,
  verdictOf: () => Verdict,
  open: readonly string[],
): Objection {
  if (evaluation.clause === 'principals') return NONE;
  // What the client has seen is missing here: even a denial may rest on that.
  if (!upToDate) return { refusal: refuse('NOT_YET_VISIBLE'), undecided: true };
  const verdict = verdictOf();
  if (verdict.verdict === 'unconfirmed') return { undecided: true };
  if (verdict.verdict !== 'refused' || open.includes(verdict.refusal.code)) return NONE;
  return { refusal: verdict.refusal, undecided: UNDECIDED.includes(verdict.refusal.code) };
}
