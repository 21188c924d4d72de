import type { Attempt, Violation } from './attempt.ts';
import type { Problem } from './invariants/answer.ts';
import type { WireAnswer } from './wire-answer.ts';

const MAX_KEPT = 200;
const MAX_SHOWN = 1_500;

/** What was found, each thing once: the same invariant broken in the same way of the same operation is one finding. */
export class Findings {
  readonly #kept = new Map<string, Violation>();
  #all = 0;

  /** All of them, repeats too. */
  get total(): number {
    return this.#all;
  }

  get list(): readonly Violation[] {
    return [...this.#kept.values()];
  }

  add(problem: Problem, label: string, attempt?: Attempt, answer?: WireAnswer): void {
    this.#all += 1;
    const name = `${problem.invariant}|${problem.what.slice(0, 60)}|${label.split(/ (?:as|at) /)[0]}`;
    if (this.#kept.has(name) || this.#kept.size >= MAX_KEPT) return;
    this.#kept.set(name, {
      ...problem,
      label,
      ...(attempt === undefined ? {} : { request: shown(attempt) }),
      ...(answer === undefined ? {} : { answer: `${answer.status} ${answer.body.slice(0, MAX_SHOWN)}` }),
    });
  }
}

/** A request without its session, and without most of what is large. */
function shown({ request, door }: Attempt): string {
  const { method = 'POST', path = '/graphql', headers = {}, body = '', raw } = request;
  if (raw !== undefined) return `bytes to ${door.name}`;
  const names = Object.entries(headers).map(([name, value]) =>
    name === 'authorization' ? name : `${name}: ${value.slice(0, 80)}`,
  );
  return `${method} ${door.name}${path} [${names.join('; ')}] ${withoutSelection(String(body)).slice(0, MAX_SHOWN)}`;
}

/** What is asked of an answer says little of a finding. */
function withoutSelection(body: string): string {
  return body.length <= MAX_SHOWN ? body : body.replace(/\{ __typename .{300,}?\}"(?=,)/s, '{ … }"');
}

/** Findings as a human reads them. */
export function describeFindings(found: readonly Violation[]): string {
  return found
    .map(({ invariant, what, label, request, answer }) =>
      [
        `✗ ${invariant}: ${what}`,
        `  ${label}`,
        ...(request ? [`  → ${request}`] : []),
        ...(answer ? [`  ← ${answer}`] : []),
      ].join('\n'),
    )
    .join('\n');
}
