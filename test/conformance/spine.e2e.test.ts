import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activeOperator, assemble, type Cast, execute, handOff, submit } from '../harness/cast.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Answer, Visitor } from '../harness/visitor.ts';

let system: TestSystem;
let cast: Cast;
beforeAll(async () => {
  system = await startTestSystem();
  cast = await assemble(system);
});
afterAll(() => system?.stop());

const codeOf = ({ data, errors }: Answer, field: string) =>
  data?.[field]?.refusal?.code ?? errors[0]?.extensions.code ?? 'ACCEPTED';

const byId = async (as: Visitor, selection: string, id: string) =>
  (await as.send(`query ($id: ID!) { ${selection} }`, { id })).data;

/** A chain of its own for every test, up to where the test begins. */
async function newTask(change: object = {}) {
  const { requester, governor, holder } = cast;
  const ids = await submit(requester, change);
  governor.learn(requester);
  return { ...ids, requester, governor, holder };
}

async function assignedTask() {
  const chain = await newTask();
  const { governor, taskId } = chain;
  await governor.mutate('reviewTask', { taskId });
  await governor.mutate('approveTask', { taskId });
  await governor.mutate('assignTask', { taskId, operator: cast.operator });
  return chain;
}

async function newJob() {
  const chain = await newTask();
  const jobId = await handOff(chain.governor, chain.taskId, { operator: cast.operator });
  chain.holder.learn(chain.governor);
  return { ...chain, jobId };
}

async function startedJob() {
  const chain = await newJob();
  await chain.holder.mutate('claimJob', { jobId: chain.jobId, asOperator: cast.operator });
  const { serviceEvent } = await chain.holder.mutate('startJob', { jobId: chain.jobId }, 'serviceEvent { id }');
  return { ...chain, serviceEventId: serviceEvent.id as string };
}

const jobsOf = async (as: Visitor, taskId: string) =>
  (await as.send('query ($id: ID!) { jobs(filter: { taskId: $id }) { totalCount } }', { id: taskId })).data.jobs
    .totalCount;

describe('from the request to the job', () => {
  test('T-SP-01 allow: the hand-off of a task makes a job of that task and its intake', async () => {
    const { jobId, taskId, intakeId, governor } = await newJob();
    const { job } = await byId(governor, 'job(id: $id) { task { id } intake { id } }', jobId);
    expect(job).toEqual({ task: { id: taskId }, intake: { id: intakeId } });
  });

  test('T-SP-01 deny: nothing else makes one: no mutation of jobs does, and the hand-off of nothing is refused', async () => {
    const { governor } = cast;
    const answer = await governor.attempt('createJob', { taskId: '019b8d2e-7a00-7000-8000-000000000099' });
    expect(codeOf(answer, 'createJob')).toBe('NOT_FOUND');
    expect(
      codeOf(
        await governor.attempt('claimJob', {
          jobId: '019b8d2e-7a00-7000-8000-000000000098',
          asOperator: cast.operator,
        }),
        'claimJob',
      ),
    ).toBe('NOT_FOUND');
  });

  test('T-SP-02 allow: a governor assigns, and the operator sees the work', async () => {
    const { jobId, holder } = await newJob();
    expect((await byId(holder, 'job(id: $id) { state }', jobId)).job).toEqual({ state: 'QUEUED' });
  });

  test('T-SP-02 deny: where a request comes from assigns nothing and shows nobody anything', async () => {
    const { taskId, governor, holder, intakeId } = await newTask({ routingOrigin: cast.operator });
    const { task } = await byId(governor, 'task(id: $id) { audience routingOrigin assignment { id } }', taskId);
    expect(task).toEqual({ audience: 'ADMIN', routingOrigin: cast.operator, assignment: null });
    holder.learn(governor);
    expect(await byId(holder, 'task(id: $id) { id }', taskId)).toEqual({ task: null });
    expect(await byId(holder, 'intake(id: $id) { id }', intakeId)).toEqual({ intake: null });
  });

  test('T-SP-03 allow: an explicit createJob by a governor makes the job', async () => {
    const { taskId, governor } = await assignedTask();
    await governor.mutate('createJob', { taskId });
    expect(await jobsOf(governor, taskId)).toBe(1);
  });

  test('T-SP-03 deny: assigning makes no job, and the assignee cannot make one', async () => {
    const { taskId, governor, holder } = await assignedTask();
    expect(await jobsOf(governor, taskId)).toBe(0);
    expect(codeOf(await holder.learn(governor).attempt('createJob', { taskId }), 'createJob')).toBe('NOT_FOUND');
    expect(await jobsOf(governor, taskId)).toBe(0);
  });

  test('T-SP-04 allow: a human decides the step from task to job', async () => {
    const { taskId, governor } = await assignedTask();
    const { job } = await governor.mutate('createJob', { taskId }, 'job { id state }');
    expect(job.state).toBe('QUEUED');
  });

  test('T-SP-04 deny: approved and assigned, with every fact seen everywhere, there is no job', async () => {
    const { taskId, intakeId, governor } = await assignedTask();
    // The tokens make jobs answer only once it has the assignment.
    expect(await jobsOf(governor, taskId)).toBe(0);
    const { intake } = await byId(governor, 'intake(id: $id) { state job { id } }', intakeId);
    expect(intake).toEqual({ state: 'TASKED', job: null });
  });

  const deskOf = async (as: Visitor) =>
    (await as.send('{ desk(surface: "municipal") { queue(first: 100) { edges { node { id task { id } } } } } }')).data
      .desk.queue.edges as { node: { id: string; task: { id: string } } }[];

  test('T-SP-05 allow: a job is on the desk', async () => {
    const { jobId, holder } = await newJob();
    expect((await deskOf(holder)).map(({ node }) => node.id)).toContain(jobId);
  });

  test('T-SP-05 deny: a task is not, whether open, approved or assigned', async () => {
    const { taskId: open } = await newTask();
    const { taskId: assigned, governor } = await assignedTask();
    const tasks = (await deskOf(governor)).map(({ node }) => node.task.id);
    expect(tasks).not.toContain(open);
    expect(tasks).not.toContain(assigned);
  });

  test('T-SP-22 allow: a requester makes requests', async () => {
    expect((await submit(cast.requester)).taskId).toEqual(expect.any(String));
  });

  test('T-SP-22 deny: and nothing else: no task, no job and no execution moves by it', async () => {
    const { requester, taskId, jobId } = await newJob();
    const attempts: readonly [string, object][] = [
      ['reviewTask', { taskId }],
      ['approveTask', { taskId }],
      ['rejectTask', { taskId }],
      ['assignTask', { taskId, operator: cast.operator }],
      ['createJob', { taskId }],
      ['closeTask', { taskId }],
      ['claimJob', { jobId, asOperator: cast.operator }],
      ['startJob', { jobId }],
      ['cancelJob', { jobId }],
      ['advanceStage', { jobId, toStage: 'resolution' }],
      ['completeServiceEvent', { jobId, outcome: 'RESOLVED' }],
    ];
    requester.learn(cast.governor);
    for (const [field, input] of attempts) {
      expect(['NOT_FOUND', 'FORBIDDEN'], field).toContain(codeOf(await requester.attempt(field, input), field));
    }
  });

  test('T-SP-23 allow: request, intake and task have ids of their own, and the intake follows the chain', async () => {
    const { requester, intakeId, taskId } = await newTask();
    const { intake } = await byId(requester, 'intake(id: $id) { state request { id } }', intakeId);
    expect(new Set([intake.request.id, intakeId, taskId]).size).toBe(3);
    expect(['RECEIVED', 'TASKED']).toContain(intake.state);
  });

  test('T-SP-23 deny: the id of one is not that of another', async () => {
    const { requester, governor, intakeId, taskId } = await newTask();
    expect(await byId(requester, 'request(id: $id) { id }', intakeId)).toEqual({ request: null });
    expect(await byId(requester, 'intake(id: $id) { id }', taskId)).toEqual({ intake: null });
    expect(await byId(governor, 'task(id: $id) { id }', intakeId)).toEqual({ task: null });
  });

  test('T-SP-24 allow: what, by whom, which channel, on which surface', async () => {
    expect((await submit(cast.requester, { channel: 'ONLINE' })).intakeId).toEqual(expect.any(String));
  });

  test.each(['what', 'channel', 'surface', 'actor'])(
    'T-SP-24 deny: a request without one of them is refused',
    async (field) => {
      const whole = { surface: 'municipal', what: 'x', channel: 'PHONE', actor: { reference: 'r' } };
      const answer = await cast.requester.attempt('submitRequest', { ...whole, [field]: null });
      expect(codeOf(answer, 'submitRequest'), field).toBe('REQUEST_INCOMPLETE');
    },
  );

  test('T-SP-26 allow: a job carries its intake as it was submitted, from its creation to its end', async () => {
    const { jobId, intakeId, governor, holder } = await newJob();
    const snapshot = 'what channel surface category attributes { name value }';
    const of = async () =>
      (await byId(governor, `job(id: $id) { intakeSnapshot { ${snapshot} } }`, jobId)).job.intakeSnapshot;
    const { intake } = await byId(governor, `intake(id: $id) { ${snapshot} }`, intakeId);
    expect(await of()).toEqual(intake);
    await execute(holder, jobId, cast.operator);
    governor.learn(holder);
    expect(await of()).toEqual(intake);
  });

  test('T-SP-26 deny: other words under the same key change nothing', async () => {
    const { requester } = cast;
    const idempotencyKey = requester.key();
    const { intakeId } = await submit(requester, { idempotencyKey, what: 'The first words' });
    const again = { surface: 'municipal', what: 'Other words', channel: 'PHONE', actor: { reference: 'caller' } };
    const answer = await requester.attempt('submitRequest', { ...again, idempotencyKey });
    expect(codeOf(answer, 'submitRequest')).toBe('IDEMPOTENCY_CONFLICT');
    expect((await byId(requester, 'intake(id: $id) { what }', intakeId)).intake.what).toBe('The first words');
  });
});

describe('job, execution, task: each its own', () => {
  test('T-SP-06 allow: the state of a job and that of its service event are read side by side', async () => {
    const { jobId, governor, holder } = await startedJob();
    governor.learn(holder);
    const { job } = await byId(governor, 'job(id: $id) { state serviceEvent { state stage } }', jobId);
    expect(job).toEqual({ state: 'STARTED', serviceEvent: { state: 'STARTED', stage: 'inspection' } });
  });

  test('T-SP-06 deny: a stage changes nothing of the job', async () => {
    const { jobId, holder } = await startedJob();
    const before = await byId(holder, 'job(id: $id) { state version }', jobId);
    await holder.mutate('advanceStage', { jobId, toStage: 'resolution' });
    expect(await byId(holder, 'job(id: $id) { state version }', jobId)).toEqual(before);
  });

  test('T-SP-07 allow: the operator starts what it claimed', async () => {
    const { serviceEventId } = await startedJob();
    expect(serviceEventId).toEqual(expect.any(String));
  });

  test('T-SP-07 deny: nobody else starts it, and nobody twice', async () => {
    const { jobId, governor, holder } = await newJob();
    await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
    const other = await activeOperator(system, cast.governor, cast.secondGovernor);
    for (const somebody of [governor, cast.requester, other.holder]) {
      const answer = await somebody.learn(holder).attempt('startJob', { jobId });
      expect(['NOT_FOUND', 'FORBIDDEN']).toContain(codeOf(answer, 'startJob'));
    }
    await holder.mutate('startJob', { jobId });
    expect(codeOf(await holder.attempt('startJob', { jobId }), 'startJob')).toBe('WRONG_STATE');
  });

  test('T-SP-11 allow: any id of a chain leads to the whole of it', async () => {
    const { requester, holder, governor, jobId, intakeId, taskId } = await newJob();
    const recordId = await execute(holder, jobId, cast.operator);
    governor.learn(holder, requester);
    const chain = `trace(id: $id) { request { id } intake { id } task { id } actor { id }
      jobs { id assignment { id } serviceEvent { id record { id } } } }`;
    const traces = await Promise.all([intakeId, taskId, jobId, recordId].map((id) => byId(governor, chain, id)));
    for (const { trace } of traces) expect(trace).toEqual(traces[0].trace);
    expect(traces[0].trace).toMatchObject({
      request: { id: expect.any(String) },
      actor: { id: expect.any(String) },
      jobs: [{ id: jobId, assignment: { id: expect.any(String) }, serviceEvent: { record: { id: recordId } } }],
    });
  });

  test('T-SP-11 deny: whoever has no part in it sees none of it', async () => {
    const { jobId, governor } = await newJob();
    const stranger = system.visitor({ roles: ['requester'] });
    await stranger.register();
    expect(await byId(stranger.learn(governor), 'trace(id: $id) { id }', jobId)).toEqual({ trace: null });
  });

  test('T-SP-12 allow: a completed job leaves its task open until a governor closes it', async () => {
    const { jobId, taskId, holder, governor } = await newJob();
    await execute(holder, jobId, cast.operator);
    governor.learn(holder);
    expect((await byId(governor, 'task(id: $id) { state }', taskId)).task.state).toBe('ASSIGNED');
    const { task } = await governor.mutate('closeTask', { taskId }, 'task { state }');
    expect(task.state).toBe('CLOSED');
  });

  test('T-SP-12 deny: closing a task ends no job', async () => {
    const { jobId, taskId, governor, holder } = await newJob();
    await governor.mutate('closeTask', { taskId });
    expect((await byId(governor, 'job(id: $id) { state }', jobId)).job.state).toBe('QUEUED');
    await holder.learn(governor).mutate('claimJob', { jobId, asOperator: cast.operator });
  });

  test('T-SP-13 allow: execution and job are completed one after the other, each by its own command', async () => {
    const { jobId, holder } = await newJob();
    await execute(holder, jobId, cast.operator);
    const { job } = await byId(holder, 'job(id: $id) { state completedAt serviceEvent { state completedAt } }', jobId);
    expect(job).toMatchObject({ state: 'COMPLETED', serviceEvent: { state: 'COMPLETED' } });
    expect(job.completedAt > job.serviceEvent.completedAt).toBe(true);
  });

  test('T-SP-13 deny: a job is not completed before its execution, nor by it', async () => {
    const { jobId, holder } = await startedJob();
    expect(codeOf(await holder.attempt('completeJob', { jobId }), 'completeJob')).toBe('SERVICE_EVENT_NOT_COMPLETED');
    await holder.mutate('advanceStage', { jobId, toStage: 'resolution' });
    await holder.mutate('attachEvidence', { jobId, kind: 'NOTE', note: 'Done' });
    await holder.mutate('completeServiceEvent', { jobId, outcome: 'RESOLVED' });
    expect((await byId(holder, 'job(id: $id) { state }', jobId)).job.state).toBe('STARTED');
  });

  test('T-SP-28 allow: every step in its turn', async () => {
    const { jobId, holder } = await newJob();
    expect(await execute(holder, jobId, cast.operator)).toEqual(expect.any(String));
  });

  test('T-SP-28 deny: none is skipped and none reversed', async () => {
    const { taskId, governor } = await newTask();
    const outOfTurn = async (as: Visitor, field: string, input: object) =>
      codeOf(await as.attempt(field, input), field);
    expect(await outOfTurn(governor, 'approveTask', { taskId })).toBe('WRONG_STATE');
    expect(await outOfTurn(governor, 'assignTask', { taskId, operator: cast.operator })).toBe('WRONG_STATE');
    expect(await outOfTurn(governor, 'createJob', { taskId })).toBe('WRONG_STATE');
    const { jobId, holder } = await startedJob();
    expect(await outOfTurn(holder, 'claimJob', { jobId, asOperator: cast.operator })).toBe('WRONG_STATE');
    expect(await outOfTurn(holder, 'releaseJob', { jobId })).toBe('WRONG_STATE');
    expect(await outOfTurn(holder, 'completeServiceEvent', { jobId, outcome: 'RESOLVED' })).toBe('NOT_LAST_STAGE');
    expect(await outOfTurn(holder, 'advanceStage', { jobId, toStage: 'inspection' })).toBe('NOT_NEXT_STAGE');
  });

  const completed = async () =>
    (
      await cast.governor.send(
        '{ serviceEvents(filter: { states: [COMPLETED] }) { totalCount } records { totalCount } }',
      )
    ).data;

  test('T-SP-30 allow: how much was done is counted in service events and records', async () => {
    const { jobId, holder, governor } = await newJob();
    const before = await completed();
    await execute(holder, jobId, cast.operator);
    governor.learn(holder);
    const after = await completed();
    expect(after.serviceEvents.totalCount).toBe(before.serviceEvents.totalCount + 1);
    expect(after.records.totalCount).toBe(before.records.totalCount + 1);
  });

  test('T-SP-30 deny: a closed task counts for nothing', async () => {
    const { taskId, governor } = await newTask();
    const before = await completed();
    await governor.mutate('closeTask', { taskId });
    expect(await completed()).toEqual(before);
  });

  test('T-SP-31 allow: the outcome is the execution’s, and once sealed the record’s', async () => {
    const { jobId, holder } = await newJob();
    const recordId = await execute(holder, jobId, cast.operator);
    const { record } = await byId(holder, 'record(id: $id) { outcome content serviceEvent { outcome } }', recordId);
    expect(record).toMatchObject({ outcome: 'RESOLVED', serviceEvent: { outcome: 'RESOLVED' } });
    expect(JSON.parse(record.content).outcome).toBe('RESOLVED');
  });

  test('T-SP-31 deny: before it is completed there is no outcome and no record', async () => {
    const { serviceEventId, holder } = await startedJob();
    const { serviceEvent } = await byId(holder, 'serviceEvent(id: $id) { outcome record { id } }', serviceEventId);
    expect(serviceEvent).toEqual({ outcome: null, record: null });
  });
});
