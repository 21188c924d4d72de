import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../harness/answers.ts';
import { assemble, type Cast, execute, submit } from '../harness/cast.ts';
import { newJob, startedJob } from '../harness/chains.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { rowsOf } from '../harness/topics.ts';
import { executing, idOf } from './execution.ts';
import { NOBODIES, nobody } from './nobodies.ts';
import { everyMutation, type Tried } from './operations.ts';

let system: TestSystem;
let cast: Cast;
beforeAll(async () => {
  system = await startTestSystem();
  cast = await assemble(system);
});
afterAll(() => system?.stop());

const MUTATIONS = everyMutation();
const MIGHTY = ['super_admin', 'admin_governor', 'requester'];

/** How much every service keeps of what was done, in words that can be compared; and how many attempts of this identity. */
async function kept(identityId: string): Promise<{ readonly facts: string; readonly attempts: number }> {
  const facts: string[] = [];
  let attempts = 0;
  for (const service of system.databases.keys()) {
    const [row] = await rowsOf<{ facts: string; keys: string; values: string; attempts: number }>(
      { ...system, brokers: system.stack.kafka.brokers },
      service,
      `select count(*) filter (where aggregate_type <> 'attempt') as facts,
        (count(*) filter (where aggregate_type = 'attempt' and actor_id = '${identityId}'))::integer as attempts,
        (select count(*) from idempotency) as keys, (select count(*) from personal_value) as values from journal`,
    );
    facts.push(`${service}: ${row?.facts} facts, ${row?.keys} keys, ${row?.values} personal values`);
    attempts += row?.attempts ?? 0;
  }
  return { facts: facts.join('\n'), attempts };
}

const endpointsOf = ({ service }: Tried) => [system.endpoint, `${system.services.get(service)?.[0]?.url}/graphql`];

describe('every mutation of the supergraph', () => {
  test('T-AG-03 allow: humans do what the matrix gives them', async () => {
    const { jobId, holder } = await newJob(cast);
    expect(await execute(holder, jobId, cast.operator)).toEqual(expect.any(String));
    expect(MUTATIONS.length).toBeGreaterThan(30);
  });

  test.each(Object.keys(NOBODIES))('T-AG-03 deny: none with %s, at the gateway or at its service', async (name) => {
    const before = await kept(await idOf(cast.governor));
    for (const tried of MUTATIONS) {
      for (const endpoint of endpointsOf(tried)) {
        const visitor = nobody(system, name, endpoint, { subject: cast.governor.subject, roles: MIGHTY });
        const { data, errors } = await visitor.attempt(tried.field, tried.input);
        expect([data, errors.map((one) => one.extensions.code)], `${tried.field} ${endpoint}`).toEqual([
          null,
          ['UNAUTHENTICATED'],
        ]);
      }
    }
    expect(await kept(await idOf(cast.governor))).toEqual(before);
  });

  test.each([
    ['an agent', { kind: 'AGENT' }],
    ['a human with an agent among its actors', { act: { sub: 'an-agent', qtm_kind: 'AGENT' } }],
    ['a service with an agent among its actors', { kind: 'SERVICE', act: { sub: 'an-agent', qtm_kind: 'AGENT' } }],
  ] as const)('T-AG-03 deny: none to %s, whatever its roles; only the attempts are kept', async (_, claims) => {
    const identity = system.visitor({ roles: MIGHTY });
    const identityId = await identity.register();
    const before = await kept(identityId);
    const visitor = system.again(identity, claims);
    for (const { field, input } of MUTATIONS) {
      const { data, errors } = await visitor.attempt(field, input);
      expect(data?.[field] ?? null, field).toBeNull();
      expect(errors.map(({ extensions: { code, clause } }) => [code, clause])).toEqual([['FORBIDDEN', 'principals']]);
    }
    expect(await kept(identityId)).toEqual({ facts: before.facts, attempts: MUTATIONS.length });
  });

  test('T-AG-03 deny: none to a service but the two that are its own; only the attempts are kept', async () => {
    const service = system.visitor({ kind: 'SERVICE', roles: MIGHTY });
    const identityId = await service.register();
    const before = await kept(identityId);
    // Its own two: it is registered already, and what it submits must be said to come from a system.
    const own: Readonly<Record<string, unknown>> = {
      registerIdentity: ['ALREADY_REGISTERED', undefined],
      submitRequest: ['FORBIDDEN', 'origin_fits_principal'],
    };
    for (const { field, input } of MUTATIONS) {
      const answer = await service.attempt(field, input);
      const got = [codeOf(answer, field), answer.errors[0]?.extensions.clause];
      expect(got, field).toEqual(own[field] ?? ['FORBIDDEN', 'principals']);
    }
    expect(await kept(identityId)).toEqual({ facts: before.facts, attempts: MUTATIONS.length - 1 });
  });
});

const SUBMISSION = { surface: 'municipal', what: 'x', channel: 'PHONE', actor: { reference: 'r' } };

describe('in whose name', () => {
  test('T-AG-04 allow: a human for whom a service speaks is a human', async () => {
    const requester = system.visitor({ roles: ['requester'], act: { sub: 'a-service', qtm_kind: 'SERVICE' } });
    await requester.register();
    expect((await submit(requester)).taskId).toEqual(expect.any(String));
  });

  test.each([
    { sub: 'an-agent', qtm_kind: 'AGENT' },
    { sub: 'a-service', qtm_kind: 'SERVICE', act: { sub: 'an-agent', qtm_kind: 'AGENT' } },
    { sub: 'it-does-not-say' },
  ])('T-AG-04 deny: a human in whose name an agent acts is an agent', async (act) => {
    const human = system.visitor({ roles: ['requester'] });
    await human.register();
    await submit(human);
    const delegated = system.again(human, { act }).learn(human);
    const answer = await delegated.attempt('submitRequest', SUBMISSION);
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'principals' });
    expect((await delegated.send('{ requests { totalCount } }')).data.requests.totalCount).toBe(0);
  });

  test('T-AG-04 deny: not even the holder executes what is his through an agent', async () => {
    const { jobId, holder } = await startedJob(cast);
    const recordId = await execute(holder, (await newJob(cast)).jobId, cast.operator);
    const delegated = system.again(holder, { act: { sub: 'an-agent', qtm_kind: 'AGENT' } }).learn(holder);
    for (const [field, input] of executing(jobId, cast.operator, recordId)) {
      expect(codeOf(await delegated.attempt(field, input), field), field).toBe('FORBIDDEN');
    }
  });
});

describe('attempts', () => {
  test('T-AG-10 allow: an attempt of an agent is a fact, with the clause that stood in its way', async () => {
    const agent = system.visitor({ kind: 'AGENT' });
    const identityId = await idOf(agent);
    const { jobId } = await newJob(cast);
    await agent.attempt('startJob', { jobId });
    const observed = { ...system, brokers: system.stack.kafka.brokers };
    const [attempt] = await rowsOf<{ published: object }>(
      observed,
      'jobs',
      `select payload::jsonb -> 'state' as published from journal where aggregate_type = 'attempt' and actor_id = '${identityId}'`,
    );
    expect(attempt?.published).toMatchObject({
      transition: 'job.start',
      clause: 'principals',
      principal_kind: 'AGENT',
      state: 'DENIED',
    });
  });

  test('T-AG-10 deny: none goes unrecorded', async () => {
    const agent = system.visitor({ kind: 'AGENT' });
    for (const { field, input } of MUTATIONS) await agent.attempt(field, input);
    expect((await kept(await idOf(agent))).attempts).toBe(MUTATIONS.length);
  });
});
