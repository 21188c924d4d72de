import { executionFacts } from '@qtm/relations';
import { type Session, type Sql, sql } from '@qtm/service-kit';
import { type Refusal, refuse } from '@qtm/service-kit/domain';

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

/** Execution is the operator's. */
export function executorFacts(id: string | Sql, session: Session) {
  return executionFacts(sql`(select operator from service_event where id = ${id})`, session);
}
