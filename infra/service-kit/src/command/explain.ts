import type { Evaluation } from '../authority/evaluate.ts';
import { remedyOf } from '../authority/remedy.ts';
import { gather } from '../database/gather.ts';
import { type Sql, sql } from '../database/statement.ts';
import { onConnection } from '../database/transaction.ts';
import { type Refusal, refuse } from '../domain.ts';
import { FRESHNESS } from '../freshness/staleness.ts';
import { rowStatement } from '../journal/aggregate.ts';
import type { Chassis } from '../service/chassis.ts';
import type { Command, CommandInput } from './command.ts';
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
const UNDECIDED = ['AUTHORITY_UNKNOWN', 'AUTHORITY_STALE', 'AUTHORITY_UNAVAILABLE', 'NOT_YET_VISIBLE'];

/** One state of the tables for all of it, and nothing can be changed. */
const BEGIN_READING = sql`begin isolation level repeatable read, read only`;

/**
 * Tries commands as far as their verdict and does nothing: the subjects and the facts are found by the statements of the commands
 * themselves, only not locked, and judged by the code that judges a command. Costs as many statements as the different commands
 * have, however many entities they are posed to.
 */
export async function explainAll(
  chassis: Chassis,
  request: CommandRequest,
  posed: readonly Posed[],
): Promise<readonly Explanation[]> {
  const questions = posed.map((one) => questionOf(runOf(chassis, request, one)));
  const [freshness, now, answers] = await onConnection(request.pool, async (client) => {
    const [, fresh = [], clock] = await flight(client, [BEGIN_READING, FRESHNESS, CLOCK]);
    const found = await gather(
      client,
      questions.flatMap(({ statements }) => statements),
    );
    await flight(client, [COMMIT]);
    return [fresh, clock?.[0]?.now as string, found] as const;
  });
  let from = 0;
  return questions.map((question, index) => {
    const to = from + question.statements.length;
    const found = answers.slice(from, to);
    from = to;
    const [row] = question.run.command.spec.subject === null ? [] : (found.shift() ?? []);
    const loaded = loadedFrom(question.run, question.facts, { row, freshness, answers: found, now });
    return explanationOf(question.run, loaded, posed[index] as Posed);
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

function questionOf(run: Run): Question {
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
  if (command.spec.subject !== null && loaded.subject?.visible !== true) {
    const refusal = refusalValue(chassis.refusals, refuse('NOT_FOUND'), null);
    return { transition, input, allowed: false, clauses: [], refusal };
  }
  const { evaluation } = authorityOf(run, loaded);
  const refusal = objectionOf(request, evaluation, () => judge(run, loaded), open);
  const denied = evaluation.outcome === 'denied' && refusal === undefined;
  const undecided = refusal !== undefined && UNDECIDED.includes(refusal.code);
  return {
    transition,
    input,
    allowed: undecided ? null : !denied && refusal === undefined,
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

/** What a command would be refused for, in the order of a command; nothing of it is said to whom the matrix does not allow it. */
function objectionOf(
  { upToDate }: CommandRequest,
  evaluation: Evaluation,
  verdictOf: () => Verdict,
  open: readonly string[],
): Refusal | undefined {
  if (evaluation.clause === 'principals') return undefined;
  // What the client has seen is missing here: even a denial may rest on that.
  if (!upToDate) return refuse('NOT_YET_VISIBLE');
  const verdict = verdictOf();
  if (verdict.verdict !== 'refused' || open.includes(verdict.refusal.code)) return undefined;
  return verdict.refusal;
}
