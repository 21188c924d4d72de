import {
  type Decision,
  type DomainEvent,
  event,
  type PersonalRef,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';
import { type EvidenceFormCode, type EvidenceItem, isComplete, itemFault } from './evidence-form.ts';
import { exceeded } from './limits.ts';
import type { EvidenceKind } from './pack.ts';
import { isOpen, notBefore, type ServiceEvent } from './service-event.ts';

/** What the operator captured. It never changes: what was incomplete is attached again. */
export interface Evidence {
  readonly id: string;
  /** ATTACHED: kept, but incomplete, so it counts for nothing. VALIDATED: well-formed and complete. */
  readonly state: 'ATTACHED' | 'VALIDATED';
  readonly serviceEventId: string;
  /** The correction that added it; null for evidence attached during the execution. */
  readonly recordId: string | null;
  readonly stage: string;
  readonly kind: EvidenceKind;
  readonly content: PersonalRef | null;
  readonly sha256: string | null;
  readonly sizeBytes: number | null;
  readonly mediaType: string | null;
  readonly storageRef: string | null;
  readonly capturedAt: string | null;
  readonly attachedBy: string;
  readonly attachedAt: string;
}

/** NONE: it is not there yet. Fixed when it is attached, which leads to VALIDATED at once where it is complete: no command changes it. */
export const TRANSITIONS = {
  NONE: { attach: 'ATTACHED' },
  ATTACHED: {},
  VALIDATED: {},
} as const satisfies TransitionTable<Evidence['state'] | 'NONE', 'attach'>;

/** Of one execution. What corrections add comes on top, up to `MAX_RECORD_EVIDENCE`. */
export const MAX_EVIDENCE = 200;

export type EvidenceEvent = DomainEvent<'evidence', 'evidence_attached', Evidence>;
export type EvidenceRefusalCode = 'WRONG_STATE' | 'STAGE_NOT_CURRENT' | EvidenceFormCode;

/** A piece of evidence with what was allotted to it: its id, and the reference to its content (null for files). */
export interface AllottedItem {
  readonly id: string;
  readonly item: EvidenceItem;
  readonly content: PersonalRef | null;
}

/** Attaches one piece at the current stage. It counts where it is complete; where not, it is kept all the same. */
export function attach(
  serviceEvent: ServiceEvent,
  command: AllottedItem & { readonly stage: string | null; readonly by: string; readonly now: string },
  facts: { /** Pieces the service event has already. */ readonly attached: number },
): Decision<EvidenceEvent, Refusal<EvidenceRefusalCode>> {
  const { item, stage, now } = command;
  if (!isOpen(serviceEvent)) return refuse('WRONG_STATE');
  if (stage !== null && stage !== serviceEvent.stage) return refuse('STAGE_NOT_CURRENT', { stage: serviceEvent.stage });
  if (facts.attached >= MAX_EVIDENCE) return exceeded('evidence', `${MAX_EVIDENCE} pieces`);
  const fault = itemFault(item, now);
  if (fault !== undefined) return fault;
  const { id, stage: current } = serviceEvent;
  const at = notBefore(now, serviceEvent);
  return [attached({ ...command, now: at }, { serviceEventId: id, recordId: null, stage: current })];
}

/** States a piece of evidence that was found well-formed. */
export function attached(
  { id, item, content, by, now }: AllottedItem & { readonly by: string; readonly now: string },
  place: Pick<Evidence, 'serviceEventId' | 'recordId' | 'stage'>,
): EvidenceEvent {
  const { kind, sha256, sizeBytes, mediaType, storageRef, capturedAt } = item;
  return event('evidence_attached', 'evidence', {
    id,
    state: isComplete(item) ? 'VALIDATED' : 'ATTACHED',
    ...place,
    kind,
    content,
    sha256,
    sizeBytes,
    mediaType,
    storageRef,
    capturedAt,
    attachedBy: by,
    attachedAt: now,
  });
}
