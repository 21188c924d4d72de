import type { PersonalRef } from '@qtm/service-kit/domain';
import { byteLength, canonicalJson } from './canonical-json.ts';
import type { Evidence } from './evidence.ts';
import type { Pack } from './pack.ts';
import type { SealedRecord, Sha256 } from './record.ts';
import { recordContent } from './record-content.ts';
import type { CompletedServiceEvent } from './service-event.ts';

/** One statement of the bytes against what is stored beside them; null where one side says nothing. */
export interface RecordLink {
  readonly name: string;
  readonly inRecord: string | null;
  readonly stored: string | null;
  readonly holds: boolean;
}

export interface PersonalValueCheck {
  /** JSON pointer (RFC 6901) to the reference in the bytes. */
  readonly path: string;
  readonly ref: string;
  readonly status: 'VALID' | 'ERASED' | 'MISMATCH';
}

export interface Verification {
  readonly verified: boolean;
  /** Computed from the stored bytes. */
  readonly sha256: string;
  readonly hashHolds: boolean;
  readonly canonical: boolean;
  readonly links: readonly RecordLink[];
  readonly personalValues: readonly PersonalValueCheck[];
}

export interface StoredBeside {
  readonly serviceEvent: CompletedServiceEvent;
  readonly pack: Pack;
  /** All evidence of the service event, that of corrections included. */
  readonly evidence: readonly Evidence[];
  /** Ids of the record and of all it supersedes, directly or not. */
  readonly chain: readonly string[];
  readonly sha256: Sha256;
  /** Hash recomputed from value and salt by reference; none where they were erased. */
  readonly personalHashes: ReadonlyMap<string, string>;
}

/**
 * Checks a record from its stored bytes: their hash, their form, every statement against what they were composed from, and every
 * personal value they refer to. An erased value does not stand against a record, since the bytes never held it.
 */
export function verify(record: SealedRecord, beside: StoredBeside): Verification {
  const sha256 = beside.sha256(record.content);
  const hashHolds = sha256 === record.sha256 && byteLength(record.content) === record.sizeBytes;
  const parsed = parse(record.content);
  const canonical = canonicalOf(parsed) === record.content;
  const links = compare(membersOf(parsed), membersOf(composedAgain(record, beside)));
  const personalValues = personalRefs(parsed, '').map(({ path, ref, hash }): PersonalValueCheck => {
    const found = beside.personalHashes.get(ref);
    return { path, ref, status: found === undefined ? 'ERASED' : found === hash ? 'VALID' : 'MISMATCH' };
  });
  const sound = links.every(({ holds }) => holds) && personalValues.every(({ status }) => status !== 'MISMATCH');
  return { verified: hashHolds && canonical && sound, sha256, hashHolds, canonical, links, personalValues };
}

/** The references the bytes hold, for the one who has to recompute their hashes. */
export function personalRefsOf(content: string): readonly PersonalRef[] {
  return personalRefs(parse(content), '').map(({ ref, hash }) => ({ ref, hash }));
}

function composedAgain(record: SealedRecord, { serviceEvent, pack, evidence, chain }: StoredBeside): object {
  const rested = evidence.filter(({ recordId }) => recordId === null || chain.includes(recordId));
  const { id: recordId, supersedes, correctionReason, sealedBy, sealedAt } = record;
  return recordContent(serviceEvent, pack, rested, { recordId, supersedes, correctionReason, sealedBy, sealedAt });
}

function compare(inBytes: ReadonlyMap<string, string>, stored: ReadonlyMap<string, string>): readonly RecordLink[] {
  const names = [...new Set([...stored.keys(), ...inBytes.keys()])].sort();
  return names.map((name) => {
    const [left, right] = [inBytes.get(name) ?? null, stored.get(name) ?? null];
    return { name, inRecord: left, stored: right, holds: left === right };
  });
}

/** Members as text: a string as it is, anything else as canonical JSON. */
function membersOf(value: unknown): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
  return new Map(
    Object.entries(value).map(([name, member]) => {
      return [name, typeof member === 'string' ? member : (canonicalOf(member) ?? JSON.stringify(member))];
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // bytes that are no JSON fail every check that needs them
  }
}

/** The canonical text; undefined for halves of surrogate pairs, which JSON.parse takes and the canonical form does not. */
function canonicalOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
}

function personalRefs(value: unknown, path: string): readonly (PersonalRef & { readonly path: string })[] {
  if (typeof value !== 'object' || value === null) return [];
  const { ref, hash } = value as Partial<PersonalRef>;
  if (typeof ref === 'string' && typeof hash === 'string') return [{ path, ref, hash }];
  return Object.entries(value).flatMap(([name, member]) => personalRefs(member, `${path}/${name}`));
}
