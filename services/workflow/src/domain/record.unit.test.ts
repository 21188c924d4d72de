import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { MAX_RECORD_EVIDENCE } from './correction.ts';
import type { Evidence } from './evidence.ts';
import { MAX_FILE_BYTES } from './evidence-form.ts';
import { MAX_STAGES } from './pack-definition.ts';
import { seal, TRANSITIONS } from './record.ts';
import { recordContent } from './record-content.ts';
import { at, BY, completed, FREIGHT, id, MUNICIPAL, RECORD_ID, ref, SUBMITTER, sha256 } from './test/samples.ts';

const SEALING = { recordId: RECORD_ID, supersedes: null, correctionReason: null, sealedBy: BY, sealedAt: at(30) };

describe('what the bytes say', () => {
  const { serviceEvent, evidence, pack } = completed();

  test('the whole execution, by the names of the contract', () => {
    const [note] = evidence;
    expect(recordContent(serviceEvent, pack, evidence, SEALING)).toEqual({
      format: 'qtm.record.v1',
      record_id: RECORD_ID,
      service_event_id: id(0x25),
      job_id: id(0x15),
      intake_id: id(2),
      request_id: id(1),
      task_id: id(3),
      operator: 'nypd',
      surface: 'municipal',
      pack_version: 1,
      pack_sha256: pack.sha256,
      started_by: BY,
      started_at: at(9),
      stages: [
        { name: 'inspection', entered_at: at(9), entered_by: BY, left_at: at(10) },
        { name: 'resolution', entered_at: at(10), entered_by: BY, left_at: at(30) },
      ],
      evidence: [
        {
          id: note?.id,
          kind: 'NOTE',
          stage: 'resolution',
          content: note?.content,
          sha256: null,
          size_bytes: null,
          media_type: null,
          captured_at: null,
          attached_by: BY,
          attached_at: at(11),
        },
      ],
      completed_by: BY,
      completed_at: at(30),
      outcome: 'RESOLVED',
      self_governed: false,
      supersedes: null,
      correction_reason: null,
      sealed_by: BY,
      sealed_at: at(30),
    });
  });

  test('evidence in the order of attachment, then of ids, whatever order it comes in', () => {
    const [note] = evidence as [Evidence];
    const others = [
      { ...note, id: id(0xb), attachedAt: at(5) },
      { ...note, id: id(0xa), attachedAt: at(5) },
      { ...note, id: id(0xc), attachedAt: at(4) },
    ];
    const idsOf = (list: readonly Evidence[]) =>
      (recordContent(serviceEvent, pack, list, SEALING) as { evidence: { id: string }[] }).evidence.map(
        (entry) => entry.id,
      );
    expect(idsOf([note, ...others])).toEqual([id(0xc), id(0xa), id(0xb), note.id]);
    expect(idsOf([...others.toReversed(), note])).toEqual(idsOf([note, ...others]));
  });

  test('nothing of evidence that is incomplete, and nowhere where a file is kept', () => {
    const [note] = evidence as [Evidence];
    const incomplete = { ...note, id: id(0xa), state: 'ATTACHED' as const };
    expect(recordContent(serviceEvent, pack, [note, incomplete], SEALING)).toEqual(
      recordContent(serviceEvent, pack, [note], SEALING),
    );
    const freight = completed(FREIGHT);
    expect(freight.record.content).not.toContain('s3://');
  });

  test('a personal value as reference and hash, whatever else the object carries', () => {
    const [note] = evidence as [Evidence];
    const leaky = { ...note, content: { ...ref(9), value: 'the text itself' } };
    const content = recordContent(serviceEvent, pack, [leaky], { ...SEALING, correctionReason: leaky.content });
    expect(JSON.stringify(content)).not.toContain('the text itself');
  });
});

describe('sealing', () => {
  test.each([MUNICIPAL, FREIGHT])(
    'links job, intake, operator and the rest of one chain (T-SP-29 allow, case %#)',
    (pack) => {
      const { record, serviceEvent } = completed(pack);
      const { jobId, intakeId, requestId, taskId, operator, outcome, selfGoverned, audience } = serviceEvent;
      const chain = { serviceEventId: serviceEvent.id, jobId, intakeId, requestId, taskId, operator };
      expect(record).toMatchObject({
        ...chain,
        outcome,
        selfGoverned,
        audience,
        submittedBy: SUBMITTER,
        state: 'SEALED',
      });
      for (const link of Object.values(chain)) expect(record.content).toContain(`"${link}"`);
    },
  );

  test('the bytes are canonical, counted and hashed', () => {
    const { record } = completed(FREIGHT);
    expect(canonicalJson(JSON.parse(record.content))).toBe(record.content);
    expect(record).toMatchObject({
      sha256: sha256(record.content),
      sizeBytes: Buffer.byteLength(record.content),
      supersedes: null,
      correctionReason: null,
      sealedBy: BY,
      sealedAt: at(30),
    });
  });

  test('the same facts give the same bytes', () => {
    expect(completed().record).toEqual(completed().record);
  });

  test('the largest record stays below 256 KiB of published state', () => {
    const { serviceEvent, pack } = completed(FREIGHT);
    const stages = Array.from({ length: MAX_STAGES }, (_, i) => {
      return { name: `${i}`.padStart(63, 's'), enteredAt: at(i), enteredBy: BY, leftAt: at(i + 1) };
    });
    const evidence = Array.from({ length: MAX_RECORD_EVIDENCE }, (_, i): Evidence => {
      return {
        ...{ id: id(i), state: 'VALIDATED', serviceEventId: serviceEvent.id, recordId: id(0x40), kind: 'SIGNATURE' },
        ...{ stage: 's'.repeat(63), content: null, sha256: sha256(''), sizeBytes: MAX_FILE_BYTES },
        ...{
          mediaType: `application/${'m'.repeat(100)}`,
          storageRef: null,
          capturedAt: at(i),
          attachedBy: BY,
          attachedAt: at(i),
        },
      };
    });
    const { after } = seal({ ...serviceEvent, stages }, { pack, evidence, sha256 }, SEALING);
    expect(Buffer.byteLength(JSON.stringify(after))).toBeLessThan(256 * 1024);
    const notes = evidence.map((item) => ({
      ...item,
      kind: 'NOTE' as const,
      content: ref(1),
      sha256: null,
      mediaType: null,
    }));
    const other = seal({ ...serviceEvent, stages }, { pack, evidence: notes, sha256 }, SEALING).after;
    expect(Buffer.byteLength(JSON.stringify(other))).toBeLessThan(256 * 1024);
  });
});

test('no command changes a record: a correction leads to another one (T-SP-16 allow)', () => {
  expect(TRANSITIONS).toEqual({ SEALED: { correct: 'SEALED' } });
});
