import { EXECUTES, holdsAny, isActive, operatorOf, standing } from '@qtm/relations';
import { type Grounds, type Session, type Sql, sql } from '@qtm/service-kit';
import { type Refusal, refuse } from '@qtm/service-kit/domain';
import type { ServiceEvent } from '../domain/service-event.ts';

/** What every command on an execution has: which one, by its own id or by that of its job. */
export interface ExecutionInput {
  readonly idempotencyKey: string;
  readonly serviceEventId?: string | null | undefined;
  readonly jobId?: string | null | undefined;
}

/** The service event's id, or the expression that finds it. */
export function serviceEventOf({ serviceEventId, jobId }: ExecutionInput): string | Sql {
  return serviceEventId ?? sql`(select id from service_event where job_id = ${jobId ?? null})`;
}

export function namesOne({ serviceEventId, jobId }: ExecutionInput): Refusal | undefined {
  return (serviceEventId == null) === (jobId == null)
    ? refuse('INVALID_INPUT', { serviceEventId: 'exactly one of serviceEventId and jobId' })
    : undefined;
}

/** Execution is the operator's: what the session's identity is to it, and that it is active. */
export function executionFacts(id: string | Sql, session: Session) {
  const operator = sql`(select operator from service_event where id = ${id})`;
  return { standing: standing(operator, session), operator: operatorOf(operator) };
}
export type ExecutionFacts = ReturnType<typeof executionFacts>;

export const conditions = {
  executes_for: <I>({ facts }: Grounds<I, ServiceEvent, ExecutionFacts>) => holdsAny(facts.standing, EXECUTES),
  operator_active: <I>({ facts }: Grounds<I, ServiceEvent, ExecutionFacts>) => isActive(facts.operator),
};
