import { type Decision, type Refusal, refuse } from '@qtm/service-kit/domain';
import { type AllottedItem, attached, type EvidenceEvent } from './evidence.ts';
import { type EvidenceFormCode, isComplete, itemFault } from './evidence-form.ts';
import { exceeded, type LimitCode, MAX_REASON_LENGTH, type PersonalText, textFault } from './limits.ts';
import { lastStage } from './pack.ts';
import { type Account, type RecordEvent, type SealedRecord, seal } from './record.ts';
import { laterOf, type ServiceEvent } from './service-event.ts';

/** Pieces one correction may add. */
export const MAX_CORRECTION_EVIDENCE = 20;
/** Pieces in one record, so that its published state stays below 256 KiB. */
export const MAX_RECORD_EVIDENCE = 300;

export type CorrectionRefusalCode =
  | 'WRONG_STATE'
  | 'RECORD_SUPERSEDED'
  | 'STAGE_NOT_IN_PACK'
  | 'EVIDENCE_INCOMPLETE'
  | EvidenceFormCode;

/** A piece that a correction adds; at the last stage where none is named. */
export type AddedItem = AllottedItem & { readonly stage: string | null };

export interface CorrectionCommand {
  /** Id of the new record. */
  readonly recordId: string;
  readonly reason: PersonalText;
  readonly evidence: readonly AddedItem[];
  readonly by: string;
  readonly now: string;
}

export interface CorrectionFacts extends Account {
  /** The record to correct, one of the service event's. */
  readonly record: SealedRecord;
  /** Id of the record that supersedes it already; null for the end of the chain. */
  readonly supersededBy: string | null;
}

/**
 * Seals a new record from the same completed service event, the evidence it rested on, and the evidence added here; the bytes of
 * the one it supersedes never change (T-SP-15, T-SP-18, C-16). A record has at most one successor, so corrections form a chain.
 */
export function correct(
  serviceEvent: ServiceEvent,
  command: CorrectionCommand,
  facts: CorrectionFacts,
): Decision<RecordEvent | EvidenceEvent, Refusal<CorrectionRefusalCode>> {
  const { recordId, reason, evidence: added, by, now } = command;
  const { record, supersededBy, evidence: before } = facts;
  if (serviceEvent.state !== 'COMPLETED') return refuse('WRONG_STATE');
  if (supersededBy !== null) return refuse('RECORD_SUPERSEDED', { supersededBy });
  const fault = textFault('reason', reason.text, MAX_REASON_LENGTH) ?? countFault(before.length, added.length);
  if (fault !== undefined) return fault;
  // The record before may be of a clock that ran ahead: times of one execution never run backwards.
  const sealedAt = laterOf(record.sealedAt, now);
  const events: EvidenceEvent[] = [];
  for (const [index, item] of added.entries()) {
    const stage = item.stage ?? lastStage(facts.pack);
    const refusal = addedFault(item, stage, facts, now);
    if (refusal !== undefined) return at(index, refusal);
    events.push(attached({ ...item, by, now: sealedAt }, { serviceEventId: serviceEvent.id, recordId, stage }));
  }
  const evidence = [...before, ...events.map(({ after }) => after)];
  const sealing = { recordId, supersedes: record.id, correctionReason: reason.ref, sealedBy: by, sealedAt };
  return [...events, seal(serviceEvent, { ...facts, evidence }, sealing)];
}

function countFault(before: number, added: number): Refusal<LimitCode> | undefined {
  if (added < 1 || added > MAX_CORRECTION_EVIDENCE) {
    return exceeded('evidence', `1 to ${MAX_CORRECTION_EVIDENCE} pieces`);
  }
  return before + added > MAX_RECORD_EVIDENCE
    ? exceeded('evidence', `${MAX_RECORD_EVIDENCE} pieces in one record`)
    : undefined;
}

function addedFault(
  { item }: AddedItem,
  stage: string,
  { pack }: CorrectionFacts,
  now: string,
): Refusal<CorrectionRefusalCode> | undefined {
  if (!pack.stages.some(({ name }) => name === stage)) {
    return refuse('STAGE_NOT_IN_PACK', { stages: pack.stages.map(({ name }) => name).join(', ') });
  }
  return itemFault(item, now) ?? (isComplete(item) ? undefined : refuse('EVIDENCE_INCOMPLETE', { kind: item.kind }));
}

/** Says which of the added pieces is refused. */
function at<C extends string>(index: number, refusal: Refusal<C>): Refusal<C> {
  return { ...refusal, details: [{ name: 'evidence', value: String(index) }, ...refusal.details] };
}
