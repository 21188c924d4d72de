import type { PersonalRef } from '@qtm/service-kit/domain';
import { canonicalJson } from './canonical-json.ts';
import type { Evidence } from './evidence.ts';
import type { Pack } from './pack.ts';
import type { CompletedServiceEvent } from './service-event.ts';

/** Names the form of the bytes. Another form gets another name; this one stays readable for ever. */
export const RECORD_FORMAT = 'qtm.record.v1';

/** What sealing adds to what the execution was. */
export interface Sealing {
  readonly recordId: string;
  readonly supersedes: string | null;
  readonly correctionReason: PersonalRef | null;
  readonly sealedBy: string;
  readonly sealedAt: string;
}

/**
 * What the bytes of a record say (`schema/workflow/record-content.v1.json`). It holds references and salted hashes in place of
 * personal values, so forgetting a person never touches a record. Incomplete evidence is no part of the account.
 */
export function recordContent(
  serviceEvent: CompletedServiceEvent,
  pack: Pack,
  evidence: readonly Evidence[],
  sealing: Sealing,
): object {
  return {
    format: RECORD_FORMAT,
    record_id: sealing.recordId,
    service_event_id: serviceEvent.id,
    job_id: serviceEvent.jobId,
    intake_id: serviceEvent.intakeId,
    request_id: serviceEvent.requestId,
    task_id: serviceEvent.taskId,
    operator: serviceEvent.operator,
    surface: serviceEvent.surface,
    pack_version: serviceEvent.packVersion,
    pack_sha256: pack.sha256,
    started_by: serviceEvent.startedBy,
    started_at: serviceEvent.startedAt,
    stages: serviceEvent.stages.map(({ name, enteredAt, enteredBy, leftAt }) => {
      return { name, entered_at: enteredAt, entered_by: enteredBy, left_at: leftAt };
    }),
    evidence: evidence
      .filter(({ state }) => state === 'VALIDATED')
      .toSorted(byAttachment)
      .map(evidenceEntry),
    completed_by: serviceEvent.completedBy,
    completed_at: serviceEvent.completedAt,
    outcome: serviceEvent.outcome,
    self_governed: serviceEvent.selfGoverned,
    supersedes: sealing.supersedes,
    correction_reason: personal(sealing.correctionReason),
    sealed_by: sealing.sealedBy,
    sealed_at: sealing.sealedAt,
  };
}

/** The text whose UTF-8 bytes are sealed. */
export function recordText(...parts: Parameters<typeof recordContent>): string {
  return canonicalJson(recordContent(...parts));
}

function evidenceEntry(item: Evidence): object {
  return {
    id: item.id,
    kind: item.kind,
    stage: item.stage,
    content: personal(item.content),
    sha256: item.sha256,
    size_bytes: item.sizeBytes,
    media_type: item.mediaType,
    captured_at: item.capturedAt,
    attached_by: item.attachedBy,
    attached_at: item.attachedAt,
  };
}

/** Nothing but these two enters the bytes, whatever else an object may carry. */
function personal(value: PersonalRef | null): PersonalRef | null {
  return value === null ? null : { ref: value.ref, hash: value.hash };
}

/** Attachment first, then id: the order must not depend on the one who loads them. */
function byAttachment(a: Evidence, b: Evidence): number {
  return compare(a.attachedAt, b.attachedAt) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
