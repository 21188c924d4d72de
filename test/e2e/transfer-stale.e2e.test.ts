import { waitFor } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handOff, submit } from '../harness/cast.ts';
import { type Claimed, held, keepTrying, lastChange, type Obstacle, parked, tried } from '../harness/claims.ts';
import { asService } from '../harness/databases.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import {
  assembleForTransfers,
  type Crew,
  meetAll,
  newCrew,
  outcome,
  stateOf,
  type TransferCast,
  transferIn,
} from '../harness/transfers.ts';

/** The promise: so long after a completion was acknowledged another service may still accept, and no longer. */
const LIMIT_MS = 5_000;
const WATCHED_MS = LIMIT_MS + 2_000;
const EFFECT_TIMEOUT_MS = 30_000;

let system: TestSystem;
let cast: TransferCast;

beforeAll(async () => {
  system = await startTestSystem({
    env: { QTM_TEST_CONTROLS: 'on', QTM_AUTHORITY_MAX_AGE_MS: String(LIMIT_MS) },
  });
  cast = await assembleForTransfers(system);
});
afterAll(() => system?.stop());

/** An operator of which a transfer is accepted, with a job that waits to be claimed. */
interface Selling extends Crew, Claimed {
  readonly transferId: string;
}

async function sellingWithJob(): Promise<Selling> {
  const crew = await newCrew(system, cast);
  const { operator, governor } = crew;
  // After an obstacle the services have to catch up first.
  const requester = system.again(cast.requester).learn(governor);
  const { taskId } = await waitFor(() => submit(requester), {
    timeoutMs: EFFECT_TIMEOUT_MS,
    what: 'jobs decides again',
  });
  const jobId = await handOff(governor.learn(requester), taskId, { operator });
  meetAll(crew);
  const transferId = await transferIn(crew, 'accepted');
  // Whoever looks waits until jobs has it.
  const { data } = await crew.holder.send('query ($id: ID!) { job(id: $id) { state } }', { id: jobId });
  expect(data.job).toEqual({ state: 'QUEUED' });
  return { ...crew, jobId, transferId };
}

/** A fact of the register entry. */
function unreadable(selling: Selling): Obstacle {
  const key = `operator:${selling.operator}`;
  const headers = { ce_type: 'x1.acquisition.object_locked.v1', ce_subject: `register_entry/${key}` };
  return parked(system, { source: 'transfer', key, headers }, selling.holder, selling);
}

describe('an operator is handed over', () => {
  test.each<[string, (selling: Selling) => Obstacle, string]>([
    ['the follower of jobs is paused', () => held(system, 'jobs', 'follower'), 'AUTHORITY_STALE'],
    ['the relay of transfer is stuck', () => held(system, 'transfer', 'relay'), 'AUTHORITY_STALE'],
    ['the key of its register entry is parked at jobs', unreadable, 'AUTHORITY_UNKNOWN'],
  ])(
    'while %s: its former holder is accepted no later than the limit, and with the token not at all (T-TR-31)',
    async (_, make, refusal) => {
      const selling = await sellingWithJob();
      const { holder, superAdmin, transferId } = selling;
      const obstacle = make(selling);
      await obstacle.put();
      try {
        expect(await outcome(superAdmin, 'completeTransfer', { transferId })).toBe('completed');
        const [completedMs, completedAt] = [performance.now(), Date.now()];
        const untilMs = completedMs + WATCHED_MS;
        const [unaware, aware] = await Promise.all([
          keepTrying(system, holder, selling, undefined, untilMs),
          keepTrying(system, holder, selling, superAdmin, untilMs),
        ]);

        expect(aware.map((one) => one.outcome)).not.toContain('accepted');
        const late = unaware.filter(({ sentMs }) => sentMs > completedMs + LIMIT_MS);
        expect(new Set(late.map((one) => one.outcome))).toEqual(new Set([refusal]));
        expect((await lastChange(system, selling)) - completedAt).toBeLessThanOrEqual(LIMIT_MS);
        const accepted = unaware.filter((one) => one.outcome === 'accepted');
        const longestMs = Math.max(0, ...accepted.map(({ sentMs }) => sentMs - completedMs));
        process.stdout.write(
          `${accepted.length} accepted after the completion, the last one asked for ${longestMs.toFixed(0)} ms after it\n`,
        );
      } finally {
        await obstacle.remove();
      }
    },
  );

  test('without an obstacle it counts at once for whoever has seen it: the former holder finds no job, the new one claims it', async () => {
    const selling = await sellingWithJob();
    const { holder, buyer, superAdmin, transferId } = selling;
    expect(await outcome(superAdmin, 'completeTransfer', { transferId })).toBe('completed');
    expect(await tried(system.again(holder).learn(superAdmin), 'claimJob', selling)).toBe('NOT_FOUND');
    expect(await tried(system.again(buyer).learn(superAdmin), 'claimJob', selling)).toBe('accepted');
  });
});

describe('while transfer hears nothing of other services', () => {
  const copyOf = async (type: string, id: string) => {
    const copy = "select state from foreign_aggregate where source = 'operator' and type = $1 and id = $2";
    return (await asService(system, 'transfer', copy, [type, id]))[0]?.state;
  };

  test.each<[string, (crew: Crew) => readonly [string, string], (crew: Crew) => Promise<unknown>, string]>([
    [
      'whom it goes to is suspended',
      ({ buyerId }) => ['identity', buyerId],
      ({ buyerId }) => system.again(cast.secondSuperAdmin).mutate('suspendIdentity', { identityId: buyerId }),
      'IDENTITY_NOT_ACTIVE',
    ],
    [
      'the operator is retired',
      ({ operator }) => ['operator', operator],
      ({ operator }) => system.again(cast.governor).mutate('retireOperator', { slug: operator }),
      'OBJECT_NOT_TRANSFERABLE',
    ],
  ])('%s: a completion asks at the owner itself, and is refused (T-TR-08)', async (_, about, change, refusal) => {
    const crew = await newCrew(system, cast);
    const transferId = await transferIn(crew, 'accepted');
    const obstacle = held(system, 'transfer', 'follower');
    await obstacle.put();
    try {
      await change(crew);
      expect(await outcome(system.again(crew.superAdmin), 'completeTransfer', { transferId })).toBe(refusal);
      expect(await copyOf(...about(crew))).toBe('ACTIVE');
    } finally {
      await obstacle.remove();
    }
    expect(await stateOf(crew.superAdmin, transferId)).toBe('accepted');
  });
});
