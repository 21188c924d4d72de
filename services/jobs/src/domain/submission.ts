import { type Decision, event, type PersonalRef, type Refusal, refuse } from '@qtm/service-kit/domain';
import { type ActorRegistered, registered } from './actor.ts';
import { check, type RequestFaultCode } from './check-request.ts';
import { type IntakeReceived, received } from './intake.ts';
import type { RequestSubmitted } from './request.ts';
import { type Given, isGiven, type SubmitRequest } from './submit-request.ts';

export interface SubmissionFacts {
  /** Newest version of the pack published for the surface; null where there is none. */
  readonly packVersion: number | null;
  /** The actor this identity registered under this reference before. */
  readonly knownActorId: string | null;
  /** The operator addressed exists; whether it is active is governance's question. */
  readonly addresseeKnown: boolean;
}

export type SubmissionEvent = RequestSubmitted | IntakeReceived | ActorRegistered;
export type SubmissionRefusalCode = RequestFaultCode | 'SURFACE_UNKNOWN' | 'OPERATOR_UNKNOWN';

/**
 * Actor → Request → Intake in one act (TRN-01, TRN-02): the raw words are kept and converted, the task's id is allotted, the
 * surface's pack is pinned. The routing origin is kept and leads to nothing (T-SP-02).
 */
export function decide(
  command: SubmitRequest,
  facts: SubmissionFacts,
): Decision<SubmissionEvent, Refusal<SubmissionRefusalCode>> {
  const request = check(command);
  if ('kind' in request) return request;
  const { ids, by, now, surface, addressedTo, actor } = request;
  if (facts.packVersion === null) return refuse('SURFACE_UNKNOWN', { surface });
  if (addressedTo !== null && !facts.addresseeKnown) return refuse('OPERATOR_UNKNOWN', { addressedTo });

  const common = {
    what: request.what.personal,
    actorId: facts.knownActorId ?? ids.actor,
    channel: request.channel,
    surface,
    origin: request.origin,
    routingOrigin: request.routingOrigin,
    addressedTo,
    submittedBy: by,
  };
  const submitted: RequestSubmitted = event('request_submitted', 'request', {
    id: ids.request,
    state: 'CONVERTED',
    ...common,
    submittedAt: now,
    intakeId: ids.intake,
  });
  const intake = received(ids.intake, {
    ...common,
    requestId: ids.request,
    taskId: ids.task,
    packVersion: facts.packVersion,
    category: isGiven(request.category) ? request.category : null,
    location: request.location?.personal ?? null,
    contact: personalOf(request.contact),
    attributes: request.attributes.map(({ name, value }) => ({ name, value: value.personal })),
    receivedAt: now,
    dueAt: request.dueAt,
  });
  if (facts.knownActorId !== null) return [submitted, intake];
  const newActor = registered(ids.actor, {
    kind: actor.kind,
    channel: request.channel,
    reference: actor.reference.personal,
    name: personalOf(actor.name),
    contact: personalOf(actor.contact),
    registeredBy: by,
  });
  return [submitted, intake, newActor];
}

function personalOf(given: Given | null): PersonalRef | null {
  return isGiven(given) ? given.personal : null;
}
