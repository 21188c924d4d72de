import { waitFor } from '@qtm/local';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { activeOperator, assemble, type Cast, handOff, submit } from '../harness/cast.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { topicsOf } from '../harness/topics.ts';
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
interface Crew {
  readonly operator: string;
  readonly holder: Visitor;
  readonly jobId: string;
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

/** What stands between the suspension and the service that decides about the job. */
interface Obstacle {
  put(crew: Crew): Promise<void>;
  remove(): Promise<void>;
}

function held(service: string, part: 'follower' | 'relay'): Obstacle {
  const control = (what: string) => async () => {
    const [process] = system.services.get(service) ?? [];
    await fetch(`${process?.url}/test/${part}/${what}`, { method: 'POST' });
  };
  return { put: control('pause'), remove: control('resume') };
}

/** An event of the operator that nobody can read: it is parked, and later ones queue behind it. */
const PARKED: Obstacle = {
  async put({ operator, holder, jobId }) {
    const brokers = system.stack.kafka.brokers;
    const producer = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    const topic = topicsOf({ ...system, brokers }).get('operator') ?? '';
    const headers = { ce_type: 'x1.operator.operator_readiness_set.v1', ce_subject: `operator/${operator}` };
    await producer.send({ topic, messages: [{ key: operator, value: '{}', headers }] });
    await producer.disconnect();
    const parked = async () =>
      (await tried(holder, 'claimJob', { operator, jobId })) === 'AUTHORITY_UNKNOWN' ? true : undefined;
    await waitFor(parked, { timeoutMs: EFFECT_TIMEOUT_MS, what: 'the key is parked' });
  },
  remove: async () => undefined,
};

/** Whether a command of the job was accepted, or why not. */
async function tried(
  by: Visitor,
  command: 'claimJob' | 'releaseJob',
  { operator, jobId }: Omit<Crew, 'holder'>,
): Promise<string> {
  const input = command === 'claimJob' ? { jobId, asOperator: operator } : { jobId };
  const { data, errors } = await by.attempt(command, input);
  return errors[0]?.extensions.code ?? data[command].refusal?.code ?? 'accepted';
}

/** Claims and releases the job in turn until `untilMs`, each in a conversation that has seen what `seen` has. */
async function keepTrying(crew: Crew, seen: Visitor | undefined, untilMs: number) {
  const outcomes: { readonly outcome: string; readonly sentMs: number }[] = [];
  let command: 'claimJob' | 'releaseJob' = 'claimJob';
  while (performance.now() < untilMs) {
    const by = system.again(crew.holder);
    const sentMs = performance.now();
    const outcome = await tried(seen === undefined ? by : by.learn(seen), command, crew);
    outcomes.push({ outcome, sentMs });
    if (outcome === 'accepted') command = command === 'claimJob' ? 'releaseJob' : 'claimJob';
  }
  return outcomes;
}

/** When the job was last changed, as its history tells, in milliseconds. */
async function lastChange({ jobId }: Crew): Promise<number> {
  const query = 'query ($id: ID!) { job(id: $id) { history(first: 100) { edges { node { at transition } } } } }';
  const { data } = await system.again(cast.governor).send(query, { id: jobId });
  const times: { node: { at: string } }[] = data.job.history.edges;
  return Date.parse(times.at(-1)?.node.at ?? '');
}

test.each([
  ['the follower of the deciding service is paused', () => held('jobs', 'follower'), 'AUTHORITY_STALE'],
  ['the relay of the suspending service is stuck', () => held('operator', 'relay'), 'AUTHORITY_STALE'],
  ["the operator's key is parked", () => PARKED, 'AUTHORITY_UNKNOWN'],
])(
  'an operator is suspended while %s: nothing is accepted later than the limit, nothing at all with the token',
  async (_, make, refusal) => {
    const crew = await crewWithJob();
    const obstacle = make();
    await obstacle.put(crew);
    try {
      const suspending = system.again(cast.governor);
      await suspending.mutate('suspendOperator', { slug: crew.operator, reason: 'Under inquiry' });
      const [suspendedMs, suspendedAt] = [performance.now(), Date.now()];
      const untilMs = suspendedMs + WATCHED_MS;
      const [unaware, aware] = await Promise.all([
        keepTrying(crew, undefined, untilMs),
        keepTrying(crew, suspending, untilMs),
      ]);

      expect(aware.map(({ outcome }) => outcome)).not.toContain('accepted');
      const late = unaware.filter(({ sentMs }) => sentMs > suspendedMs + LIMIT_MS);
      expect(new Set(late.map(({ outcome }) => outcome))).toEqual(new Set([refusal]));
      expect((await lastChange(crew)) - suspendedAt).toBeLessThanOrEqual(LIMIT_MS);
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
