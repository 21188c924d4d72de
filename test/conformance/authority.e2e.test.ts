import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { buildSchema, type GraphQLInputObjectType, getNamedType, isNonNullType } from 'graphql';
import { Client } from 'pg';
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
const DENIED = ['NOT_FOUND', 'FORBIDDEN'];

const byId = async (as: Visitor, selection: string, id: string) =>
  (await as.send(`query ($id: ID!) { ${selection} }`, { id })).data;

async function newJob(operator = cast.operator) {
  const { requester, governor, holder } = cast;
  const { taskId, intakeId } = await submit(requester);
  const jobId = await handOff(governor.learn(requester), taskId, { operator });
  return { jobId, taskId, intakeId, governor, holder: holder.learn(governor) };
}

/** Everything that executes, as far as it can be tried on one job. */
const EXECUTION = (jobId: string, asOperator: string): readonly [string, object][] => [
  ['claimJob', { jobId, asOperator }],
  ['releaseJob', { jobId }],
  ['startJob', { jobId }],
  ['advanceStage', { jobId, toStage: 'resolution' }],
  ['attachEvidence', { jobId, kind: 'NOTE', note: 'x' }],
  ['completeServiceEvent', { jobId, outcome: 'RESOLVED' }],
  ['abortServiceEvent', { jobId, reason: 'x' }],
  ['completeJob', { jobId }],
];

describe('who executes', () => {
  test('T-SP-20 allow: a delegate with the power to execute', async () => {
    const { jobId, holder } = await newJob();
    const delegate = system.visitor({});
    const identityId = await delegate.register();
    await holder.learn(delegate).mutate('delegate', { operator: cast.operator, identityId, power: 'EXECUTE' });
    expect(await execute(delegate.learn(holder), jobId, cast.operator)).toEqual(expect.any(String));
  });

  test.each(['admin_governor', 'super_admin', 'executive', 'auditor', 'requester', 'omni', 'workforce', 'commerce'])(
    'T-SP-20 deny: no role executes by what it is',
    async (role) => {
      const { jobId, holder } = await newJob();
      await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
      await holder.mutate('startJob', { jobId });
      const somebody = system.visitor({ roles: [role] });
      await somebody.register();
      somebody.learn(holder);
      for (const [field, input] of EXECUTION(jobId, cast.operator)) {
        expect(DENIED, `${role} ${field}`).toContain(codeOf(await somebody.attempt(field, input), field));
      }
    },
  );

  test('T-SP-20 deny: seeing an operator’s work, or governing for it, is no power to execute', async () => {
    const { jobId, holder } = await newJob();
    const [member, governing] = [system.visitor({}), system.visitor({})];
    const [memberId, governingId] = [await member.register(), await governing.register()];
    holder.learn(member, governing);
    await holder.mutate('addWorkspaceMember', { operator: cast.operator, identityId: memberId });
    await holder.mutate('delegate', { operator: cast.operator, identityId: governingId, power: 'GOVERN' });
    for (const somebody of [member, governing]) {
      const answer = await somebody.learn(holder).attempt('claimJob', { jobId, asOperator: cast.operator });
      expect(codeOf(answer, 'claimJob')).toBe('FORBIDDEN');
    }
  });

  test('T-WF-03 allow: an active operator sees, claims and starts its work', async () => {
    const { jobId, holder } = await newJob();
    await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
    const { job } = await holder.mutate('startJob', { jobId }, 'job { state }');
    expect(job.state).toBe('STARTED');
  });

  test('T-WF-03 deny: suspended between assignment and start, it neither starts nor sees it', async () => {
    const { holder, operator } = await activeOperator(system, cast.governor, cast.secondGovernor);
    cast.governor.learn(holder);
    const { jobId, governor } = await newJob(operator);
    await holder.learn(governor).mutate('claimJob', { jobId, asOperator: operator });
    await governor.learn(holder).mutate('suspendOperator', { slug: operator, reason: 'A complaint' });
    holder.learn(governor);
    expect(DENIED).toContain(codeOf(await holder.attempt('startJob', { jobId }), 'startJob'));
    expect((await byId(holder, 'job(id: $id) { id }', jobId)).job).toBeNull();
    expect((await holder.send('{ jobs { totalCount } }')).data.jobs.totalCount).toBe(0);
    await governor.mutate('reinstateOperator', { slug: operator });
    await holder.learn(governor).mutate('startJob', { jobId });
  });

  test('T-WF-05 allow: an operator is the same through all that happens to it', async () => {
    const { governor, secondGovernor } = cast;
    const { operator, holder } = await activeOperator(system, governor, secondGovernor);
    governor.learn(holder);
    const of = () =>
      governor.send('query ($slug: Slug!) { operator(slug: $slug) { slug holderIdentityId onboardedAt } }', {
        slug: operator,
      });
    const before = (await of()).data;
    await governor.mutate('suspendOperator', { slug: operator });
    await governor.mutate('reinstateOperator', { slug: operator });
    await governor.mutate('retireOperator', { slug: operator });
    expect((await of()).data).toEqual(before);
  });

  test('T-WF-05 deny: its name is never given to another, not even after its end', async () => {
    const { governor, secondGovernor } = cast;
    const { operator, holder } = await activeOperator(system, governor, secondGovernor);
    await governor.learn(holder).mutate('retireOperator', { slug: operator });
    const input = {
      slug: operator,
      name: 'Another',
      type: 'AGENCY',
      surfaces: ['municipal'],
      holderIdentityId: await idOf(holder),
    };
    expect(codeOf(await governor.attempt('onboardOperator', input), 'onboardOperator')).toBe('SLUG_TAKEN');
    const alike = { ...input, slug: operator.replace('crew', 'c-rew') };
    expect(codeOf(await governor.attempt('onboardOperator', alike), 'onboardOperator')).toBe('SLUG_TAKEN');
  });
});

const idOf = async (visitor: Visitor) => (await visitor.send('{ me { id } }')).data.me.id as string;

describe('who governs and who sees', () => {
  test('T-SP-25 allow: the operator addressed governs its task, the network all others', async () => {
    const { requester, governor, holder, operator } = cast;
    const { taskId: own } = await submit(requester, { addressedTo: operator });
    const { taskId: networks } = await submit(requester);
    holder.learn(requester);
    governor.learn(requester);
    expect((await byId(holder, 'task(id: $id) { audience }', own)).task).toEqual({ audience: 'OPERATOR' });
    expect((await byId(governor, 'task(id: $id) { audience }', networks)).task).toEqual({ audience: 'ADMIN' });
    await holder.mutate('reviewTask', { taskId: own });
    await governor.mutate('reviewTask', { taskId: networks });
  });

  test('T-SP-25 deny: neither governs nor sees the tasks of the other', async () => {
    const { requester, governor, holder, operator } = cast;
    const { taskId: own } = await submit(requester, { addressedTo: operator });
    const { taskId: networks } = await submit(requester);
    for (const [somebody, taskId] of [
      [governor, own],
      [holder, networks],
    ] as const) {
      somebody.learn(requester);
      expect((await byId(somebody, 'task(id: $id) { id }', taskId)).task).toBeNull();
      expect(codeOf(await somebody.attempt('reviewTask', { taskId }), 'reviewTask')).toBe('NOT_FOUND');
    }
  });

  test('T-SP-25 deny: a row of one operator is neither seen nor changed with the session of another', async () => {
    const { jobId, taskId, holder } = await newJob();
    const recordId = await execute(holder, jobId, cast.operator);
    const other = await activeOperator(system, cast.governor, cast.secondGovernor);
    const stranger = other.holder.learn(holder);
    const { data } = await stranger.send(
      `query ($job: ID!, $task: ID!, $record: ID!) { job(id: $job) { id } task(id: $task) { id } record(id: $record) { id }
        trace(id: $job) { id } verifyRecord(id: $record) { verified } jobs { totalCount } records { totalCount }
        tasks { totalCount } requests { totalCount } desk(surface: "municipal") { counts { jobs } } }`,
      { job: jobId, task: taskId, record: recordId },
    );
    const none = { totalCount: 0 };
    expect(data).toMatchObject({
      job: null,
      task: null,
      record: null,
      trace: null,
      verifyRecord: null,
      jobs: none,
      records: none,
      tasks: none,
      requests: none,
    });
    expect(new Set(data.desk.counts.map(({ jobs }: { jobs: number }) => jobs))).toEqual(new Set([0]));
    for (const [field, input] of EXECUTION(jobId, other.operator)) {
      expect(codeOf(await stranger.attempt(field, input), field), field).toBe('NOT_FOUND');
    }
    const entities = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Job { id } } }`;
    const direct = system
      .again(stranger, { endpoint: `${system.services.get('jobs')?.[0]?.url}/graphql` })
      .learn(stranger);
    const answer = await direct.send(entities, { r: [{ __typename: 'Job', id: jobId }] });
    expect(answer.data._entities).toEqual([null]);
  });
});

/** Every mutation of the supergraph with an input of the right form that means nothing. */
function everyMutation(): readonly (readonly [string, object])[] {
  const sdl = readFileSync(join(ROOT, 'schema/generated/supergraph.graphql'), 'utf8');
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const SAMPLES: Readonly<Record<string, unknown>> = {
    ID: '019b8d2e-7a00-7000-8000-000000000001',
    Slug: 'no-such-crew',
    String: 'word',
  };
  const sampleOf = (type: unknown): unknown => {
    const text = String(type).replaceAll('!', '');
    if (text.startsWith('[')) return text.includes('Input') ? [] : [SAMPLES[text.slice(1, -1)]];
    const named = schema.getType(text);
    if (named !== undefined && 'getValues' in named) return named.getValues()[0]?.name;
    return SAMPLES[text] ?? 1;
  };
  return Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => {
    const type = getNamedType(field.args[0]?.type) as GraphQLInputObjectType;
    const needed = Object.values(type.getFields()).filter(
      (one) => isNonNullType(one.type) && one.name !== 'idempotencyKey',
    );
    const input = Object.fromEntries(needed.map((one) => [one.name, one.defaultValue ?? sampleOf(one.type)]));
    const oneOf = 'serviceEventId' in type.getFields() ? { serviceEventId: SAMPLES.ID } : {};
    return [field.name, { ...input, ...oneOf }] as const;
  });
}

/** Attempts that this principal made and that every service has kept. */
async function attemptsOf(identityId: string): Promise<number> {
  let all = 0;
  for (const { ownerUrl } of system.databases.values()) {
    const client = new Client({ connectionString: ownerUrl });
    await client.connect();
    const { rows } = await client.query(
      "select count(*)::integer as n from journal where aggregate_type = 'attempt' and actor_id = $1",
      [identityId],
    );
    all += rows[0].n;
    await client.end();
  }
  return all;
}

describe('kinds of principals at the front door', () => {
  test('T-AG-03 allow: humans do what the matrix gives them', async () => {
    const { jobId, holder } = await newJob();
    expect(await execute(holder, jobId, cast.operator)).toEqual(expect.any(String));
  });

  test('T-AG-03 deny: no mutation at all is open to an agent, and none without a session that holds', async () => {
    const mutations = everyMutation();
    const agent = system.visitor({ kind: 'AGENT', roles: ['super_admin', 'admin_governor', 'requester'] });
    const expired = system.visitor({ ttlSeconds: -60 });
    const endless = system.visitor({ ttlSeconds: 3_600 });
    for (const [field, input] of mutations) {
      expect(codeOf(await agent.attempt(field, input), field), field).toBe('FORBIDDEN');
      for (const nobody of [expired, endless]) {
        expect(codeOf(await nobody.attempt(field, input), field), field).toBe('UNAUTHENTICATED');
      }
    }
    process.stdout.write(`${mutations.length} mutations, 0 open to an agent\n`);
    expect(mutations.length).toBeGreaterThan(30);
  });

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
    const answer = await delegated.attempt('submitRequest', {
      surface: 'municipal',
      what: 'x',
      channel: 'PHONE',
      actor: { reference: 'r' },
    });
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'principals' });
    expect((await delegated.send('{ requests { totalCount } }')).data.requests.totalCount).toBe(0);
  });

  test('T-AG-10 allow: an attempt of an agent is a fact, with the clause that stood in its way', async () => {
    const agent = system.visitor({ kind: 'AGENT' });
    const { jobId } = await newJob();
    await agent.attempt('startJob', { jobId });
    expect(await attemptsOf(await idOf(agent))).toBe(1);
  });

  test('T-AG-10 deny: none goes unrecorded', async () => {
    const agent = system.visitor({ kind: 'AGENT' });
    const mutations = everyMutation();
    for (const [field, input] of mutations) await agent.attempt(field, input);
    expect(await attemptsOf(await idOf(agent))).toBe(mutations.length);
  });
});
