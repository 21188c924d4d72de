import type { EvidenceItem } from '../domain/evidence-form.ts';
import type { AttachEvidenceInput, CorrectionEvidenceInput } from '../generated/graphql.ts';

/** A piece of evidence in the words of the rules. */
export function itemOf(input: AttachEvidenceInput | CorrectionEvidenceInput): EvidenceItem {
  const { kind, note, location, sha256, sizeBytes, mediaType, storageRef, capturedAt } = input;
  return {
    kind,
    note: note ?? null,
    location: location == null ? null : { ...location, accuracyM: location.accuracyM ?? null },
    sha256: sha256 ?? null,
    sizeBytes: sizeBytes ?? null,
    mediaType: mediaType ?? null,
    storageRef: storageRef ?? null,
    capturedAt: capturedAt ?? null,
  };
}
