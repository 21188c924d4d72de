import { type Refusal, refuse } from '@qtm/service-kit/domain';
import { canonicalJson } from './canonical-json.ts';
import { formFault, type LimitCode, MAX_NOTE_LENGTH, numberFault, textFault } from './limits.ts';
import type { EvidenceKind } from './pack.ts';

/** WGS 84, degrees; the place lies within `accuracyM` metres. */
export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyM: number | null;
}

/** One piece of evidence as a command brings it; null where it does not say. */
export interface EvidenceItem {
  readonly kind: EvidenceKind;
  readonly note: string | null;
  readonly location: Location | null;
  readonly sha256: string | null;
  readonly sizeBytes: number | null;
  readonly mediaType: string | null;
  readonly storageRef: string | null;
  readonly capturedAt: string | null;
}

export type EvidenceFormCode =
  | LimitCode
  | 'EVIDENCE_EMPTY'
  | 'FIELD_NOT_OF_KIND'
  | 'MEDIA_TYPE_NOT_OF_KIND'
  | 'CAPTURED_IN_FUTURE';

type Content = Exclude<keyof EvidenceItem, 'kind' | 'capturedAt'>;

const CONTENTS: readonly Content[] = ['note', 'location', 'sha256', 'sizeBytes', 'mediaType', 'storageRef'];
const FILE = ['sha256', 'sizeBytes', 'mediaType', 'storageRef'] as const satisfies readonly Content[];

/** What each kind consists of; complete once all of it is there. */
const CONTENTS_OF: Readonly<Record<EvidenceKind, readonly Content[]>> = {
  NOTE: ['note'],
  LOCATION: ['location'],
  DOCUMENT: FILE,
  PHOTO: FILE,
  SIGNATURE: FILE,
};

const MEDIA_TYPES: Readonly<Partial<Record<EvidenceKind, RegExp>>> = {
  DOCUMENT: /^(application|image|text)\//,
  PHOTO: /^image\//,
  SIGNATURE: /^(image\/|application\/pdf$)/,
};

export const MAX_FILE_BYTES = 5 * 1024 ** 3;
const MEDIA_TYPE = /^[a-z]{1,20}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const STORAGE_REF = /^[\x21-\x7e]{1,1024}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** Clocks of cameras and phones run ahead a little. */
const MAX_CLOCK_AHEAD_MS = 5 * 60_000;

/**
 * What is kept of an item as a personal value: the note as given, the place as canonical JSON; null for files and where the item
 * has no such content. Made before the decision, so it takes malformed items too; those are refused then.
 */
export function contentText({ kind, note, location }: EvidenceItem): string | null {
  if (kind === 'NOTE') return note;
  if (kind !== 'LOCATION' || location === null || locationFault(location) !== undefined) return null;
  const { latitude, longitude, accuracyM } = location;
  return canonicalJson({ latitude, longitude, accuracy_m: accuracyM });
}

/** Reads a kept place again. */
export function locationOf(content: string): Location {
  const {
    latitude,
    longitude,
    accuracy_m: accuracyM,
  } = JSON.parse(content) as {
    latitude: number;
    longitude: number;
    accuracy_m: number | null;
  };
  return { latitude, longitude, accuracyM };
}

/** True where everything its kind consists of is there: only then it counts. */
export function isComplete(item: EvidenceItem): boolean {
  return CONTENTS_OF[item.kind].every((content) => item[content] !== null);
}

/** Refuses what is malformed. What merely lacks something is not: it is kept as incomplete. */
export function itemFault(item: EvidenceItem, now: string): Refusal<EvidenceFormCode> | undefined {
  const { kind, note, location, sha256, sizeBytes, mediaType, storageRef } = item;
  const own = CONTENTS_OF[kind];
  const foreign = CONTENTS.find((content) => item[content] !== null && !own.includes(content));
  if (foreign !== undefined) return refuse('FIELD_NOT_OF_KIND', { field: foreign, kind });
  if (own.every((content) => item[content] === null)) return refuse('EVIDENCE_EMPTY', { kind, fields: own.join(', ') });
  return (
    (note !== null ? textFault('note', note, MAX_NOTE_LENGTH) : undefined) ??
    (location !== null ? locationFault(location) : undefined) ??
    (sha256 !== null ? formFault('sha256', sha256, SHA256, '64 lower-case hexadecimal digits') : undefined) ??
    (sizeBytes !== null ? sizeFault(sizeBytes) : undefined) ??
    (mediaType !== null ? mediaTypeFault(kind, mediaType) : undefined) ??
    (storageRef !== null
      ? formFault('storageRef', storageRef, STORAGE_REF, '1 to 1024 printable ASCII characters without spaces')
      : undefined) ??
    captureFault(item, now)
  );
}

function locationFault({ latitude, longitude, accuracyM }: Location): Refusal<LimitCode> | undefined {
  return (
    numberFault('location.latitude', latitude, -90, 90) ??
    numberFault('location.longitude', longitude, -180, 180) ??
    (accuracyM !== null ? numberFault('location.accuracyM', accuracyM, 0, Number.MAX_SAFE_INTEGER) : undefined)
  );
}

function sizeFault(sizeBytes: number): Refusal<LimitCode> | undefined {
  if (!Number.isInteger(sizeBytes)) return refuse('VALUE_MALFORMED', { field: 'sizeBytes', form: 'a whole number' });
  return numberFault('sizeBytes', sizeBytes, 1, MAX_FILE_BYTES);
}

function mediaTypeFault(kind: EvidenceKind, mediaType: string): Refusal<EvidenceFormCode> | undefined {
  const fault = formFault('mediaType', mediaType, MEDIA_TYPE, 'type/subtype in lower case, without parameters');
  if (fault !== undefined) return fault;
  return MEDIA_TYPES[kind]?.test(mediaType) ? undefined : refuse('MEDIA_TYPE_NOT_OF_KIND', { kind });
}

function captureFault({ capturedAt }: EvidenceItem, now: string): Refusal<EvidenceFormCode> | undefined {
  if (capturedAt === null) return undefined;
  const captured = Date.parse(capturedAt);
  if (!INSTANT.test(capturedAt) || Number.isNaN(captured)) {
    return refuse('VALUE_MALFORMED', { field: 'capturedAt', form: 'an instant in UTC with six fraction digits' });
  }
  return captured > Date.parse(now) + MAX_CLOCK_AHEAD_MS ? refuse('CAPTURED_IN_FUTURE', { now }) : undefined;
}
