import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byId, codeOf, DENIED } from '../harness/answers.ts';
import { activeOperator, assemble, type Cast, execute, handOff, submit } from '../harness/cast.ts';
import { assignedTask, newJob, newTask, startedJob } from '../harness/chains.ts';
import { asService } from '../harness/databases.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Visitor } from '../harness/visitor.ts';
import { creationsOf } from './creations.ts';
import { everyMutation } from './operations.ts';
import { COMMANDS, WHAT_IS_NEXT, walk } from './walk.ts';

let system: TestSystem;
let cast: Cast;
beforeAll(async () => {
  system = await startTestSystem();
  cast = await assemble(system);
});
afterAll(() => system?.stop());

const jobsOf = async (as: Visitor, taskId: string) =>
  (await as.send('query ($id: ID!) { jobs(filter: { taskId: $id }) { totalCount } }', { id: taskId })).data.jobs
    .totalCount;

describe('from the request to the job', () => {
  test('T-SP-01 allow: the hand-off of a task makes a job of that task and its intake', async () => {
    const { jobId, taskId, intakeId, governor } = await newJob(cast);
    const { job } = await byId(governor, 'job(id: $id) { task { id } intake { id } }', jobId);
    expect(job).toEqual({ task: { id: taskId }, intake: { id: intakeId } });
  });

  test('T-SP-01 deny: nothing else makes one, and none is made of nothing', async () => {
    // No transition but a hand-off ends in a job; what jobs itself may create is a request.
    expect(creationsOf('jobs')).toEqual(['request.submit']);
    const nothing = randomUUID();
    expect(codeOf(await cast.governor.attempt('createJob', { taskId: nothing }), 'createJob')).toBe('NOT_FOUND');
    const claim = await cast.holder.attempt('claimJob', { jobId: nothing, asOperator: cast.operator });
    expect(codeOf(claim, 'claimJob')).toBe('NOT_FOUND');
  });

  test('T-SP-01 deny: one put in by hand without its intake or task, or as another of both, is refused by the database', async () => {
    const { jobId, governor } = await newJob(cast);
    const { taskId: another } = await newTask(cast);
    const plant = (change: object) =>
      asService(
        system,
        'jobs',
        `insert into job (id, version, state, published, occurred_at, last_event_id)
          select $1::uuid, 1, 'QUEUED', published || jsonb_build_object('id', $1) || $3::jsonb, occurred_at, last_event_id
          from job where id = $2`,
        [randomUUID(), jobId, JSON.stringify(change)],
      );
    const assignment = { assignment_id: randomUUID() };
    expect((await byId(governor, 'job(id: $id) { state }', jobId)).job.state).toBe('QUEUED');
    await expect(plant(assignment)).rejects.toThrow(/one_job_per_intake_but_canceled/);
    // Beside a canceled one there may be another, of the same intake and its task.
    await governor.mutate('cancelJob', { jobId });
    await expect(plant({})).rejects.toThrow(/one_job_per_assignment/);
    for (const strange of [{ task_id: another }, { task_id: randomUUID() }, { intake_id: randomUUID() }]) {
      await expect(plant({ ...assignment, ...strange })).rejects.toThrow(/job_of_an_intake_and_its_task/);
    }
    for (const missing of ['intake_id', 'task_id', 'assignment_id']) {
      await expect(plant({ ...assignment, [missing]: null })).rejects.toThrow(`null value in column "${missing}"`);
    }
  });

  test('T-SP-02 allow: a governor assigns, and the operator sees the work', async () => {
    const { jobId, holder } = await newJob(cast);
    expect((await byId(holder, 'job(id: $id) { state }', jobId)).job).toEqual({ state: 'QUEUED' });
  });

  test('T-SP-02 deny: where a request comes from assigns nothing and shows nobody anything', async () => {
    const { taskId, governor, holder, intakeId } = await newTask(cast, { routingOrigin: cast.operator });
    const { task } = await byId(governor, 'task(id: $id) { audience routingOrigin assignment { id } }', taskId);
    expect(task).toEqual({ audience: 'ADMIN', routingOrigin: cast.operator, assignment: null });
    holder.learn(governor);
    expect(await byId(holder, 'task(id: $id) { id }', taskId)).toEqual({ task: null });
    expect(await byId(holder, 'intake(id: $id) { id }', intakeId)).toEqual({ intake: null });
  });

  test('T-SP-03 allow: an explicit createJob by a governor makes the job', async () => {
    const { taskId, governor } = await assignedTask(cast);
    await governor.mutate('createJob', { taskId });
    expect(await jobsOf(governor, taskId)).toBe(1);
  });

  test('T-SP-03 deny: assigning makes no job, and the assignee cannot make one', async () => {
    const { taskId, governor, holder } = await assignedTask(cast);
    expect(await jobsOf(governor, taskId)).toBe(0);
    expect(codeOf(await holder.learn(governor).attempt('createJob', { taskId }), 'createJob')).toBe('NOT_FOUND');
    expect(await jobsOf(governor, taskId)).toBe(0);
  });

  test('T-SP-04 allow: a human decides the step from task to job', async () => {
    const { taskId, governor } = await assignedTask(cast);
    const { job } = await governor.mutate('createJob', { taskId }, 'job { id state }');
    expect(job.state).toBe('QUEUED');
  });

  test('T-SP-04 deny: approved and assigned, with every fact seen everywhere, there is no job', async () => {
    const { taskId, intakeId, governor } = await assignedTask(cast);
    // The tokens make jobs answer only once it has the assignment.
    expect(await jobsOf(governor, taskId)).toBe(0);
    const { intake } = await byId(governor, 'intake(id: $id) { state job { id } }', intakeId);
    expect(intake).toEqual({ state: 'TASKED', job: null });
    expect(await asService(system, 'jobs', 'select id from job where task_id = $1', [taskId])).toEqual([]);
  });

  const deskOf = async (as: Visitor) =>
    (await as.send('{ desk(surface: "municipal") { queue(first: 100) { edges { node { id task { id } } } } } }')).data
      .desk.queue.edges as { node: { id: string; task: { id: string } } }[];

  test('T-SP-05 allow: a job is on the desk', async () => {
    const { jobId, holder } = await newJob(cast);
    expect((await deskOf(holder)).map(({ node }) => node.id)).toContain(jobId);
  });

  test('T-SP-05 deny: a task is not, whether open, approved or assigned', async () => {
    const { taskId: open } = await newTask(cast);
    const { taskId: approved } = await newTask(cast);
    const { taskId: assigned, governor, holder } = await assignedTask(cast);
    await governor.mutate('reviewTask', { taskId: approved });
    await governor.mutate('approveTask', { taskId: approved });
    for (const somebody of [governor, holder.learn(governor)]) {
      const shown = (await deskOf(somebody)).flatMap(({ node }) => [node.id, node.task.id]);
      for (const taskId of [open, approved, assigned]) expect(shown).not.toContain(taskId);
    }
  });

  test('T-SP-22 allow: a requester makes requests', async () => {
    const { intakeId } = await submit(cast.requester);
    const { intake } = await byId(cast.requester, 'intake(id: $id) { request { state } }', intakeId);
    expect(intake.request.state).toBe('CONVERTED');
  });

  test('T-SP-22 deny: and nothing else: no other mutation there is, on a chain of its own', async () => {
    const { jobId, taskId, intakeId, serviceEventId, requester, holder } = await startedJob(cast);
    requester.learn(holder);
    const { me } = (await holder.send('{ me { id } }')).data;
    const slugs = { operator: cast.operator, asOperator: cast.operator };
    const mutations = everyMutation({ jobId, taskId, serviceEventId, ...slugs, identityId: me.id });
    for (const { field, input } of mutations) {
      if (field === 'submitRequest' || field === 'registerIdentity') continue;
      expect(DENIED, field).toContain(codeOf(await requester.attempt(field, input), field));
    }
    const { intake } = await byId(requester, 'intake(id: $id) { state job { state } }', intakeId);
    expect(intake).toEqual({ state: 'IN_PROGRESS', job: { state: 'STARTED' } });
  });

  test('T-SP-23 allow: request, intake and task have ids of their own, and the intake follows the chain', async () => {
    const { governor, holder, intakeId, taskId, jobId } = await newJob(cast);
    await execute(holder, jobId, cast.operator);
    const chain = 'intake(id: $id) { state closure request { id state } history { edges { node { newState } } } }';
    const { intake } = await byId(governor.learn(holder), chain, intakeId);
    expect(new Set([intake.request.id, intakeId, taskId]).size).toBe(3);
    const passed = intake.history.edges.map(({ node }: { node: { newState: string } }) => node.newState);
    expect(passed).toEqual(['RECEIVED', 'TASKED', 'IN_PROGRESS', 'RECORDED', 'CLOSED']);
    expect(intake).toMatchObject({ state: 'CLOSED', closure: 'COMPLETED', request: { state: 'CONVERTED' } });
  });

  test('T-SP-23 deny: the id of one is not that of another', async () => {
    const { requester, governor, intakeId, taskId } = await newTask(cast);
    expect(await byId(requester, 'request(id: $id) { id }', intakeId)).toEqual({ request: null });
    expect(await byId(requester, 'intake(id: $id) { id }', taskId)).toEqual({ intake: null });
    expect(await byId(governor, 'task(id: $id) { id }', intakeId)).toEqual({ task: null });
  });

  test('T-SP-24 allow: what, by whom, which channel, on which surface', async () => {
    const said = { what: 'A lamp is out', channel: 'ONLINE', actor: { reference: 'neighbour' } };
    const { intakeId } = await submit(cast.requester, said);
    const parts = 'intake(id: $id) { request { what channel surface actor { reference } } }';
    const { intake } = await byId(cast.requester, parts, intakeId);
    expect(intake.request).toEqual({ ...said, surface: 'municipal' });
  });

  test.each([null, '', ' '])(
    'T-SP-24 deny: a request without one of them is refused, and says which',
    async (empty) => {
      const whole = { surface: 'municipal', what: 'x', channel: 'PHONE', actor: { reference: 'r' } };
      for (const field of ['what', 'channel', 'surface', 'actor.reference']) {
        const part =
          field === 'actor.reference' ? { actor: empty === null ? null : { reference: empty } } : { [field]: empty };
        const { data } = await cast.requester.attempt('submitRequest', { ...whole, ...part });
        const { code, details } = data.submitRequest.refusal;
        expect({ code, details }).toEqual({ code: 'REQUEST_INCOMPLETE', details: [{ name: field, value: 'missing' }] });
      }
    },
  );

  const SNAPSHOT =
    'what channel surface packVersion category contact location { address } attributes { name value } receivedAt dueAt';
  const WHOLE = {
    category: 'Noise',
    location: { address: '1 Main Street' },
    attributes: [{ name: 'floor', value: 'third' }],
    dueAt: '2030-01-01T00:00:00.000000Z',
  };

  test('T-SP-26 allow: a job carries its intake as it was submitted, from its creation to its end', async () => {
    const { jobId, intakeId, governor, holder } = await newJob(cast, WHOLE);
    const of = async () =>
      (await byId(governor, `job(id: $id) { intakeSnapshot { ${SNAPSHOT} } }`, jobId)).job.intakeSnapshot;
    const { intake } = await byId(governor, `intake(id: $id) { ${SNAPSHOT} }`, intakeId);
    expect(intake).toMatchObject(WHOLE);
    expect(await of()).toEqual(intake);
    await execute(holder, jobId, cast.operator);
    governor.learn(holder);
    expect(await of()).toEqual(intake);
  });

  test('T-SP-26 deny: neither other words under the same key nor what is decided of the task changes it', async () => {
    const { requester, governor } = cast;
    const idempotencyKey = requester.key();
    const { intakeId, taskId } = await submit(requester, { ...WHOLE, idempotencyKey, what: 'The first words' });
    const again = { surface: 'municipal', what: 'Other words', channel: 'PHONE', actor: { reference: 'caller' } };
    const answer = await requester.attempt('submitRequest', { ...again, idempotencyKey });
    expect(codeOf(answer, 'submitRequest')).toBe('IDEMPOTENCY_CONFLICT');
    await governor
      .learn(requester)
      .mutate('reviewTask', { taskId, dueAt: '2029-01-01T00:00:00.000000Z', risk: 'HIGH' });
    const jobId = await handOff(governor, taskId, { operator: cast.operator });
    const { job } = await byId(governor, 'job(id: $id) { dueAt intakeSnapshot { what dueAt } }', jobId);
    expect(job.dueAt).toBe('2029-01-01T00:00:00.000000Z');
    expect(job.intakeSnapshot).toEqual({ what: 'The first words', dueAt: WHOLE.dueAt });
    expect((await byId(requester, 'intake(id: $id) { what }', intakeId)).intake.what).toBe('The first words');
  });
});

describe('job, execution, task: each its own', () => {
  test('T-SP-06 allow: the state of a job and that of its service event are read side by side', async () => {
    const { jobId, governor, holder } = await startedJob(cast);
    governor.learn(holder);
    const { job } = await byId(governor, 'job(id: $id) { state serviceEvent { state stage } }', jobId);
    expect(job).toEqual({ state: 'STARTED', serviceEvent: { state: 'STARTED', stage: 'inspection' } });
  });

  test('T-SP-06 deny: a stage changes nothing of the job', async () => {
    const { jobId, holder } = await startedJob(cast);
    const before = await byId(holder, 'job(id: $id) { state version }', jobId);
    await holder.mutate('advanceStage', { jobId, toStage: 'resolution' });
    expect(await byId(holder, 'job(id: $id) { state version }', jobId)).toEqual(before);
  });

  test('T-SP-07 allow: the operator starts what it claimed', async () => {
    const { serviceEventId, holder, jobId } = await startedJob(cast);
    const { serviceEvent } = await byId(
      holder,
      'serviceEvent(id: $id) { state job { id } operator { slug } }',
      serviceEventId,
    );
    expect(serviceEvent).toEqual({ state: 'STARTED', job: { id: jobId }, operator: { slug: cast.operator } });
  });

  test('T-SP-07 deny: nobody else starts it, and nobody twice', async () => {
    const { jobId, governor, holder } = await newJob(cast);
    await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
    const other = await activeOperator(system, cast.governor, cast.secondGovernor);
    for (const somebody of [governor, cast.requester, other.holder]) {
      const answer = await somebody.learn(holder).attempt('startJob', { jobId });
      expect(DENIED).toContain(codeOf(answer, 'startJob'));
    }
    await holder.mutate('startJob', { jobId });
    expect(codeOf(await holder.attempt('startJob', { jobId }), 'startJob')).toBe('WRONG_STATE');
    await byId(holder, 'job(id: $id) { serviceEvent { state } }', jobId);
    const second = `insert into service_event (id, version, state, published, occurred_at, last_event_id)
      select $1::uuid, 1, state, published || jsonb_build_object('id', $1), occurred_at, last_event_id
      from service_event where job_id = $2`;
    const planted = asService(system, 'workflow', second, [randomUUID(), jobId]);
    await expect(planted).rejects.toThrow(/one_service_event_per_job/);
  });

  test('T-SP-11 allow: any id of a chain leads to the whole of it', async () => {
    const { requester, holder, governor, jobId, intakeId, taskId } = await newJob(cast);
    const recordId = await execute(holder, jobId, cast.operator);
    governor.learn(holder, requester);
    const chain = `trace(id: $id) { request { id } intake { id } task { id } actor { id }
      jobs { id assignment { id } serviceEvent { id record { id } } } }`;
    const { trace } = await byId(governor, chain, recordId);
    const [job] = trace.jobs;
    expect(trace).toEqual({
      request: { id: expect.any(String) },
      actor: { id: expect.any(String) },
      intake: { id: intakeId },
      task: { id: taskId },
      jobs: [
        {
          id: jobId,
          assignment: { id: expect.any(String) },
          serviceEvent: { id: expect.any(String), record: { id: recordId } },
        },
      ],
    });
    for (const id of [trace.request.id, intakeId, taskId, jobId, job.serviceEvent.id]) {
      expect((await byId(governor, chain, id)).trace, id).toEqual(trace);
    }
  });

  test('T-SP-11 deny: whoever has no part in it sees none of it, by whichever id', async () => {
    const { jobId, intakeId, taskId, serviceEventId, holder } = await startedJob(cast);
    const stranger = system.visitor({ roles: ['requester'] });
    await stranger.register();
    stranger.learn(holder);
    for (const id of [jobId, intakeId, taskId, serviceEventId, randomUUID()]) {
      expect(await byId(stranger, 'trace(id: $id) { id }', id)).toEqual({ trace: null });
    }
  });

  test('T-SP-12 allow: a completed job leaves its task open until a governor closes it', async () => {
    const { jobId, taskId, holder, governor } = await newJob(cast);
    await execute(holder, jobId, cast.operator);
    governor.learn(holder);
    expect((await byId(governor, 'task(id: $id) { state }', taskId)).task.state).toBe('ASSIGNED');
    const { task } = await governor.mutate('closeTask', { taskId }, 'task { state }');
    expect(task.state).toBe('CLOSED');
  });

  test('T-SP-12 deny: closing a task ends no job', async () => {
    const { jobId, taskId, governor, holder } = await newJob(cast);
    await governor.mutate('closeTask', { taskId });
    expect((await byId(governor, 'job(id: $id) { state }', jobId)).job.state).toBe('QUEUED');
    await holder.learn(governor).mutate('claimJob', { jobId, asOperator: cast.operator });
  });

  test('T-SP-13 allow: execution and job are completed one after the other, each by its own command', async () => {
    const { jobId, holder } = await newJob(cast);
    await execute(holder, jobId, cast.operator);
    const { job } = await byId(holder, 'job(id: $id) { state completedAt serviceEvent { state completedAt } }', jobId);
    expect(job).toMatchObject({ state: 'COMPLETED', serviceEvent: { state: 'COMPLETED' } });
    expect(job.completedAt > job.serviceEvent.completedAt).toBe(true);
  });

  test('T-SP-13 deny: a job is not completed before its execution, nor by it', async () => {
    const { jobId, holder } = await startedJob(cast);
    expect(codeOf(await holder.attempt('completeJob', { jobId }), 'completeJob')).toBe('SERVICE_EVENT_NOT_COMPLETED');
    await holder.mutate('advanceStage', { jobId, toStage: 'resolution' });
    await holder.mutate('attachEvidence', { jobId, kind: 'NOTE', note: 'Done' });
    await holder.mutate('completeServiceEvent', { jobId, outcome: 'RESOLVED' });
    expect((await byId(holder, 'job(id: $id) { state }', jobId)).job.state).toBe('STARTED');
  });

  test('T-SP-28 allow: every step in its turn', async () => {
    const { jobId, holder } = await newJob(cast);
    await execute(holder, jobId, cast.operator);
    const passed = 'history { edges { node { newState } } }';
    const { job } = await byId(holder, `job(id: $id) { ${passed} serviceEvent { ${passed} } }`, jobId);
    const statesOf = ({ history }: { history: { edges: { node: { newState: string } }[] } }) =>
      history.edges.map(({ node }) => node.newState);
    expect(statesOf(job)).toEqual(['QUEUED', 'CLAIMED', 'STARTED', 'COMPLETED']);
    expect(statesOf(job.serviceEvent)).toEqual(['STARTED', 'IN_STAGE', 'COMPLETED']);
  });

  test('T-SP-28 deny: none is skipped and none reversed, whatever is tried in whatever order', async () => {
    const tally = { accepted: 0, refused: 0, records: 0 };
    const walks = fc.array(fc.oneof(fc.constant(WHAT_IS_NEXT), fc.constantFrom(...COMMANDS)), {
      minLength: 40,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(walks, (commands) => walk(cast, commands, tally)),
      // The first of them goes straight to the record and tries one step more than there is.
      { examples: [[Array.from({ length: 11 }, () => WHAT_IS_NEXT)]], numRuns: 4, endOnFailure: true },
    );
    process.stdout.write(`random walks: ${JSON.stringify(tally)}\n`);
    expect(tally.records).toBeGreaterThan(0);
    expect(tally.refused).toBeGreaterThan(0);
  });
});
