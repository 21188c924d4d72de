import { describe, expect, test } from 'vitest';
import { type AddedItem, type CorrectionCommand, correct, MAX_RECORD_EVIDENCE } from './correction.ts';
import type { Evidence, EvidenceEvent } from './evidence.ts';
import type { EvidenceKind } from './pack.ts';
import type { RecordEvent, SealedRecord } from './record.ts';
import type { ServiceEventState } from './service-event.ts';
import {
  accepted,
  allotted,
  at,
  BY,
  bare,
  completed,
  IN_STATE,
  id,
  item,
  RECORD_ID,
  ref,
  refusal,
  sha256,
} from './test/samples.ts';

const { serviceEvent, record, evidence, pack } = completed();
const REASON = { text: 'the photograph of the door was forgotten', ref: ref(0x80) };
const FACTS = { record, supersededBy: null, pack, evidence, sha256 };

const added = (kind: EvidenceKind = 'PHOTO', stage: string | null = null, n = 0x90): AddedItem => {
  return { ...allotted(n, item(kind)), stage };
};
const command = (overrides: Partial<CorrectionCommand> = {}): CorrectionCommand => {
  return { recordId: id(0x41), reason: REASON, evidence: [added()], by: BY, now: at(90), ...overrides };
};
const contentOf = ({ content }: SealedRecord) =>
  JSON.parse(content) as { evidence: { id: string }[]; supersedes: string; correction_reason: object };

describe('a correction (T-SP-18 allow)', () => {
  const [first, second, sealed] = accepted(
    correct(serviceEvent, command({ evidence: [added(), added('NOTE', 'inspection', 0x92)] }), FACTS),
  ) as [EvidenceEvent, EvidenceEvent, RecordEvent];
  const attached = [first, second];

  test('is the evidence it adds, then a new record', () => {
    expect([...attached, sealed].map(({ name }) => name)).toEqual([
      'evidence_attached',
      'evidence_attached',
      'record_sealed',
    ]);
    expect(sealed.after).toMatchObject({
      id: id(0x41),
      state: 'SEALED',
      supersedes: RECORD_ID,
      correctionReason: REASON.ref,
      sealedBy: BY,
      sealedAt: at(90),
      outcome: record.outcome,
    });
    expect(attached.map(({ after }) => after)).toMatchObject([
      { state: 'VALIDATED', recordId: id(0x41), stage: 'resolution', kind: 'PHOTO', attachedAt: at(90) },
      { state: 'VALIDATED', recordId: id(0x41), stage: 'inspection', kind: 'NOTE', attachedAt: at(90) },
    ]);
  });

  test('is never of before the record it corrects, even where the clock of that one ran ahead', () => {
    const [piece, correction] = accepted(correct(serviceEvent, command({ now: at(29) }), FACTS));
    expect(piece?.after).toMatchObject({ attachedAt: record.sealedAt });
    expect(correction?.after).toMatchObject({ sealedAt: record.sealedAt });
  });

  test('says so in its bytes, and rests on the evidence before and the evidence added', () => {
    expect(contentOf(sealed.after)).toMatchObject({ supersedes: RECORD_ID, correction_reason: REASON.ref });
    expect(contentOf(sealed.after).evidence.map((entry) => entry.id)).toEqual([evidence[0]?.id, id(0x90), id(0x92)]);
    expect(JSON.stringify([sealed, attached])).not.toContain(REASON.text);
  });

  test('is composed from the same execution: all else in its bytes is the same', () => {
    const own = { record_id: 0, supersedes: 0, correction_reason: 0, sealed_by: 0, sealed_at: 0, evidence: 0 };
    expect({ ...contentOf(sealed.after), ...own }).toEqual({ ...contentOf(record), ...own });
  });

  test('leaves the bytes of the one it supersedes as they are (T-SP-15 allow)', () => {
    expect(record).toEqual(completed().record);
    expect(record.sha256).toBe(sha256(record.content));
  });

  test('can be corrected in turn, keeping what it added', () => {
    const evidenceSince: Evidence[] = [...evidence, ...attached.map(({ after }) => after)];
    const facts = { ...FACTS, record: sealed.after, evidence: evidenceSince };
    const third = command({ recordId: id(0x42), evidence: [added('SIGNATURE', null, 0x94)] });
    const [, next] = accepted(correct(serviceEvent, third, facts)) as [EvidenceEvent, RecordEvent];
    expect(next.after.supersedes).toBe(id(0x41));
    expect(contentOf(next.after).evidence).toHaveLength(4);
  });
});

describe('is refused (T-SP-18 deny)', () => {
  test('where another record supersedes this one already', () => {
    const decision = correct(serviceEvent, command(), { ...FACTS, supersededBy: id(0x41) });
    expect(refusal(decision)).toEqual({ code: 'RECORD_SUPERSEDED', supersededBy: id(0x41) });
  });

  const states: [ServiceEventState, string][] = [
    ['STARTED', 'WRONG_STATE'],
    ['IN_STAGE', 'WRONG_STATE'],
    ['ABORTED', 'WRONG_STATE'],
  ];
  test.each(states)('of a service event that is %s', (state, code) => {
    expect(refusal(correct(IN_STATE[state](), command(), FACTS))).toEqual({ code });
  });

  test.each([
    [' ', 'TEXT_MISSING'],
    ['NUL \0', 'TEXT_NOT_ALLOWED'],
    ['r'.repeat(4_001), 'LIMIT_EXCEEDED'],
  ])('for a reason that is no text or too long (case %#)', (text, code) => {
    const decision = correct(serviceEvent, command({ reason: { ...REASON, text } }), FACTS);
    expect(refusal(decision)).toMatchObject({ code, field: 'reason' });
  });

  test.each([0, 21])('with %i pieces of evidence', (count) => {
    const pieces = Array.from({ length: count }, (_, i) => added('PHOTO', null, 0x100 + i));
    const decision = correct(serviceEvent, command({ evidence: pieces }), FACTS);
    expect(refusal(decision)).toEqual({ code: 'LIMIT_EXCEEDED', field: 'evidence', limit: '1 to 20 pieces' });
  });

  test('with more evidence than one record holds', () => {
    const full = Array.from({ length: MAX_RECORD_EVIDENCE }, () => evidence[0] as Evidence);
    const decision = correct(serviceEvent, command(), { ...FACTS, evidence: full });
    expect(refusal(decision)).toEqual({ code: 'LIMIT_EXCEEDED', field: 'evidence', limit: '300 pieces in one record' });
    expect(accepted(correct(serviceEvent, command(), { ...FACTS, evidence: full.slice(1) }))).toHaveLength(2);
  });

  test('with evidence that is incomplete, of no stage of the pack, or malformed; it says which piece', () => {
    const second = (piece: AddedItem) => refusal(correct(serviceEvent, command({ evidence: [added(), piece] }), FACTS));
    const incomplete = { ...added(), item: item('PHOTO', { storageRef: null }) };
    expect(second(incomplete)).toEqual({ code: 'EVIDENCE_INCOMPLETE', evidence: '1', kind: 'PHOTO' });
    expect(second(added('PHOTO', 'delivered'))).toEqual({
      code: 'STAGE_NOT_IN_PACK',
      evidence: '1',
      stages: 'inspection, resolution',
    });
    expect(second({ ...added(), item: bare('NOTE') })).toMatchObject({ code: 'EVIDENCE_EMPTY', evidence: '1' });
    expect(second({ ...added(), item: item('PHOTO', { mediaType: 'video/mp4' }) })).toMatchObject({
      code: 'MEDIA_TYPE_NOT_OF_KIND',
      evidence: '1',
    });
  });
});
