import { join } from 'node:path';
import { ROOT, signingKey } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replay } from '../../infra/scripts/replay/run.ts';
import { assemble, type Cast } from '../harness/cast.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Answer, Visitor } from '../harness/visitor.ts';

const ROUNDS = 200;
const ROUNDS_AT_A_TIME = 8;
const WAIT_BUDGET_MS = 15_000;

/** The whole spine in three operations: what one returns, the next one sends back, and nothing else helps it to see. */
const SUBMIT = `mutation ($key: String!) {
  submitRequest(input: { idempotencyKey: $key, surface: "municipal", what: "Noise", channel: "PHONE",
    actor: { reference: "caller" } }) { task { id } refusal { code } }
}`;
const GOVERN = `mutation ($key: String!, $taskId: ID!, $operator: Slug!) {
  reviewTask(input: { idempotencyKey: $key, taskId: $taskId }) { task { state } refusal { code } }
  approveTask(input: { idempotencyKey: $key, taskId: $taskId }) { task { state } refusal { code } }
  assignTask(input: { idempotencyKey: $key, taskId: $taskId, operator: $operator }) { task { state } refusal { code } }
  createJob(input: { idempotencyKey: $key, taskId: $taskId }) { job { id state } refusal { code } }
}`;
const EXECUTE = `mutation ($key: String!, $jobId: ID!, $operator: Slug!) {
  claimJob(input: { idempotencyKey: $key, jobId: $jobId, asOperator: $operator }) { job { state } refusal { code } }
  startJob(input: { idempotencyKey: $key, jobId: $jobId }) { serviceEvent { id state } refusal { code } }
  advanceStage(input: { idempotencyKey: $key, jobId: $jobId, toStage: "resolution" }) {
    serviceEvent { stage } refusal { code } }
  attachEvidence(input: { idempotencyKey: $key, jobId: $jobId, kind: NOTE, note: "Done" }) {
    evidence { state } refusal { code } }
  completeServiceEvent(input: { idempotencyKey: $key, jobId: $jobId, outcome: "RESOLVED" }) {
    record { id sha256 } refusal { code } }
  completeJob(input: { idempotencyKey: $key, jobId: $jobId }) { job { state } refusal { code } }
}`;

const HEX = expect.stringMatching(/^[0-9a-f]{64}$/);
const ID = expect.any(String);

let system: TestSystem;
let cast: Cast;

beforeAll(async () => {
  system = await startTestSystem({
    env: { QTM_WAIT_BUDGET_MS: String(WAIT_BUDGET_MS), QTM_TEST_CONTROLS: 'on' },
  });
  cast = await assemble(system);
});
afterAll(() => system?.stop());

async function threeOperations(round: number): Promise<readonly [Answer, Answer, Answer]> {
  const key = `round-${round}`;
  const { operator } = cast;
  const [requester, governor, holder] = [cast.requester, cast.governor, cast.holder].map((one) =>
    system.again(one).learn(one),
  ) as [Visitor, Visitor, Visitor];
  const submitted = await requester.send(SUBMIT, { key });
  const taskId = submitted.data.submitRequest.task.id;
  const governed = await governor.learn(requester).send(GOVERN, { key, taskId, operator });
  const jobId = governed.data.createJob?.job?.id ?? taskId;
  return [submitted, governed, await holder.learn(governor).send(EXECUTE, { key, jobId, operator })];
}

const REFUSED_NOWHERE = { refusal: null };

describe('a client that sends its tokens back', () => {
  test(`sees its own work in every service, ${ROUNDS} times beside a replay: never a null, never NOT_YET_VISIBLE`, async () => {
    let over = false;
    const key = await signingKey(system.stack.dataDir);
    const beside = (async () => {
      for (let lap = 1; !over; lap++) {
        const file = join(ROOT, 'test/data/nyc311-excerpt.csv');
        const { rejected } = await replay({
          file,
          endpoint: system.endpoint,
          key,
          concurrency: 16,
          label: `lap-${lap}`,
        });
        expect(rejected).toEqual([]);
      }
    })();
    const rounds = Array.from({ length: ROUNDS }, (_, index) => index + 1);
    const worker = async () => {
      for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) {
        const [submitted, governed, executed] = await threeOperations(round);
        for (const { errors } of [submitted, governed, executed]) expect(errors).toEqual([]);
        expect(submitted.data).toEqual({ submitRequest: { ...REFUSED_NOWHERE, task: { id: ID } } });
        expect(governed.data).toEqual({
          reviewTask: { ...REFUSED_NOWHERE, task: { state: 'IN_REVIEW' } },
          approveTask: { ...REFUSED_NOWHERE, task: { state: 'APPROVED' } },
          assignTask: { ...REFUSED_NOWHERE, task: { state: 'ASSIGNED' } },
          createJob: { ...REFUSED_NOWHERE, job: { id: ID, state: 'QUEUED' } },
        });
        expect(executed.data).toEqual({
          claimJob: { ...REFUSED_NOWHERE, job: { state: 'CLAIMED' } },
          startJob: { ...REFUSED_NOWHERE, serviceEvent: { id: ID, state: 'STARTED' } },
          advanceStage: { ...REFUSED_NOWHERE, serviceEvent: { stage: 'resolution' } },
          attachEvidence: { ...REFUSED_NOWHERE, evidence: { state: 'VALIDATED' } },
          completeServiceEvent: { ...REFUSED_NOWHERE, record: { id: ID, sha256: HEX } },
          completeJob: { ...REFUSED_NOWHERE, job: { state: 'COMPLETED' } },
        });
      }
    };
    try {
      await Promise.all(Array.from({ length: ROUNDS_AT_A_TIME }, worker));
    } finally {
      over = true;
      await beside;
    }
    process.stdout.write(`longest waits in seconds: ${JSON.stringify(await longestWaits())}\n`);
  });

  test('is told NOT_YET_VISIBLE where the facts do not arrive', async () => {
    const [workflow] = system.services.get('workflow') ?? [];
    const control = (what: string) => fetch(`${workflow?.url}/test/follower/${what}`, { method: 'POST' });
    await control('pause');
    try {
      const [, governed, executed] = await threeOperations(ROUNDS + 1);
      expect(governed.data.createJob.refusal).toBeNull();
      expect(executed.data.startJob.refusal).toBeNull();
      expect(executed.data.advanceStage.refusal).toEqual({ code: 'NOT_YET_VISIBLE' });
      expect(executed.data.completeServiceEvent.refusal).toEqual({ code: 'NOT_YET_VISIBLE' });
    } finally {
      await control('resume');
    }
  });
});

async function longestWaits(): Promise<Record<string, number>> {
  const entries = [...system.services.values()].flat().map(async ({ name, url }) => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const [, seconds = '0'] = /^qtm_consistency_longest_wait_seconds\S* (\S+)/m.exec(metrics) ?? [];
    return [name, Number(Number(seconds).toFixed(3))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
