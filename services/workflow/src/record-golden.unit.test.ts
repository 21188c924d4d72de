import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromWire } from '../../../infra/service-kit/src/journal/keys.ts';
import { canonicalJson } from './domain/canonical-json.ts';
import type { Evidence } from './domain/evidence.ts';
import type { Pack } from './domain/pack.ts';
import type { SealedRecord } from './domain/record.ts';
import { recordText } from './domain/record-content.ts';
import type { CompletedServiceEvent } from './domain/service-event.ts';
import { verify } from './domain/verification.ts';

/** Samples of what was sealed once. They are never made anew: what they say must be readable, and come out the same, for ever. */
const GOLDEN = join(import.meta.dirname, '../../../test/golden');

interface Sample {
  readonly content: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly personal_values: readonly { readonly ref: string; readonly salt: string; readonly value: string }[];
  readonly added_evidence?: readonly object[];
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(GOLDEN, path), 'utf8'));
const stateOf = <T>(event: string): T =>
  fromWire<T>((read(`events/workflow/${event}.v1.json`) as { state: object }).state);
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

const pack = stateOf<Pack>('pack_published');
const serviceEvent = stateOf<CompletedServiceEvent>('service_event_completed');
const note = stateOf<Evidence>('evidence_attached');
const first = stateOf<SealedRecord>('record_sealed');
const sealed = read('record/sealed.v1.json') as Sample;
const correction = read('record/correction.v1.json') as Sample;
const evidence = [note, ...(correction.added_evidence ?? []).map((item) => fromWire<Evidence>(item))];

/** The correction as its bytes say it was sealed. */
function corrected(): SealedRecord {
  const said = JSON.parse(correction.content);
  const {
    record_id: id,
    supersedes,
    correction_reason: correctionReason,
    sealed_by: sealedBy,
    sealed_at: sealedAt,
  } = said;
  const { content, sha256, size_bytes: sizeBytes } = correction;
  return { ...first, id, supersedes, correctionReason, sealedBy, sealedAt, content, sha256, sizeBytes };
}

const samples = [
  { name: 'sealed', sample: sealed, record: first, chain: [first.id], rested: [note] },
  { name: 'correction', sample: correction, record: corrected(), chain: [corrected().id, first.id], rested: evidence },
];

describe.each(samples)('the sample $name', ({ sample, record, chain, rested }) => {
  test('has the bytes, the number and the hash it says', () => {
    expect([record.content, record.sha256, record.sizeBytes]).toEqual([
      sample.content,
      sample.sha256,
      sample.size_bytes,
    ]);
    expect([sha256(sample.content), Buffer.byteLength(sample.content)]).toEqual([sample.sha256, sample.size_bytes]);
  });

  test('is what the same facts are composed to today', () => {
    const { id: recordId, supersedes, correctionReason, sealedBy, sealedAt } = record;
    const sealing = { recordId, supersedes, correctionReason, sealedBy, sealedAt };
    expect(recordText(serviceEvent, pack, rested, sealing)).toBe(sample.content);
  });

  test('verifies, its personal values recomputed from value and salt', () => {
    const personalHashes = new Map(
      sample.personal_values.map(({ ref, salt, value }) => {
        const hash = createHash('sha256').update(Buffer.from(salt, 'hex')).update(value, 'utf8').digest('hex');
        return [ref, hash];
      }),
    );
    const result = verify(record, { serviceEvent, pack, evidence, chain, sha256, personalHashes });
    expect(result.links.filter(({ holds }) => !holds)).toEqual([]);
    expect(result).toMatchObject({ verified: true, sha256: sample.sha256 });
    expect(result.personalValues).toHaveLength(sample.personal_values.length);
    expect(result.personalValues.every(({ status }) => status === 'VALID')).toBe(true);
  });

  test('holds no personal value', () => {
    for (const { value } of sample.personal_values) expect(sample.content).not.toContain(value.slice(0, 12));
  });
});

test('the canonical form is the one a library writes, for any JSON value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value));
    }),
  );
});
