import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble, type Cast, execute, handOff, submit } from '../harness/cast.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Answer, Visitor } from '../harness/visitor.ts';

let system: TestSystem;
let cast: Cast;
/** Databases as their running services enter them. */
let workflow: Client;
beforeAll(async () => {
  system = await startTestSystem();
  cast = await assemble(system);
  workflow = new Client({ connectionString: system.databases.get('workflow')?.appUrl });
  await workflow.connect();
});
afterAll(async () => {
  await workflow?.end();
  await system?.stop();
});

const codeOf = ({ data, errors }: Answer, field: string) =>
  data?.[field]?.refusal?.code ?? errors[0]?.extensions.code ?? 'ACCEPTED';

const byId = async (as: Visitor, selection: string, id: string) =>
  (await as.send(`query ($id: ID!) { ${selection} }`, { id })).data;

async function newJob(change: object = {}) {
  const { requester, governor, holder, operator } = cast;
  const { taskId, intakeId } = await submit(requester, change);
  const jobId = await handOff(governor.learn(requester), taskId, { operator });
  holder.learn(governor);
  return { jobId, taskId, intakeId, holder, governor };
}

async function sealedRecord() {
  const chain = await newJob();
  return { ...chain, recordId: await execute(chain.holder, chain.jobId, cast.operator) };
}

async function atLastStage() {
  const chain = await newJob();
  await chain.holder.mutate('claimJob', { jobId: chain.jobId, asOperator: cast.operator });
  await chain.holder.mutate('startJob', { jobId: chain.jobId });
  await chain.holder.mutate('advanceStage', { jobId: chain.jobId, toStage: 'resolution' });
  return chain;
}

const CORRECTION = { reason: 'The note was of another house', evidence: [{ kind: 'NOTE', note: 'The right note' }] };

describe('records', () => {
  test('T-SP-14 allow: a completed execution with what its pack requires is sealed', async () => {
    const { holder, jobId } = await atLastStage();
    await holder.mutate('attachEvidence', { jobId, kind: 'NOTE', note: 'Done' });
    const { record } = await holder.mutate(
      'completeServiceEvent',
      { jobId, outcome: 'RESOLVED' },
      'record { id state }',
    );
    expect(record.state).toBe('SEALED');
  });

  test('T-SP-14 deny: without it there is neither completion nor record', async () => {
    const { holder, jobId } = await atLastStage();
    const complete = () => holder.attempt('completeServiceEvent', { jobId, outcome: 'RESOLVED' });
    expect(codeOf(await complete(), 'completeServiceEvent')).toBe('EVIDENCE_MISSING');
    await holder.mutate('attachEvidence', { jobId, kind: 'PHOTO', storageRef: 's3://somewhere' });
    expect(codeOf(await complete(), 'completeServiceEvent')).toBe('EVIDENCE_MISSING');
    const { data } = await holder.send('query ($id: ID!) { records(filter: { jobId: $id }) { totalCount } }', {
      id: jobId,
    });
    expect(data.records.totalCount).toBe(0);
  });

  test('T-SP-15 allow: what follows leaves the bytes of a record as they are', async () => {
    const { recordId, taskId, governor, holder } = await sealedRecord();
    const bytes = () => byId(holder, 'record(id: $id) { sha256 content sizeBytes }', recordId);
    const before = await bytes();
    await governor.learn(holder).mutate('closeTask', { taskId });
    await holder.learn(governor).mutate('correctRecord', { recordId, ...CORRECTION });
    expect(await bytes()).toEqual(before);
  });

  test('T-SP-15 deny: not even the service itself can change or remove one', async () => {
    const { recordId } = await sealedRecord();
    for (const statement of ["update record set state = 'SEALED' where id = $1", 'delete from record where id = $1']) {
      await expect(workflow.query(statement, [recordId])).rejects.toThrow(/permission denied/);
    }
  });

  test('T-SP-16 allow: a record stays to be read and verified', async () => {
    const { recordId, holder } = await sealedRecord();
    expect(
      (await byId(holder, 'verifyRecord(id: $id) { verified hashHolds canonical }', recordId)).verifyRecord,
    ).toEqual({
      verified: true,
      hashHolds: true,
      canonical: true,
    });
  });

  test('T-SP-16 deny: no mutation removes or changes one, and no role of a running service may', async () => {
    const { errors } = await cast.holder.send(
      'mutation { deleteRecord(input: { idempotencyKey: "x" }) { refusal { code } } }',
    );
    expect(errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    for (const statement of [
      'truncate record',
      'truncate journal',
      'delete from journal',
      'update evidence set version = 2',
    ]) {
      await expect(workflow.query(statement)).rejects.toThrow(/permission denied/);
    }
  });

  test('T-SP-18 allow: a correction is another record that names the one it supersedes', async () => {
    const { recordId, holder } = await sealedRecord();
    const { record } = await holder.mutate(
      'correctRecord',
      { recordId, ...CORRECTION },
      'record { id supersedes { id } }',
    );
    expect(record.id).not.toBe(recordId);
    expect(record.supersedes.id).toBe(recordId);
    const old = await byId(holder, 'record(id: $id) { supersededBy { id } }', recordId);
    expect(old.record.supersededBy.id).toBe(record.id);
  });

  test('T-SP-18 deny: a record is corrected once; the next correction is of the correction', async () => {
    const { recordId, holder } = await sealedRecord();
    await holder.mutate('correctRecord', { recordId, ...CORRECTION });
    const again = await holder.attempt('correctRecord', { recordId, ...CORRECTION });
    expect(codeOf(again, 'correctRecord')).toBe('RECORD_SUPERSEDED');
  });

  test('T-SP-19 allow: two surfaces with stages of their own run through one spine', async () => {
    const { holder, jobId } = await newJob({ surface: 'freight', what: 'Two pallets' });
    await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
    await holder.mutate('startJob', { jobId });
    const file = { sha256: 'a'.repeat(64), sizeBytes: 10, mediaType: 'image/png', storageRef: 's3://x' };
    await holder.mutate('attachEvidence', { jobId, kind: 'PHOTO', ...file });
    await holder.mutate('advanceStage', { jobId, toStage: 'in_transit' });
    await holder.mutate('advanceStage', { jobId, toStage: 'delivered' });
    await holder.mutate('attachEvidence', { jobId, kind: 'SIGNATURE', ...file });
    await holder.mutate('attachEvidence', { jobId, kind: 'DOCUMENT', ...file });
    const { record } = await holder.mutate(
      'completeServiceEvent',
      { jobId, outcome: 'DELIVERED' },
      'record { outcome }',
    );
    expect(record.outcome).toBe('DELIVERED');
  });

  test('T-SP-19 deny: a stage of one surface is none of the other', async () => {
    const { holder, jobId } = await newJob({ surface: 'freight', what: 'One pallet' });
    await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
    await holder.mutate('startJob', { jobId });
    const answer = await holder.attempt('advanceStage', { jobId, toStage: 'resolution' });
    expect(codeOf(answer, 'advanceStage')).toBe('NOT_NEXT_STAGE');
  });

  test('T-SP-29 allow: a record names its job, its intake and its operator, all of one chain', async () => {
    const { recordId, jobId, intakeId, holder } = await sealedRecord();
    const { record } = await byId(
      holder,
      'record(id: $id) { job { id } intake { id } operator { slug } content }',
      recordId,
    );
    expect(record).toMatchObject({ job: { id: jobId }, intake: { id: intakeId }, operator: { slug: cast.operator } });
    expect(JSON.parse(record.content)).toMatchObject({ job_id: jobId, intake_id: intakeId, operator: cast.operator });
  });

  test('T-SP-29 deny: one of another chain is refused by the database itself', async () => {
    const { recordId } = await sealedRecord();
    const other = await sealedRecord();
    const planted = `insert into record (id, version, state, published, occurred_at, last_event_id)
      select gen_random_uuid(), 1, 'SEALED', published || jsonb_build_object('job_id', $2::text, 'supersedes', $1::text,
        'correction_reason', '{}'::jsonb), occurred_at, last_event_id from record where id = $1::uuid`;
    await expect(workflow.query(planted, [recordId, other.jobId])).rejects.toThrow(
      /record_of_a_completed_service_event/,
    );
  });

  test('T-SP-33 allow: every layer has a service, a database, roles and a topic of its own', () => {
    const databases = [...system.databases.values()].map(({ appUrl }) => new URL(appUrl));
    expect(new Set(databases.map(({ pathname }) => pathname)).size).toBe(system.services.size);
    expect(new Set(databases.map(({ username }) => username)).size).toBe(system.services.size);
  });

  test('T-SP-33 deny: no service enters the database of another', async () => {
    const foreign = new URL(system.databases.get('workflow')?.appUrl ?? '');
    foreign.pathname = new URL(system.databases.get('governance')?.appUrl ?? '').pathname;
    const client = new Client({ connectionString: foreign.href });
    await expect(client.connect()).rejects.toThrow(/permission denied for database/);
  });
});
