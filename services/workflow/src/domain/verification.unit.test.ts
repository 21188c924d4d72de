import { describe, expect, test } from 'vitest';
import { correct } from './correction.ts';
import type { Evidence, EvidenceEvent } from './evidence.ts';
import type { RecordEvent, SealedRecord } from './record.ts';
import { accepted, allotted, at, BY, completed, id, item, ref, sha256 } from './test/samples.ts';
import { personalRefsOf, type StoredBeside, type Verification, verify } from './verification.ts';

const { serviceEvent, record, evidence, pack } = completed();
const hashesOf = ({ content }: SealedRecord) =>
  new Map(personalRefsOf(content).map((value) => [value.ref, value.hash]));

function besideOf(of: SealedRecord, overrides: Partial<StoredBeside> = {}): StoredBeside {
  const all = { serviceEvent, pack, evidence, chain: [of.id], sha256, personalHashes: hashesOf(of) };
  return { ...all, ...overrides };
}
/** The record with other bytes under the hash of these bytes: only what they say can betray them. */
function resealed(change: (content: string) => string): SealedRecord {
  const content = change(record.content);
  return { ...record, content, sha256: sha256(content), sizeBytes: Buffer.byteLength(content) };
}
const broken = ({ links }: Verification) => links.filter(({ holds }) => !holds).map(({ name }) => name);

test('a sealed record verifies (T-SP-15 allow)', () => {
  const result = verify(record, besideOf(record));
  expect(result).toMatchObject({ verified: true, sha256: record.sha256, hashHolds: true, canonical: true });
  expect(broken(result)).toEqual([]);
  expect(result.links.map(({ name }) => name)).toEqual(Object.keys(JSON.parse(record.content)).sort());
  expect(result.links.find(({ name }) => name === 'job_id')).toEqual({
    name: 'job_id',
    inRecord: serviceEvent.jobId,
    stored: serviceEvent.jobId,
    holds: true,
  });
});

describe('every record of a chain verifies, before and after it was corrected (T-SP-18 allow)', () => {
  const added = { ...allotted(0x90, item('LOCATION')), stage: null };
  const command = {
    recordId: id(0x41),
    reason: { text: 'why', ref: ref(0x80) },
    evidence: [added],
    by: BY,
    now: at(90),
  };
  const [attached, sealed] = accepted(
    correct(serviceEvent, command, { record, supersededBy: null, pack, evidence, sha256 }),
  ) as [EvidenceEvent, RecordEvent];
  const all: Evidence[] = [...evidence, attached.after];

  test('the first one, though evidence was added since', () => {
    expect(verify(record, besideOf(record, { evidence: all }))).toMatchObject({ verified: true });
  });

  test('the correction, its reason and its evidence included', () => {
    const result = verify(sealed.after, besideOf(sealed.after, { evidence: all, chain: [id(0x41), record.id] }));
    expect(result).toMatchObject({ verified: true });
    expect(result.personalValues).toEqual([
      { path: '/correction_reason', ref: id(0x80), status: 'VALID' },
      { path: '/evidence/0/content', ref: evidence[0]?.content?.ref, status: 'VALID' },
      { path: '/evidence/1/content', ref: added.content?.ref, status: 'VALID' },
    ]);
  });
});

describe('personal values', () => {
  const contentRef = evidence[0]?.content?.ref ?? '';

  test('erased ones do not stand against it', () => {
    const result = verify(record, besideOf(record, { personalHashes: new Map() }));
    expect(result).toMatchObject({ verified: true, personalValues: [{ ref: contentRef, status: 'ERASED' }] });
  });

  test('changed ones do', () => {
    const result = verify(
      record,
      besideOf(record, { personalHashes: new Map([[contentRef, sha256('another text')]]) }),
    );
    expect(result).toMatchObject({ verified: false, hashHolds: true, personalValues: [{ status: 'MISMATCH' }] });
  });
});

describe('does not verify (T-SP-15 deny)', () => {
  test('with one byte changed', () => {
    const content = record.content.replace('RESOLVED', 'RESOLVEd');
    const result = verify({ ...record, content }, besideOf(record));
    expect(result).toMatchObject({ verified: false, hashHolds: false, canonical: true });
    expect(broken(result)).toEqual(['outcome']);
  });

  test('with another number of bytes than stored', () => {
    expect(verify({ ...record, sizeBytes: record.sizeBytes + 1 }, besideOf(record))).toMatchObject({
      verified: false,
      hashHolds: false,
    });
  });

  test.each<[string, (content: string) => string]>([
    ['white space', (content) => content.replace(':', ': ')],
    ['another order', (content) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(content)).reverse()))],
    ['an escape that is not needed', (content) => content.replace('nypd', '\\u006eypd')],
  ])('in a form that is not canonical: %s', (_, change) => {
    const result = verify(resealed(change), besideOf(record));
    expect(result).toMatchObject({ verified: false, hashHolds: true, canonical: false });
    expect(broken(result)).toEqual([]);
  });

  test.each<[string, (content: string) => string]>([
    ['job_id', (content) => content.replace(serviceEvent.jobId, id(0x16))],
    ['intake_id', (content) => content.replace(`"intake_id":"${id(2)}"`, `"intake_id":"${id(9)}"`)],
    ['operator', (content) => content.replace('nypd', 'dsny')],
    ['pack_sha256', (content) => content.replace(pack.sha256, sha256('another pack'))],
    ['evidence', (content) => content.replace('"kind":"NOTE"', '"kind":"LOCATION"')],
    ['self_governed', (content) => content.replace('"self_governed":false', '"self_governed":true')],
    ['note', (content) => content.replace('"operator"', '"note":"more","operator"')],
  ])('where the bytes say another %s than what they were composed from (T-SP-29 deny)', (name, change) => {
    const result = verify(resealed(change), besideOf(record));
    expect(result).toMatchObject({ verified: false, hashHolds: true });
    expect(broken(result)).toEqual([name]);
  });

  test('where evidence it rested on is gone', () => {
    expect(broken(verify(record, besideOf(record, { evidence: [] })))).toEqual(['evidence']);
  });

  test.each(['', 'no JSON', '"text"', '[1]', 'null', '{"half":"\\ud83d"}', '{"halves":["\\ud83d"]}'])(
    'where the bytes are %j',
    (content) => {
      const result = verify(
        resealed(() => content),
        besideOf(record),
      );
      expect(result.verified).toBe(false);
      expect(result.links.some(({ holds }) => holds)).toBe(false);
      expect(result.links.filter(({ stored }) => stored !== null)).toHaveLength(
        Object.keys(JSON.parse(record.content)).length,
      );
    },
  );
});
