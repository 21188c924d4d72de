import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readContract } from '../../infra/scripts/generate/contract.ts';
import { loadEventSchemas } from '../../infra/service-kit/src/journal/schemas.ts';
import { byId, codeOf } from '../harness/answers.ts';
import { activeOperator, assemble, type Cast, execute } from '../harness/cast.ts';
import { atLastStage, newJob, newTask, sealedRecord, startedJob } from '../harness/chains.ts';
import { asService } from '../harness/databases.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { relayed, topicsOf, valuesOf } from '../harness/topics.ts';
import { everyMutation } from './operations.ts';

let system: TestSystem;
let cast: Cast;
beforeAll(async () => {
  system = await startTestSystem();
  cast = await assemble(system);
});
afterAll(() => system?.stop());

/** In workflow, as the running service may. */
const workflow = (text: string, values?: readonly unknown[]) => asService(system, 'workflow', text, values);

const CORRECTION = { reason: 'The note was of another house', evidence: [{ kind: 'NOTE', note: 'The right note' }] };

describe('records', () => {
  test('T-SP-14 allow: a completed execution with what its pack requires is sealed', async () => {
    const { holder, jobId } = await atLastStage(cast);
    await holder.mutate('attachEvidence', { jobId, kind: 'NOTE', note: 'Done' });
    const { record } = await holder.mutate(
      'completeServiceEvent',
      { jobId, outcome: 'RESOLVED' },
      'record { id state }',
    );
    expect(record.state).toBe('SEALED');
  });

  test('T-SP-14 deny: without it there is neither completion nor record', async () => {
    const { holder, jobId } = await atLastStage(cast);
    const complete = () => holder.attempt('completeServiceEvent', { jobId, outcome: 'RESOLVED' });
    expect(codeOf(await complete(), 'completeServiceEvent')).toBe('EVIDENCE_MISSING');
    await holder.mutate('attachEvidence', { jobId, kind: 'PHOTO', storageRef: 's3://somewhere' });
    expect(codeOf(await complete(), 'completeServiceEvent')).toBe('EVIDENCE_MISSING');
    expect((await byId(holder, 'records(filter: { jobId: $id }) { totalCount }', jobId)).records.totalCount).toBe(0);
  });

  test('T-SP-14 deny: an aborted execution has none, and one put in by hand is refused by the database', async () => {
    const { holder, jobId, serviceEventId } = await atLastStage(cast);
    await holder.mutate('attachEvidence', { jobId, kind: 'NOTE', note: 'Done' });
    const { recordId } = await sealedRecord(cast);
    const planted = () =>
      workflow(
        `insert into record (id, version, state, published, occurred_at, last_event_id)
          select $1, 1, 'SEALED', record.published || jsonb_build_object('service_event_id', $2::text, 'job_id', $3::text,
            'intake_id', service_event.intake_id), record.occurred_at, record.last_event_id
          from record, service_event where record.id = $4 and service_event.id = $2::uuid`,
        [randomUUID(), serviceEventId, jobId, recordId],
      );
    await expect(planted()).rejects.toThrow(/record_of_a_completed_service_event/);
    await holder.mutate('abortServiceEvent', { jobId, reason: 'Called off' });
    const completion = await holder.attempt('completeServiceEvent', { jobId, outcome: 'RESOLVED' });
    expect(codeOf(completion, 'completeServiceEvent')).toBe('WRONG_STATE');
    await expect(planted()).rejects.toThrow(/record_of_a_completed_service_event/);
    expect((await byId(holder, 'records(filter: { jobId: $id }) { totalCount }', jobId)).records.totalCount).toBe(0);
  });

  test('T-SP-15 allow: what follows leaves the bytes of a record as they are', async () => {
    const { recordId, taskId, governor, holder } = await sealedRecord(cast);
    const bytes = () => byId(holder, 'record(id: $id) { sha256 content sizeBytes }', recordId);
    const before = await bytes();
    await governor.learn(holder).mutate('closeTask', { taskId });
    await holder.learn(governor).mutate('correctRecord', { recordId, ...CORRECTION });
    expect(await bytes()).toEqual(before);
  });

  test('T-SP-15 deny: not even the service itself can change or remove one', async () => {
    const { recordId } = await sealedRecord(cast);
    for (const statement of ["update record set state = 'SEALED' where id = $1", 'delete from record where id = $1']) {
      await expect(workflow(statement, [recordId])).rejects.toThrow(/permission denied/);
    }
  });

  test('T-SP-16 allow: a record stays to be read and verified', async () => {
    const { recordId, holder } = await sealedRecord(cast);
    expect(
      (await byId(holder, 'verifyRecord(id: $id) { verified hashHolds canonical }', recordId)).verifyRecord,
    ).toEqual({
      verified: true,
      hashHolds: true,
      canonical: true,
    });
  });

  test('T-SP-16 deny: no mutation there is removes or changes one, whoever makes it', async () => {
    const { governor, secondGovernor } = cast;
    const { holder, operator } = await activeOperator(system, governor, secondGovernor);
    governor.learn(holder);
    const own = { ...cast, holder, operator };
    const { recordId, jobId, taskId, intakeId } = await sealedRecord(own);
    const { serviceEvent } = (await byId(holder, 'record(id: $id) { serviceEvent { id } }', recordId)).record;
    const { me } = (await holder.send('{ me { id } }')).data;
    const row = () => workflow('select * from record where id = $1', [recordId]);
    const before = await row();
    const superAdmin = system.visitor({ roles: ['super_admin', 'admin_governor'] });
    await superAdmin.register();
    const mutations = everyMutation({
      ...{ id: recordId, recordId, jobId, taskId, intakeId, serviceEventId: serviceEvent.id, identityId: me.id },
      ...{ operator, slug: operator, asOperator: operator, ...CORRECTION },
    });
    let accepted = 0;
    // The holder first: the other ends what it is.
    for (const somebody of [holder, superAdmin.learn(holder)]) {
      for (const { field, input } of mutations) {
        if (codeOf(await somebody.attempt(field, input), field) !== 'ACCEPTED') continue;
        accepted += 1;
        expect(await row(), field).toEqual(before);
      }
    }
    expect(await row()).toEqual(before);
    expect(accepted).toBeGreaterThan(5);
    const journal =
      "select count(*)::integer as facts from journal where aggregate_type = 'record' and aggregate_id = $1";
    expect(await workflow(journal, [recordId])).toEqual([{ facts: 1 }]);
  });

  test('T-SP-16 deny: no role of a running service may remove or change one, nor what it rests on', async () => {
    for (const statement of [
      'truncate record',
      'delete from record',
      "update record set state = 'SEALED'",
      'truncate journal',
      'delete from journal',
      'update journal set payload = payload',
      'delete from evidence',
      'update evidence set version = 2',
      'update pack set version = 2',
    ]) {
      await expect(workflow(statement), statement).rejects.toThrow(/permission denied/);
    }
  });

  test('T-SP-18 allow: a correction is another record that names the one it supersedes', async () => {
    const { recordId, holder } = await sealedRecord(cast);
    const bytes = () => byId(holder, 'record(id: $id) { sha256 content }', recordId);
    const before = await bytes();
    const { record } = await holder.mutate(
      'correctRecord',
      { recordId, ...CORRECTION },
      'record { id content supersedes { id } }',
    );
    expect(record.id).not.toBe(recordId);
    expect(record.supersedes.id).toBe(recordId);
    expect(JSON.parse(record.content).supersedes).toBe(recordId);
    const old = await byId(holder, 'record(id: $id) { supersededBy { id } }', recordId);
    expect(old.record.supersededBy.id).toBe(record.id);
    expect(await bytes()).toEqual(before);
  });

  test('T-SP-18 deny: a record is corrected once; the next correction is of the correction', async () => {
    const { recordId, holder } = await sealedRecord(cast);
    const { record } = await holder.mutate('correctRecord', { recordId, ...CORRECTION }, 'record { id }');
    const again = await holder.attempt('correctRecord', { recordId, ...CORRECTION });
    expect(codeOf(again, 'correctRecord')).toBe('RECORD_SUPERSEDED');
    await holder.mutate('correctRecord', { recordId: record.id, ...CORRECTION });
  });

  test('T-SP-19 allow: two surfaces with stages of their own run through one spine', async () => {
    const { holder, jobId } = await newJob(cast, { surface: 'freight', what: 'Two pallets' });
    await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
    await holder.mutate('startJob', { jobId });
    const file = { sha256: 'a'.repeat(64), sizeBytes: 10, mediaType: 'image/png', storageRef: 's3://x' };
    await holder.mutate('attachEvidence', { jobId, kind: 'PHOTO', ...file });
    await holder.mutate('advanceStage', { jobId, toStage: 'in_transit' });
    await holder.mutate('advanceStage', { jobId, toStage: 'delivered' });
    await holder.mutate('attachEvidence', { jobId, kind: 'SIGNATURE', ...file });
    await holder.mutate('attachEvidence', { jobId, kind: 'DOCUMENT', ...file });
    await holder.mutate('completeServiceEvent', { jobId, outcome: 'DELIVERED' });
    await holder.mutate('completeJob', { jobId });
    const { jobId: municipal } = await sealedRecord(cast);
    const passed = 'history { edges { node { transition newState } } }';
    const chain = `job(id: $id) { ${passed} intake { ${passed} } serviceEvent { stages { name } record { state } } }`;
    const [one, other] = [(await byId(holder, chain, jobId)).job, (await byId(holder, chain, municipal)).job];
    expect(one.history).toEqual(other.history);
    expect(one.intake).toEqual(other.intake);
    expect(one.serviceEvent.record).toEqual(other.serviceEvent.record);
    const stagesOf = (job: typeof one) => job.serviceEvent.stages.map(({ name }: { name: string }) => name);
    expect([stagesOf(one), stagesOf(other)]).toEqual([
      ['pickup', 'in_transit', 'delivered'],
      ['inspection', 'resolution'],
    ]);
  });

  test('T-SP-19 deny: a stage of one surface is none of the other', async () => {
    const { holder, jobId } = await newJob(cast, { surface: 'freight', what: 'One pallet' });
    await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
    await holder.mutate('startJob', { jobId });
    const answer = await holder.attempt('advanceStage', { jobId, toStage: 'resolution' });
    expect(codeOf(answer, 'advanceStage')).toBe('NOT_NEXT_STAGE');
  });

  test('T-SP-29 allow: a record names its job, its intake and its operator, all of one chain', async () => {
    const { recordId, jobId, intakeId, holder } = await sealedRecord(cast);
    const { record } = await byId(
      holder,
      'record(id: $id) { job { id } intake { id } operator { slug } content }',
      recordId,
    );
    expect(record).toMatchObject({ job: { id: jobId }, intake: { id: intakeId }, operator: { slug: cast.operator } });
    expect(JSON.parse(record.content)).toMatchObject({ job_id: jobId, intake_id: intakeId, operator: cast.operator });
  });

  test.each(['job_id', 'intake_id', 'operator'])(
    'T-SP-29 deny: one that names a part of another chain, or none, is refused by the database itself',
    async (part) => {
      const { recordId, jobId } = await sealedRecord(cast);
      const other = await startedJob(cast);
      const parts: Readonly<Record<string, string>> = {
        job_id: other.jobId,
        intake_id: other.intakeId,
        operator: 'others',
      };
      const plant = (change: object) =>
        workflow(
          `insert into record (id, version, state, published, occurred_at, last_event_id)
            select $1, 1, 'SEALED', published || $3::jsonb, occurred_at, last_event_id from record where id = $2`,
          [randomUUID(), recordId, JSON.stringify({ supersedes: recordId, correction_reason: {}, ...change })],
        );
      await expect(plant({ [part]: parts[part] })).rejects.toThrow(/record_of_a_completed_service_event/);
      await expect(plant({ [part]: null })).rejects.toThrow(`null value in column "${part}"`);
      expect(parts.job_id).not.toBe(jobId);
    },
  );

  const completed = async () =>
    (
      await cast.governor.send(
        '{ serviceEvents(filter: { states: [COMPLETED] }) { totalCount } records { totalCount } }',
      )
    ).data;

  test('T-SP-30 allow: how much was done is counted in service events and records', async () => {
    const { jobId, holder, governor } = await newJob(cast);
    const before = await completed();
    await execute(holder, jobId, cast.operator);
    governor.learn(holder);
    const after = await completed();
    expect(after.serviceEvents.totalCount).toBe(before.serviceEvents.totalCount + 1);
    expect(after.records.totalCount).toBe(before.records.totalCount + 1);
  });

  test('T-SP-30 deny: a closed task counts for nothing', async () => {
    const { taskId, governor } = await newTask(cast);
    const before = await completed();
    await governor.mutate('closeTask', { taskId });
    expect(await completed()).toEqual(before);
  });

  test('T-SP-31 allow: the outcome is the execution’s, and once sealed the record’s', async () => {
    const { jobId, holder } = await newJob(cast);
    const recordId = await execute(holder, jobId, cast.operator);
    const { record } = await byId(holder, 'record(id: $id) { outcome content serviceEvent { outcome } }', recordId);
    expect(record).toMatchObject({ outcome: 'RESOLVED', serviceEvent: { outcome: 'RESOLVED' } });
    expect(JSON.parse(record.content).outcome).toBe('RESOLVED');
  });

  test('T-SP-31 deny: before it is completed there is no outcome and no record', async () => {
    const { serviceEventId, holder } = await startedJob(cast);
    const { serviceEvent } = await byId(holder, 'serviceEvent(id: $id) { outcome record { id } }', serviceEventId);
    expect(serviceEvent).toEqual({ outcome: null, record: null });
  });
});

describe('layers', () => {
  const services = () => [...system.services.keys()];

  test('T-SP-33 allow: every layer has a service, a database, roles and a topic of its own', async () => {
    const databases = [...system.databases.values()].map(({ appUrl }) => new URL(appUrl));
    expect(new Set(databases.map(({ pathname }) => pathname)).size).toBe(services().length);
    expect(new Set(databases.map(({ username }) => username)).size).toBe(services().length);
    await sealedRecord(cast);
    const observed = { ...system, brokers: system.stack.kafka.brokers };
    await relayed(observed);
    const topics = topicsOf(observed);
    expect(new Set(topics.values()).size).toBe(services().length);
    for (const { name, eventPrefix } of readContract(ROOT).services) {
      const values = await valuesOf(observed, topics.get(name) ?? '');
      expect(values.length, name).toBeGreaterThan(0);
      const strange = values
        .map((value) => JSON.parse(value).event_type)
        .filter((type) => !type.startsWith(`${eventPrefix}.`));
      expect(strange, name).toEqual([]);
    }
  });

  test('T-SP-33 deny: no service enters the database of another', async () => {
    for (const from of services()) {
      for (const to of services().filter((name) => name !== from)) {
        const foreign = new URL(system.databases.get(from)?.appUrl ?? '');
        foreign.pathname = new URL(system.databases.get(to)?.appUrl ?? '').pathname;
        const client = new Client({ connectionString: foreign.href });
        await expect(client.connect(), `${from} in ${to}`).rejects.toThrow(/permission denied for database/);
      }
    }
  });

  test('T-SP-33 deny: no service writes a fact of another, so none reaches its topic', () => {
    const contract = readContract(ROOT);
    for (const { name, eventPrefix } of contract.services) {
      const schemas = loadEventSchemas(join(ROOT, 'schema'), name, eventPrefix);
      for (const other of contract.services) {
        for (const event of other.events.filter(({ path }) => path.startsWith(`${other.name}/`))) {
          const sample = join(ROOT, 'test/golden/events', event.path.replace('/events/', '/'));
          const write = () => schemas.assertValid(JSON.parse(readFileSync(sample, 'utf8')));
          if (other.name === name) expect(write).not.toThrow();
          else expect(write, `${name}: ${event.path}`).toThrow(/has no schema/);
        }
      }
    }
  });
});
