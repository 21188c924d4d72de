import { type Refusal, refuse } from '@qtm/service-kit/domain';

export type SystemEvidenceKind = 'REGISTER_ENTRY' | 'SESSION' | 'CREDENTIAL_CHECK';
export type PartyEvidenceKind = 'DOCUMENT' | 'STATEMENT' | 'REFERENCE';

/** Something put before those who decide on a transfer: a hash, and where its bytes are, never the bytes. */
export interface TransferEvidence {
  readonly source: 'SYSTEM' | 'PARTY';
  readonly kind: SystemEvidenceKind | PartyEvidenceKind;
  readonly sha256: string;
  readonly mediaType: string | null;
  readonly storageRef: string | null;
  readonly addedBy: string;
  readonly addedAt: string;
}

/** Evidence as a party gives it. */
export interface GivenEvidence {
  readonly kind: string;
  readonly sha256: string;
  readonly mediaType?: string | null | undefined;
  readonly storageRef?: string | null | undefined;
}

export type EvidenceRefusalCode = 'LIMIT_EXCEEDED' | 'EVIDENCE_KIND_NOT_ALLOWED';

/** Kinds that parties give; the others are the system's own. */
const GIVEN: readonly string[] = ['DOCUMENT', 'STATEMENT', 'REFERENCE'] satisfies PartyEvidenceKind[];
const MAX_AT_A_TIME = 20;
/** Of one identity, so that nobody shuts out what another has to say. What the system adds comes beside. */
export const MAX_GIVEN = 50;
const MAX_MEDIA_TYPE = 127;
const MAX_STORAGE_REF = 1_024;

/** What is wrong with evidence that somebody gives, beside what is there already. */
export function evidenceFault(
  given: readonly GivenEvidence[],
  by: string,
  there: readonly TransferEvidence[] = [],
): Refusal<EvidenceRefusalCode> | undefined {
  const before = there.filter(({ source, addedBy }) => source === 'PARTY' && addedBy === by).length;
  if (given.length > MAX_AT_A_TIME) return limit('evidence', `${MAX_AT_A_TIME} at a time`);
  if (before + given.length > MAX_GIVEN) return limit('evidence', `${MAX_GIVEN} of one identity`);
  for (const { kind, mediaType, storageRef } of given) {
    if (!GIVEN.includes(kind)) return refuse('EVIDENCE_KIND_NOT_ALLOWED', { kind });
    if ([...(mediaType ?? '')].length > MAX_MEDIA_TYPE) return limit('mediaType', `${MAX_MEDIA_TYPE} characters`);
    if ([...(storageRef ?? '')].length > MAX_STORAGE_REF) return limit('storageRef', `${MAX_STORAGE_REF} characters`);
  }
  return undefined;
}

const limit = (field: string, most: string) => refuse('LIMIT_EXCEEDED', { field, limit: most });

interface Giver {
  readonly by: string;
  readonly now: string;
}

/** Evidence of a party, as it is kept. Its form was looked at before. */
export function givenBy(given: readonly GivenEvidence[], { by, now }: Giver): readonly TransferEvidence[] {
  return given.map(({ kind, sha256, mediaType = null, storageRef = null }) => ({
    source: 'PARTY',
    kind: kind as PartyEvidenceKind,
    sha256,
    mediaType,
    storageRef,
    addedBy: by,
    addedAt: now,
  }));
}

/** Evidence that the system makes of itself at a transition. */
export function made(kind: SystemEvidenceKind, sha256: string, { by, now }: Giver): TransferEvidence {
  return { source: 'SYSTEM', kind, sha256, mediaType: null, storageRef: null, addedBy: by, addedAt: now };
}
