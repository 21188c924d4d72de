import { type ExecutionFacts, executionConditions } from '@qtm/relations';
import { command, fact, type Session, sql, withReason } from '@qtm/service-kit';
import type { PersonalRef } from '@qtm/service-kit/domain';
import { complete } from '../domain/completion.ts';
import { attach } from '../domain/evidence.ts';
import { contentText } from '../domain/evidence-form.ts';
import type { ServiceEvent } from '../domain/service-event.ts';
import * as rules from '../domain/service-event.ts';
import type {
  AbortServiceEventInput,
  AdvanceStageInput,
  AttachEvidenceInput,
  CompleteServiceEventInput,
} from '../generated/graphql.ts';
import { serviceEvents } from '../store.ts';
import { accountFacts, packOf, sha256 } from './account.ts';
import { itemOf } from './evidence-item.ts';
import { type ExecutionInput, executorFacts, namesOne, serviceEventOf } from './execution.ts';

/** The service event is the subject of all of them: its row is what serialises them. */
const execution = {
  aggregate: serviceEvents,
  check: namesOne,
  subject: serviceEventOf,
  conditions: executionConditions,
} as const;

function withAccount(input: ExecutionInput, session: Session) {
  const id = serviceEventOf(input);
  return { ...accountFacts(id), ...executorFacts(id, session) };
}
type AccountFacts = ReturnType<typeof withAccount>;

export const advanceStage = command<AdvanceStageInput, ServiceEvent, AccountFacts>({
  ...execution,
  transition: 'service_event.advance_stage',
  facts: withAccount,
  decide: ({ state, input: { toStage }, facts, by, now }) =>
    rules.advanceStage(state as ServiceEvent, { toStage, by, now }, { pack: packOf(facts), evidence: facts.evidence }),
});

export const completeServiceEvent = command<CompleteServiceEventInput, ServiceEvent, AccountFacts>({
  ...execution,
  transition: 'service_event.complete',
  facts: withAccount,
  decide: ({ state, input: { outcome }, facts, by, now, newId }) =>
    complete(
      state as ServiceEvent,
      { outcome, recordId: newId(), by, now },
      { pack: packOf(facts), evidence: facts.evidence, sha256 },
    ),
});

export const abortServiceEvent = command<AbortServiceEventInput, ServiceEvent, ExecutionFacts, 'reason'>({
  ...execution,
  transition: 'service_event.abort',
  facts: (input, session) => executorFacts(serviceEventOf(input), session),
  ...withReason,
  decide: ({ state, input, personal, by, now }) =>
    rules.abort(state as ServiceEvent, {
      reason: { text: input.reason, ref: personal.reason as PersonalRef },
      by,
      now,
    }),
});

function attachFacts(input: AttachEvidenceInput, session: Session) {
  const id = serviceEventOf(input);
  return {
    attached: fact(
      sql`select count(*)::integer as attached from evidence where service_event_id = ${id} and record_id is null`,
      ([row]): number => row?.attached ?? 0,
    ),
    ...executorFacts(id, session),
  };
}

export const attachEvidence = command<AttachEvidenceInput, ServiceEvent, ReturnType<typeof attachFacts>, 'content'>({
  ...execution,
  transition: 'evidence.attach',
  facts: attachFacts,
  personal: (input) => ({ content: contentText(itemOf(input)) }),
  decide: ({ state, input, facts: { attached }, personal: { content }, by, now, newId }) =>
    attach(
      state as ServiceEvent,
      { id: newId(), item: itemOf(input), content, stage: input.stage ?? null, by, now },
      { attached },
    ),
});
