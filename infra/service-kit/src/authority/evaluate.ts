import type { Ternary } from '../command/fact.ts';
import type { PrincipalKind } from '../process/session.ts';
import type { MatrixRow } from './matrix.ts';
import { SESSION_FRESH } from './step-up.ts';

/** What is known of one clause: enough to decide and to explain. */
export interface ClauseResult {
  /** `principals`, `role:<role>`, the relation's or the condition's name. */
  readonly clause: string;
  readonly group: 'principals' | 'anyOf' | 'allOf';
  readonly holds: Ternary;
}

export interface Evaluation {
  /** `challenged`: all that is missing is a session that was proved again a moment ago. */
  readonly outcome: 'allowed' | 'denied' | 'unknown' | 'challenged';
  /** Allowed: the ground it rests on. Otherwise: the clause that stands in the way. */
  readonly clause: string;
  readonly clauses: readonly ClauseResult[];
}

/** Answers for the clauses of a row; asked only for names that the row holds. */
export interface Answers {
  readonly kind: PrincipalKind;
  readonly role: (role: string) => Ternary;
  readonly condition: (name: string) => Ternary;
}

/**
 * Decides one row, clause by clause, in the order of the file. Three-valued: what is false denies; what cannot be known denies
 * too, but says so, since the same act may be allowed once the fact is known again. Whether the session is fresh is asked last, wherever
 * it stands in the row: nobody is sent to prove who they are for what they may not do, or what cannot be decided.
 */
export function evaluate(row: MatrixRow, answers: Answers): Evaluation {
  const principals: ClauseResult = {
    clause: 'principals',
    group: 'principals',
    holds: row.principals.includes(answers.kind),
  };
  if (principals.holds !== true) return { outcome: 'denied', clause: 'principals', clauses: [principals] };
  const grounds = row.anyOf.map((ground): ClauseResult => {
    return 'role' in ground
      ? { clause: `role:${ground.role}`, group: 'anyOf', holds: answers.role(ground.role) }
      : { clause: ground.relation, group: 'anyOf', holds: answers.condition(ground.relation) };
  });
  const conditions = row.allOf.map(
    (name): ClauseResult => ({ clause: name, group: 'allOf', holds: answers.condition(name) }),
  );
  const clauses = [principals, ...grounds, ...conditions];

  const isStale = ({ clause, holds }: ClauseResult) => clause === SESSION_FRESH && holds === false;
  const failed = conditions.find((result) => result.holds === false && !isStale(result));
  if (failed !== undefined) return { outcome: 'denied', clause: failed.clause, clauses };
  const ground = grounds.find(({ holds }) => holds === true) ?? grounds.find(({ holds }) => holds === 'unknown');
  if (ground === undefined) return { outcome: 'denied', clause: 'anyOf', clauses };
  const open = [ground, ...conditions].find(({ holds }) => holds === 'unknown');
  if (open !== undefined) return { outcome: 'unknown', clause: open.clause, clauses };
  if (conditions.some(isStale)) return { outcome: 'challenged', clause: SESSION_FRESH, clauses };
  return { outcome: 'allowed', clause: ground.clause, clauses };
}
