import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { openTown, PEOPLE, startedJob, type Town } from './town.ts';

const { holder, executor } = PEOPLE;

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.stop());

const FILE = { sha256: 'a'.repeat(64), sizeBytes: 5_000_000_000, storageRef: 's3://proofs/1' };

describe('the start of a job', () => {
  test('begins its execution at the first stage of the pack, as a consequence of that decision', async () => {
    const job = startedJob({ surface: 'freight' });
    await town.feed(job);
    const id = job.event.state.service_event_id;
    const { data } = await town.ask(
      holder,
      `query ($id: ID!) { serviceEvent(id: $id) { state stage version job { id } operator { slug } pack { surface version }
        stages { name leftAt } requirements { stage kind minimum validated } record { id } records { id }
        history { edges { node { transition clause actorKind } } } } }`,
      { id },
    );
    expect(data.serviceEvent).toEqual({
      state: 'STARTED',
      stage: 'pickup',
      version: 1,
      job: { id: job.event.aggregate_id },
      operator: { slug: 'crew' },
      pack: { surface: 'freight', version: 1 },
      stages: [{ name: 'pickup', leftAt: null }],
      requirements: [
        { stage: 'pickup', kind: 'PHOTO', minimum: 1, validated: 0 },
        { stage: 'delivered', kind: 'SIGNATURE', minimum: 1, validated: 0 },
        { stage: 'delivered', kind: 'DOCUMENT', minimum: 1, validated: 0 },
      ],
      record: null,
      records: [],
      history: {
        edges: [{ node: { transition: 'service_event.start', clause: 'consequence', actorKind: 'HUMAN' } }],
      },
    });
    const cause = (job.event as unknown as { event_id: string }).event_id;
    const [row] = await town.rows('select causation_id from journal where aggregate_id = $1', [id]);
    expect(row?.causation_id).toBe(cause);
  });

  test('begins it once, however often it is told (T-SP-07 allow)', async () => {
    const job = startedJob();
    await town.feed(job, job);
    const { service_event_id: id, ...state } = job.event.state;
    await town.feed(foreignFact('jobs', 'job_started', { ...state, service_event_id: id }, { aggregate_version: 6 }));
    expect(await town.rows('select id from service_event where job_id = $1', [job.event.aggregate_id])).toEqual([
      { id },
    ]);
    expect(await town.rows('select 1 from journal where aggregate_id = $1', [id])).toHaveLength(1);
  });

  test('waits for a human where the pack it names is not here, and what follows of that job waits behind it', async () => {
    const job = startedJob({ packVersion: 99 });
    await town.feed(job);
    expect(await town.rows('select 1 from service_event where job_id = $1', [job.event.aggregate_id])).toEqual([]);
    const parked = await town.rows('select reason from parked_event where key = $1', [job.event.aggregate_id]);
    expect(parked).toEqual([{ reason: 'there is no pack municipal:99' }]);
  });
});

describe('an execution', () => {
  test('goes stage by stage, with the evidence each requires, to a sealed record', async () => {
    const { jobId, serviceEventId } = await town.begin({ surface: 'freight' });
    const attach = (input: object) =>
      town.mutate(holder, 'attachEvidence', { jobId, ...input }, 'evidence { id state stage note sizeBytes }');

    const early = await town.attempt(holder, 'advanceStage', { jobId, toStage: 'in_transit' });
    expect(early.data.advanceStage.refusal).toMatchObject({
      code: 'EVIDENCE_MISSING',
      currentState: 'STARTED',
      details: [{ name: 'pickup.PHOTO', value: '0 of 1' }],
    });
    const incomplete = await attach({ kind: 'PHOTO', sha256: FILE.sha256 });
    expect(incomplete.evidence).toMatchObject({ state: 'ATTACHED', stage: 'pickup' });
    const still = await town.attempt(holder, 'advanceStage', { jobId, toStage: 'in_transit' });
    expect(still.data.advanceStage.refusal.code).toBe('EVIDENCE_MISSING');
    const photo = await attach({ kind: 'PHOTO', ...FILE, mediaType: 'image/jpeg' });
    expect(photo.evidence).toMatchObject({ state: 'VALIDATED', sizeBytes: 5_000_000_000 });

    const { serviceEvent } = await town.mutate(
      executor,
      'advanceStage',
      { jobId, toStage: 'in_transit', expectedVersion: 1 },
      'serviceEvent { id state stage version }',
    );
    expect(serviceEvent).toEqual({ id: serviceEventId, state: 'IN_STAGE', stage: 'in_transit', version: 2 });
    await town.mutate(holder, 'advanceStage', { serviceEventId, toStage: 'delivered' });
    await attach({ kind: 'SIGNATURE', ...FILE, mediaType: 'image/png' });
    await attach({ kind: 'DOCUMENT', ...FILE, mediaType: 'application/pdf' });
    const note = await attach({ kind: 'NOTE', note: 'Left at the gate\u0085as told' });
    expect(note.evidence.note).toBe('Left at the gate\u0085as told');

    const done = await town.mutate(
      holder,
      'completeServiceEvent',
      { jobId, outcome: 'DELIVERED' },
      `serviceEvent { state outcome version record { id } stages { name leftAt } requirements { validated } }
       record { id sha256 sizeBytes content outcome packVersion evidence { kind state } supersedes { id } supersededBy { id } }`,
    );
    expect(done.serviceEvent).toMatchObject({
      state: 'COMPLETED',
      outcome: 'DELIVERED',
      version: 4,
      record: { id: done.record.id },
    });
    expect(done.serviceEvent.stages.every(({ leftAt }: { leftAt: string | null }) => leftAt !== null)).toBe(true);
    // Incomplete evidence is kept, but it is no part of the account.
    expect(done.record.evidence.map(({ kind }: { kind: string }) => kind)).toEqual([
      'PHOTO',
      'SIGNATURE',
      'DOCUMENT',
      'NOTE',
    ]);
    expect(done.record).toMatchObject({ outcome: 'DELIVERED', packVersion: 1, supersedes: null, supersededBy: null });
    expect(Buffer.byteLength(done.record.content)).toBe(done.record.sizeBytes);
    expect(done.record.content).not.toContain('gate');
  });

  test('a key that was used gives the same again, and does nothing', async () => {
    const { jobId, serviceEventId } = await town.begin();
    const once = { jobId, idempotencyKey: `advance ${jobId}`, toStage: 'resolution' };
    const selection = 'serviceEvent { id state stage version }';
    const first = await town.mutate(holder, 'advanceStage', once, selection);
    expect(await town.mutate(holder, 'advanceStage', once, selection)).toEqual(first);
    const note = { jobId, idempotencyKey: `note ${jobId}`, kind: 'NOTE', note: 'Seen' };
    const evidence = await town.mutate(holder, 'attachEvidence', note, 'evidence { id note }');
    expect(await town.mutate(holder, 'attachEvidence', note, 'evidence { id note }')).toEqual(evidence);
    const end = { jobId, idempotencyKey: `complete ${jobId}`, outcome: 'RESOLVED' };
    const both = 'serviceEvent { id state } record { id sha256 }';
    const completed = await town.mutate(holder, 'completeServiceEvent', end, both);
    expect(await town.mutate(holder, 'completeServiceEvent', end, both)).toEqual(completed);
    const conflict = await town.attempt(holder, 'completeServiceEvent', { ...end, outcome: 'NO_ACTION_NEEDED' });
    expect(conflict.data.completeServiceEvent.refusal.code).toBe('IDEMPOTENCY_CONFLICT');
    expect(await town.rows('select 1 from evidence where service_event_id = $1', [serviceEventId])).toHaveLength(1);
    expect(await town.rows('select 1 from record where service_event_id = $1', [serviceEventId])).toHaveLength(1);
  });

  test('ends once: of 20 completions at the same time one seals a record (T-SP-14 allow)', async () => {
    const { jobId, serviceEventId } = await town.begin();
    await town.mutate(holder, 'advanceStage', { jobId, toStage: 'resolution' });
    await town.mutate(holder, 'attachEvidence', { jobId, kind: 'NOTE', note: 'Done' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => town.attempt(holder, 'completeServiceEvent', { jobId, outcome: 'RESOLVED' })),
    );
    const refusals = answers.map(({ data }) => data.completeServiceEvent.refusal);
    expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
    for (const refusal of refusals.filter((one) => one !== null)) {
      expect(refusal).toMatchObject({ code: 'WRONG_STATE', currentState: 'COMPLETED' });
    }
    expect(await town.rows('select 1 from record where service_event_id = $1', [serviceEventId])).toHaveLength(1);
  });

  test('is aborted with a reason that only the people of the work read; then nothing more happens to it', async () => {
    const { jobId } = await town.begin();
    const { serviceEvent } = await town.mutate(
      holder,
      'abortServiceEvent',
      { jobId, reason: 'Wrong address' },
      'serviceEvent { id state abortReason abortedBy { id } record { id } }',
    );
    expect(serviceEvent).toMatchObject({
      state: 'ABORTED',
      abortReason: 'Wrong address',
      abortedBy: { id: holder.identityId },
      record: null,
    });
    for (const [field, input] of [
      ['advanceStage', { toStage: 'resolution' }],
      ['attachEvidence', { kind: 'NOTE', note: 'Late' }],
      ['completeServiceEvent', { outcome: 'RESOLVED' }],
      ['abortServiceEvent', { reason: 'Again' }],
    ] as const) {
      const { data } = await town.attempt(holder, field, { jobId, ...input });
      expect(data[field].refusal).toMatchObject({ code: 'WRONG_STATE', currentState: 'ABORTED' });
    }
  });
});

describe('what a command names', () => {
  test('is one execution, by its id or by that of its job', async () => {
    const { jobId, serviceEventId } = await town.begin();
    for (const ids of [{}, { jobId, serviceEventId }]) {
      const { data } = await town.attempt(holder, 'advanceStage', { ...ids, toStage: 'resolution' });
      expect(data.advanceStage.refusal.code).toBe('INVALID_INPUT');
    }
    const malformed = await town.attempt(holder, 'advanceStage', { jobId: 'seven', toStage: 'resolution' });
    expect(malformed.data.advanceStage.refusal.code).toBe('INVALID_INPUT');
    const unknown = await town.attempt(holder, 'advanceStage', {
      jobId: '019b8d2e-7a00-7000-8000-00000000ffff',
      toStage: 'resolution',
    });
    expect(unknown.data.advanceStage.refusal.code).toBe('NOT_FOUND');
  });

  test('is that version of it', async () => {
    const { jobId } = await town.begin();
    const { data } = await town.attempt(holder, 'advanceStage', { jobId, toStage: 'resolution', expectedVersion: 2 });
    expect(data.advanceStage.refusal).toMatchObject({
      code: 'VERSION_CONFLICT',
      details: [{ name: 'version', value: '1' }],
    });
  });
});
