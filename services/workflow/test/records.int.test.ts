import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTown, PEOPLE, type Town } from './town.ts';

const { holder, auditor, networkGovernor, requester } = PEOPLE;

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.stop());

const VERIFY = `query ($id: ID!) { verifyRecord(id: $id) { verified sha256 hashHolds canonical record { id sha256 }
  links { name holds } personalValues { path status } } }`;

const verify = async (id: string) => (await town.ask(networkGovernor, VERIFY, { id })).data.verifyRecord;

const NOTE = { kind: 'NOTE', note: 'It was the house next door' };
const correct = (recordId: string, change: object = {}) =>
  town.attempt(
    holder,
    'correctRecord',
    { recordId, reason: 'The wrong house', evidence: [NOTE], ...change },
    'record { id sha256 supersedes { id } evidence { kind note record { id } } correctionReason }',
  );
const bytesOf = async (id: string) =>
  (
    await town.rows(
      "select published ->> 'content' as content, published ->> 'sha256' as sha256 from record where id = $1",
      [id],
    )
  )[0];

describe('a record', () => {
  test('can be verified by whoever sees its content (T-SP-15 allow)', async () => {
    const { recordId } = await town.seal();
    const found = await verify(recordId);
    const stored = await bytesOf(recordId);
    expect(found).toMatchObject({ verified: true, hashHolds: true, canonical: true, record: { id: recordId } });
    expect(found.sha256).toBe(createHash('sha256').update(stored?.content).digest('hex'));
    expect(found.links.length).toBeGreaterThan(15);
    expect(found.links.filter(({ holds }: { holds: boolean }) => !holds)).toEqual([]);
    expect(found.personalValues).toEqual([{ path: '/evidence/0/content', status: 'VALID' }]);
    expect((await town.ask(auditor, VERIFY, { id: recordId })).data.verifyRecord.verified).toBe(true);
    expect((await town.ask(requester, VERIFY, { id: recordId })).data.verifyRecord).toBeNull();
  });

  test('stays sound when a personal value is erased, and does not when one was changed (T-SP-15 deny)', async () => {
    const erased = await town.seal();
    const altered = await town.seal();
    const ofEvidence = 'aggregate_id = (select id::text from evidence where service_event_id = $1)';
    await town.rows(`update personal_value set value = null, salt = null where ${ofEvidence}`, [erased.serviceEventId]);
    await town.rows(`update personal_value set value = 'Somebody opened' where ${ofEvidence}`, [
      altered.serviceEventId,
    ]);
    const path = '/evidence/0/content';
    expect(await verify(erased.recordId)).toMatchObject({
      verified: true,
      personalValues: [{ path, status: 'ERASED' }],
    });
    expect(await verify(altered.recordId)).toMatchObject({
      verified: false,
      hashHolds: true,
      personalValues: [{ path, status: 'MISMATCH' }],
    });
  });
});

describe('a correction', () => {
  test('is a new record on the same execution and more evidence; the old bytes stay (T-SP-18 allow)', async () => {
    const { recordId, serviceEventId } = await town.seal();
    const before = await bytesOf(recordId);
    const key = { idempotencyKey: `correct ${recordId}` };
    const { record } = (await correct(recordId, key)).data.correctRecord;
    expect(record).toMatchObject({ supersedes: { id: recordId }, correctionReason: 'The wrong house' });
    expect(record.evidence).toEqual([
      { kind: 'NOTE', note: 'Nobody opened the door', record: null },
      { kind: 'NOTE', note: NOTE.note, record: { id: record.id } },
    ]);
    expect((await correct(recordId, key)).data.correctRecord.record).toEqual(record);
    expect(await bytesOf(recordId)).toEqual(before);
    expect(JSON.parse((await bytesOf(record.id))?.content).supersedes).toBe(recordId);

    const third = (await correct(record.id)).data.correctRecord.record;
    for (const id of [recordId, record.id, third.id]) expect(await verify(id)).toMatchObject({ verified: true });
    const { data } = await town.ask(
      holder,
      `query ($id: ID!) { serviceEvent(id: $id) { record { id supersededBy { id } } records { id } }
        now: records(filter: { serviceEventId: $id, current: true }) { edges { node { id } } }
        old: records(filter: { serviceEventId: $id, current: false }) { totalCount } }`,
      { id: serviceEventId },
    );
    expect(data.serviceEvent.record).toEqual({ id: recordId, supersededBy: { id: record.id } });
    expect(data.serviceEvent.records).toEqual([{ id: recordId }, { id: record.id }, { id: third.id }]);
    expect(data.now.edges).toEqual([{ node: { id: third.id } }]);
    expect(data.old.totalCount).toBe(2);
  });

  test('of 10 at the same time one is made; the others are told which (T-SP-18 deny)', async () => {
    const { recordId, serviceEventId } = await town.seal();
    const answers = await Promise.all(Array.from({ length: 10 }, () => correct(recordId)));
    const made = answers.flatMap(({ data }) => data.correctRecord.record ?? []);
    expect(made).toHaveLength(1);
    const refusals = answers.flatMap(({ data }) => data.correctRecord.refusal ?? []);
    expect(refusals).toHaveLength(9);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        code: 'RECORD_SUPERSEDED',
        details: [{ name: 'supersededBy', value: made[0].id }],
      });
    }
    expect(await town.rows('select 1 from record where service_event_id = $1', [serviceEventId])).toHaveLength(2);
    // What belonged to a refused correction is not kept.
    expect(await town.rows('select 1 from evidence where service_event_id = $1', [serviceEventId])).toHaveLength(2);
  });

  test('needs complete evidence, a stage of the pack, and a record', async () => {
    const { recordId } = await town.seal();
    const refusalOf = async (change: object, id = recordId) => (await correct(id, change)).data.correctRecord.refusal;
    expect(await refusalOf({ evidence: [] })).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await refusalOf({ evidence: [NOTE, { ...NOTE, stage: 'pickup' }] })).toMatchObject({
      code: 'STAGE_NOT_IN_PACK',
      details: [{ name: 'evidence', value: '1' }, { name: 'stages' }],
    });
    expect(await refusalOf({ evidence: [{ kind: 'PHOTO', sha256: 'a'.repeat(64) }] })).toMatchObject({
      code: 'EVIDENCE_INCOMPLETE',
    });
    expect(await refusalOf({}, '019b8d2e-7a00-7000-8000-00000000ffff')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusalOf({}, 'seven')).toMatchObject({ code: 'INVALID_INPUT' });
  });
});
