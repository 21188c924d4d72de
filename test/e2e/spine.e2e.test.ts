import { join } from 'node:path';
import { ROOT, signingKey } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replay } from '../../infra/scripts/replay/run.ts';
import { assemble, type Cast, execute, handOff, submit } from '../harness/cast.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';

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
