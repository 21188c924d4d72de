import { join } from 'node:path';
import { ROOT, signingKey } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replay } from '../../infra/scripts/replay/run.ts';
import { ACTIONS, type Offer } from '../harness/agreement.ts';
import { apiExamples } from '../harness/api-examples.ts';
import { assemble, type Cast, execute, handOff, submit } from '../harness/cast.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Visitor } from '../harness/visitor.ts';

const EXCERPT = join(ROOT, 'test/data/nyc311-excerpt.csv');

let system: TestSystem;
let cast: Cast;

beforeAll(async () => {
  system = await startTestSystem();
  cast = await assemble(system);
});
afterAll(() => system?.stop());

describe('the spine', () => {
  test('a request becomes a sealed record, and whoever took part can follow it', async () => {
    const { governor, requester, holder, operator } = cast;
    const { intakeId, taskId } = await submit(requester);
    const jobId = await handOff(governor.learn(requester), taskId, { operator });
    const recordId = await execute(holder.learn(governor), jobId, operator);

    const { data } = await governor.learn(holder).send(
      `query ($id: ID!) { trace(id: $id) { request { id } actor { name } intake { id state closure } task { id state }
        jobs { id state serviceEvent { state outcome record { id state sha256 } } } } }`,
      { id: recordId },
    );
    expect(data.trace).toMatchObject({
      intake: { id: intakeId, state: 'CLOSED', closure: 'COMPLETED' },
      task: { id: taskId, state: 'ASSIGNED' },
      jobs: [
        {
          id: jobId,
          state: 'COMPLETED',
          serviceEvent: { state: 'COMPLETED', outcome: 'RESOLVED', record: { id: recordId, state: 'SEALED' } },
        },
      ],
    });
    const verified = await governor.send('query ($id: ID!) { verifyRecord(id: $id) { verified } }', { id: recordId });
    expect(verified.data).toEqual({ verifyRecord: { verified: true } });
  });
});

/** What an entity offers to somebody, through the gateway. */
async function offers(visitor: Visitor, field: string, id: string): Promise<ReadonlyMap<string, Offer>> {
  const query = `query ($id: ID!) { entity: ${field}(id: $id) { ${ACTIONS} } }`;
  const { data, errors } = await visitor.send(query, { id });
  expect(errors).toEqual([]);
  const list: readonly Offer[] = data.entity.actions;
  return new Map(list.map((offer) => [offer.transition, offer]));
}

describe('what is offered', () => {
  /** Does what an entity offers, with the input it gives, and nothing that it does not. */
  async function follow(
    visitor: Visitor,
    [field, id]: readonly [string, string],
    mutation: string,
    rest = {},
    ask = '',
  ) {
    const offer = (await offers(visitor, field, id)).get(TRANSITIONS[mutation] ?? '');
    expect(offer, mutation).toMatchObject({ allowed: true, refusal: null });
    const given = Object.fromEntries(offer?.input.map(({ name, value }) => [name, value]) ?? []);
    return visitor.mutate(mutation, { ...given, ...rest }, ask);
  }
  const TRANSITIONS: Readonly<Record<string, string>> = {
    reviewTask: 'task.review',
    approveTask: 'task.approve',
    assignTask: 'task.assign',
    createJob: 'assignment.create_job',
    claimJob: 'job.claim',
    startJob: 'job.start',
    advanceStage: 'service_event.advance_stage',
    attachEvidence: 'evidence.attach',
    completeServiceEvent: 'service_event.complete',
    completeJob: 'job.complete',
  };

  test('leads from the request to the record whoever does nothing else', async () => {
    const { governor, requester, holder, operator } = cast;
    const { taskId } = await submit(requester);
    const task = ['task', taskId] as const;
    governor.learn(requester);
    await follow(governor, task, 'reviewTask');
    await follow(governor, task, 'approveTask');
    await follow(governor, task, 'assignTask', { operator });
    const job = ['job', (await follow(governor, task, 'createJob', {}, 'job { id }')).job.id] as const;
    holder.learn(governor);

    expect((await offers(governor, ...job)).get('job.claim')).toMatchObject({ allowed: false, refusal: null });
    expect((await offers(holder, ...job)).get('job.start')).toMatchObject({ allowed: false });
    await follow(holder, job, 'claimJob');
    const { serviceEvent } = await follow(holder, job, 'startJob', {}, 'serviceEvent { id }');
    const execution = ['serviceEvent', serviceEvent.id] as const;
    expect((await offers(holder, ...job)).get('job.complete')?.refusal?.code).toBe('SERVICE_EVENT_NOT_COMPLETED');
    await follow(holder, execution, 'advanceStage');
    await follow(holder, execution, 'attachEvidence', { kind: 'NOTE', note: 'All quiet' });
    await follow(holder, execution, 'completeServiceEvent', { outcome: 'RESOLVED' });
    await follow(holder, job, 'completeJob');
    const all = [...(await offers(holder, ...job)).values(), ...(await offers(holder, ...execution)).values()];
    expect(all.filter(({ allowed }) => allowed !== false)).toEqual([]);
  });
});

describe('what the page for clients shows', () => {
  test('runs as it stands there', async () => {
    const { governor, requester, holder, operator } = cast;
    const examples = apiExamples();
    const ran = new Set<string>();
    const run = async (visitor: Visitor, name: string, given: object = {}) => {
      const { operation = '', variables } = examples.get(name) ?? {};
      ran.add(name);
      const { data, errors } = await visitor.send(operation, { ...variables, ...given });
      expect(errors, name).toEqual([]);
      return data;
    };
    const { submitRequest } = await run(requester, 'Submit');
    expect(submitRequest).toMatchObject({
      intake: { state: 'RECEIVED' },
      task: { id: expect.any(String) },
      refusal: null,
    });
    const jobId = await handOff(governor.learn(requester), submitRequest.task.id, { operator });
    holder.learn(governor);
    const { desk } = await run(holder, 'Desk');
    expect(desk.queue.edges.map(({ node }: { node: { id: string } }) => node.id)).toContain(jobId);
    const { job } = await run(holder, 'Offers', { id: jobId });
    expect(job.actions[0]).toMatchObject({ transition: 'job.claim', allowed: true });
    const recordId = await execute(holder, jobId, operator);
    const { trace } = await run(governor.learn(holder), 'Follow', { id: jobId });
    expect(trace).toMatchObject({ intake: { closure: 'COMPLETED' }, jobs: [{ records: [{ id: recordId }] }] });
    expect((await run(governor, 'Verify', { id: recordId })).verifyRecord).toMatchObject({ verified: true });
    const { me } = (await holder.send('{ me { id } }')).data;
    expect((await run(holder, 'Waiting', { me: me.id })).transfers.edges).toEqual([]);
    expect([...examples.keys()].filter((name) => !ran.has(name))).toEqual([]);
  });
});

describe('the replay of 100 real requests', () => {
  const run = async () =>
    replay({
      file: EXCERPT,
      endpoint: system.endpoint,
      key: await signingKey(system.stack.dataDir),
      concurrency: 16,
    });

  test('ends with the right numbers; again, it changes nothing', async () => {
    const first = await run();
    expect(first.rejected).toEqual([]);
    expect(first.rows).toBe(100);
    const { states, ...numbers } = first.counts;
    expect(numbers).toEqual({ requests: 100, tasks: 100, jobs: 98, serviceEvents: 98, records: 98 });
    expect(Object.fromEntries(states)).toEqual({
      'intake CLOSED': 98,
      'intake TASKED': 2,
      'task ASSIGNED': 98,
      'task APPROVED': 2,
      'job COMPLETED': 98,
      'service event COMPLETED': 98,
      'record SEALED': 98,
    });
    expect(first.unchanged).toBe(false);

    const second = await run();
    expect(second.counts).toEqual(first.counts);
    expect(second.unchanged).toBe(true);
  });
});
