import type { Attempt } from '../attempt.ts';
import type { WireAnswer } from '../wire-answer.ts';
import { type Canaries, maySee } from '../world/canaries.ts';
import { isAgent } from '../world/people.ts';
import { leaksIn } from './leaks.ts';

/** Longer answers are late, whatever was asked: the system's own limit for one operation. */
const MAX_ELAPSED_MS = 31_000;
/** Codes of faults that nobody foresaw, and of a system that is not there: nothing is down while this runs. */
const FAULTS = new Set([
  'INTERNAL',
  'INTERNAL_SERVER_ERROR',
  'DOWNSTREAM_SERVICE_ERROR',
  'OUTCOME_UNKNOWN',
  'SUBGRAPH_UNAVAILABLE',
  'SERVICE_UNAVAILABLE',
]);

interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message?: string; readonly extensions?: { readonly code?: string } }[];
}

export interface Problem {
  readonly invariant: string;
  readonly what: string;
}

/** What is wrong with one answer, whatever was asked. */
export function answerProblems(attempt: Attempt, answer: WireAnswer, canaries: Canaries): readonly Problem[] {
  return [
    ...statusProblems(attempt, answer),
    ...faultProblems(answer),
    ...(answer.status === 0 ? [] : leaksIn(answer.body)).map((what) => ({ invariant: 'no inside shown', what })),
    ...strangersRows(attempt, answer, canaries),
    ...sessionProblems(attempt, answer),
    ...countProblems(attempt, answer),
    ...verdictOf(attempt, answer),
  ];
}

function statusProblems({ mayHangUp }: Attempt, { status, body, elapsedMs }: WireAnswer): Problem[] {
  const problems: Problem[] = [];
  if (status === 0 && mayHangUp !== true) problems.push({ invariant: 'always an answer', what: body });
  if (status >= 500) problems.push({ invariant: 'no 5xx', what: `HTTP ${status}` });
  if (elapsedMs > MAX_ELAPSED_MS) {
    problems.push({ invariant: 'answered in time', what: `${Math.round(elapsedMs)} ms` });
  }
  return problems;
}

function faultProblems(answer: WireAnswer): Problem[] {
  const codes = (graphqlOf(answer)?.errors ?? []).map(({ extensions }) => extensions?.code ?? 'no code at all');
  return [...new Set(codes)]
    .filter((code) => FAULTS.has(code) || code === 'no code at all')
    .map((code) => ({ invariant: 'no unforeseen fault', what: code }));
}

/** Planted values of others; what the request itself says is no news to who sent it. */
function strangersRows({ person, request }: Attempt, { body, headers }: WireAnswer, canaries: Canaries): Problem[] {
  const said = String(request.body ?? '') + (request.path ?? '');
  const text = `${body} ${JSON.stringify(headers)}`;
  return canaries
    .in(text)
    .filter((canary) => !said.includes(canary.value) && (person === undefined || !maySee(person, canary)))
    .map(({ kind, of }) => ({
      invariant: 'no row of another’s',
      what: `${kind} of ${typeof of === 'string' ? of : of.name}`,
    }));
}

function sessionProblems({ person, sessionless = false }: Attempt, answer: WireAnswer): Problem[] {
  const { data } = graphqlOf(answer) ?? {};
  if (sessionless && data != null && Object.values(data).some((value) => value !== null)) {
    return [{ invariant: 'nothing without a session', what: 'data were answered' }];
  }
  if (person !== undefined && isAgent(person) && acceptedIn(answer)) {
    return [{ invariant: 'no agent acts', what: 'a command was accepted' }];
  }
  return [];
}

function verdictOf({ verdict }: Attempt, answer: WireAnswer): Problem[] {
  const what = verdict?.(answer);
  return what === undefined ? [] : [{ invariant: 'as promised', what }];
}

/** A page that is the whole list has as many entries as the list says it has. */
function countProblems({ stillLists = false }: Attempt, answer: WireAnswer): Problem[] {
  const problems: Problem[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { edges, totalCount, pageInfo } = value as { edges?: unknown; totalCount?: unknown; pageInfo?: Page | null };
    const whole = pageInfo?.hasNextPage === false && pageInfo.hasPreviousPage === false;
    if (whole && Array.isArray(edges) && typeof totalCount === 'number' && edges.length !== totalCount) {
      problems.push({ invariant: 'counts count what is seen', what: `${totalCount}, shown ${edges.length}` });
    }
    for (const inner of Object.values(value)) visit(inner);
  };
  if (stillLists) visit(graphqlOf(answer)?.data);
  return problems;
}

interface Page {
  readonly hasNextPage?: boolean;
  readonly hasPreviousPage?: boolean;
}

/** Whether a command was accepted: a payload that holds no refusal. */
export function acceptedIn(answer: WireAnswer): boolean {
  const { data } = graphqlOf(answer) ?? {};
  return Object.values(data ?? {}).some(
    (payload) => typeof payload === 'object' && payload !== null && 'refusal' in payload && payload.refusal === null,
  );
}

/** Codes of an answer: of its errors, and of what was refused. */
export function codesIn(answer: WireAnswer): readonly string[] {
  const { data, errors = [] } = graphqlOf(answer) ?? {};
  const refusals = Object.values(data ?? {}).flatMap((payload) => {
    const code = (payload as { refusal?: { code?: unknown } | null } | null)?.refusal?.code;
    return typeof code === 'string' ? [code] : [];
  });
  return [...errors.map(({ extensions }) => extensions?.code ?? ''), ...refusals];
}

/** The answer as GraphQL; undefined where it is none. */
export function graphqlOf({ body }: Pick<WireAnswer, 'body'>): GraphqlAnswer | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as GraphqlAnswer) : undefined;
  } catch {
    return undefined;
  }
}
