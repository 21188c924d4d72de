import type { Grounds, Session, Sql } from '@qtm/service-kit';
import type { AggregateState } from '@qtm/service-kit/domain';
import { EXECUTES, holdsAny, isActive, operatorOf, standing } from './operators.ts';

/** What every command of whoever executes rests on: what the session's identity is to the operator, and that operator itself. */
export function executionFacts(operator: string | Sql, session: Session) {
  return { standing: standing(operator, session), operator: operatorOf(operator) };
}
export type ExecutionFacts = ReturnType<typeof executionFacts>;

/** The conditions of a matrix that these facts answer. */
export const executionConditions = {
  executes_for: <I, T extends AggregateState>({ facts }: Grounds<I, T, ExecutionFacts>) =>
    holdsAny(facts.standing, EXECUTES),
  operator_active: <I, T extends AggregateState>({ facts }: Grounds<I, T, ExecutionFacts>) => isActive(facts.operator),
};
