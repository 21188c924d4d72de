import { waitFor } from '@qtm/local';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { activeOperator, assemble, type Cast, handOff, submit } from '../harness/cast.ts';
import { type Claimed, held, keepTrying, lastChange, type Obstacle, parked, tried } from '../harness/claims.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Visitor } from '../harness/visitor.ts';

/** The promise: so long after a suspension was acknowledged another service may still accept, and no longer. */
const LIMIT_MS = 5_000;
const WATCHED_MS = LIMIT_MS + 2_000;
const EFFECT_TIMEOUT_MS = 30_000;

let system: TestSystem;
let cast: Cast;

beforeAll(async () => {
  system = await startTestSystem({
    env: { QTM_TEST_CONTROLS: 'on', QTM_AUTHORITY_MAX_AGE_MS: String(LIMIT_MS) },
  });
  cast = await assemble(system);
});
afterAll(() => system?.stop());

/** An operator with a job that waits to be claimed. */
interface Crew extends Claimed {
  readonly holder: Visitor;
}

async function crewWithJob(): Promise<Crew> {
  const { governor, secondGovernor, requester } = cast;
  const { holder, operator } = await activeOperator(system, governor, secondGovernor);
  // After an obstacle the services have to catch up first.
  const { taskId } = await waitFor(() => submit(requester), {
    timeoutMs: EFFECT_TIMEOUT_MS,
    what: 'jobs decides again',
  });
  const jobId = await handOff(governor.learn(requester, holder), taskId, { operator });
  // Whoever looks waits until jobs has it.
  expect((await governor.send('query ($id: ID!) { job(id: $id) { state } }', { id: jobId })).data.job).not.toBeNull();
  return { operator, holder: holder.learn(governor), jobId };
}

/** A fact of the operator. */
function unreadable(crew: Crew): Obstacle {
  const { operator: key, holder } = crew;
  const headers = { ce_type: 'x1.operator.operator_readiness_set.v1', ce_subject: `operator/${key}` };
  return parked(system, { source: 'operator', key, headers }, holder, crew);
}

test.each<[string, (crew: Crew) => Obstacle, string]>([
  ['the follower of the deciding service is paused', () => held(system, 'jobs', 'follower'), 'AUTHORITY_STALE'],
  ['the relay of the suspending service is stuck', () => held(system, 'operator', 'relay'), 'AUTHORITY_STALE'],
  ["the operator's key is parked", unreadable, 'AUTHORITY_UNKNOWN'],
])(
  'an operator is suspended while %s: nothing is accepted later than the limit, nothing at all with the token',
  async (_, make, refusal) => {
    const crew = await crewWithJob();
    const obstacle = make(crew);
    await obstacle.put();
    try {
      const suspending = system.again(cast.governor);
      await suspending.mutate('suspendOperator', { slug: crew.operator, reason: 'Under inquiry' });
      const [suspendedMs, suspendedAt] = [performance.now(), Date.now()];
      const untilMs = suspendedMs + WATCHED_MS;
      const [unaware, aware] = await Promise.all([
        keepTrying(system, crew.holder, crew, undefined, untilMs),
        keepTrying(system, crew.holder, crew, suspending, untilMs),
      ]);

      expect(aware.map(({ outcome }) => outcome)).not.toContain('accepted');
      const late = unaware.filter(({ sentMs }) => sentMs > suspendedMs + LIMIT_MS);
      expect(new Set(late.map(({ outcome }) => outcome))).toEqual(new Set([refusal]));
      expect((await lastChange(system, crew)) - suspendedAt).toBeLessThanOrEqual(LIMIT_MS);
      const accepted = unaware.filter(({ outcome }) => outcome === 'accepted');
      const longestMs = Math.max(0, ...accepted.map(({ sentMs }) => sentMs - suspendedMs));
      process.stdout.write(
        `${accepted.length} accepted after the suspension, the last one asked for ${longestMs.toFixed(0)} ms after it\n`,
      );
    } finally {
      await obstacle.remove();
    }
  },
);

test('without an obstacle a suspension counts at once for whoever has seen it', async () => {
  const crew = await crewWithJob();
  const suspending = system.again(cast.governor);
  await suspending.mutate('suspendOperator', { slug: crew.operator, reason: 'Under inquiry' });
  const by = system.again(crew.holder).learn(suspending);
  // Nor do the people of a suspended operator see its jobs.
  expect(await tried(by, 'claimJob', crew)).toBe('NOT_FOUND');
});
