import { type DomainEvent, event, type PersonalRef, type TransitionTable } from '@qtm/service-kit/domain';
import { byteLength } from './canonical-json.ts';
import type { Evidence } from './evidence.ts';
import type { Pack } from './pack.ts';
import { recordText, type Sealing } from './record-content.ts';
import type { CompletedServiceEvent } from './service-event.ts';

/** The permanent, sealed account of a completed service event (S3:58-64). No command changes it; a correction is another one. */
export interface SealedRecord {
  readonly id: string;
  readonly state: 'SEALED';
  readonly serviceEventId: string;
  readonly jobId: string;
  readonly intakeId: string;
  readonly requestId: string;
  readonly taskId: string;
  readonly operator: string;
  readonly surface: string;
  readonly packVersion: number;
  readonly outcome: string;
  readonly selfGoverned: boolean;
  readonly audience: 'ADMIN' | 'OPERATOR';
  readonly governedBy: string | null;
  readonly submittedBy: string;
  /** SHA-256 of the UTF-8 bytes of `content`, lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The bytes as text: canonical JSON (RFC 8785). */
  readonly content: string;
  readonly supersedes: string | null;
  readonly correctionReason: PersonalRef | null;
  readonly sealedBy: string;
  readonly sealedAt: string;
}

/** SHA-256 of a text's UTF-8 bytes, lower-case hex; given to the rules, which compute no hashes. */
export type Sha256 = (text: string) => string;

export type RecordEvent = DomainEvent<'record', 'record_sealed', SealedRecord>;

/** What a record is sealed from, beside its service event. */
export interface Account {
  readonly pack: Pack;
  readonly evidence: readonly Evidence[];
  readonly sha256: Sha256;
}

/** A correction leads from one sealed record to another; the first one stays as it is. */
export const TRANSITIONS = { SEALED: { correct: 'SEALED' } } as const satisfies TransitionTable<'SEALED', 'correct'>;

/** Seals the account of a completed service event. That it is completed is a matter of types: there is no other way in. */
export function seal(serviceEvent: CompletedServiceEvent, account: Account, sealing: Sealing): RecordEvent {
  const { jobId, intakeId, requestId, taskId, operator, surface, packVersion } = serviceEvent;
  const { outcome, selfGoverned, audience, governedBy, submittedBy } = serviceEvent;
  const content = recordText(serviceEvent, account.pack, account.evidence, sealing);
  return event('record_sealed', 'record', {
    id: sealing.recordId,
    state: 'SEALED',
    serviceEventId: serviceEvent.id,
    jobId,
    intakeId,
    requestId,
    taskId,
    operator,
    surface,
    packVersion,
    outcome,
    selfGoverned,
    audience,
    governedBy,
    submittedBy,
    sha256: account.sha256(content),
    sizeBytes: byteLength(content),
    content,
    supersedes: sealing.supersedes,
    correctionReason: sealing.correctionReason,
    sealedBy: sealing.sealedBy,
    sealedAt: sealing.sealedAt,
  });
}
