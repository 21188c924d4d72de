import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byId, codeOf, DENIED } from '../harness/answers.ts';
import { activeOperator, assemble, type Cast, execute, submit } from '../harness/cast.ts';
import { newJob, startedJob } from '../harness/chains.ts';
import { uniqueName } from '../harness/names.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Visitor } from '../harness/visitor.ts';
import { ISSUED_ROLES } from './authority-facts.ts';
import { TABLE } from './authority-table.ts';
import { executing, idOf, somebody } from './execution.ts';

let system: TestSystem;
let cast: Cast;
/** A job whose execution runs, and a record of another. */
let jobId: string;
let recordId: string;
beforeAll(async () => {
  system = await startTestSystem();
  cast = await assemble(system);
  recordId = await execute(cast.holder, (await newJob(cast)).jobId, cast.operator);
  jobId = (await startedJob(cast)).jobId;
});
afterAll(() => system?.stop());

/** What each act of executing comes to. */
async function triedBy(visitor: Visitor, asOperator = cast.operator): Promise<ReadonlyMap<string, string>> {
  const codes = new Map<string, string>();
  for (const [field, input] of executing(jobId, asOperator, recordId)) {
    codes.set(field, codeOf(await visitor.attempt(field, input), field));
  }
  return codes;
}

const expectAllDenied = (codes: ReadonlyMap<string, string>) => {
  for (const [field, code] of codes) expect(DENIED, `${field}: ${code}`).toContain(code);
};

/** Of the issuer, and those that the sources name as layers that execute nothing. */
const ROLES = [...ISSUED_ROLES, 'admin', 'omni', 'workforce', 'commerce', 'holder', 'executor'];

describe('who executes', () => {
  test('T-SP-20 allow: a delegate with the power to execute', async () => {
    const made = await newJob(cast);
    const delegate = await somebody(system, []);
    const identityId = await idOf(delegate);
    await made.holder.learn(delegate).mutate('delegate', { operator: cast.operator, identityId, power: 'EXECUTE' });
    expect(await execute(delegate.learn(made.holder), made.jobId, cast.operator)).toEqual(expect.any(String));
  });

  test('T-SP-20 deny: what is tried here is everything that executes', () => {
    const acts = Object.values(TABLE).filter(({ grounds }) => grounds === 'executes_for');
    expect(executing('', '', '')).toHaveLength(acts.length);
  });

  test.each(ROLES)('T-SP-20 deny: no role executes by what it is', async (role) => {
    expectAllDenied(await triedBy(await somebody(system, [cast.holder], [role])));
  });

  test('T-SP-20 deny: nor do all roles together, from the issuer or granted here', async () => {
    expectAllDenied(await triedBy(await somebody(system, [cast.holder], ROLES)));
    const superAdmin = await somebody(system, [cast.holder], ['super_admin']);
    const granted = await somebody(system, [cast.holder]);
    superAdmin.learn(granted);
    for (const role of ['admin_governor', 'super_admin', 'auditor', 'executive', 'requester']) {
      await superAdmin.mutate('grantRole', { identityId: await idOf(granted), role });
    }
    expectAllDenied(await triedBy(granted.learn(superAdmin)));
  });

  test('T-SP-20 deny: seeing an operator’s work, or governing for it, is no power to execute', async () => {
    const [member, governing] = [await somebody(system, []), await somebody(system, [])];
    const { holder, operator } = cast;
    holder.learn(member, governing);
    await holder.mutate('addWorkspaceMember', { operator, identityId: await idOf(member) });
    await holder.mutate('delegate', { operator, identityId: await idOf(governing), power: 'GOVERN' });
    for (const visitor of [member, governing]) {
      const codes = await triedBy(visitor.learn(holder));
      expect([...codes.values()], [...codes].join()).toEqual([...codes].map(() => 'FORBIDDEN'));
    }
  });

  test('T-SP-20 deny: holding another operator is none, nor claiming in the name of this one', async () => {
    const other = await activeOperator(system, cast.governor, cast.secondGovernor);
    other.holder.learn(cast.holder);
    for (const asOperator of [other.operator, cast.operator]) {
      expectAllDenied(await triedBy(other.holder, asOperator));
    }
  });

  test('T-SP-20 deny: that a request came from an operator gives it nothing to execute', async () => {
    const origin = await activeOperator(system, cast.governor, cast.secondGovernor);
    const { requester, governor, holder, operator } = cast;
    const { taskId } = await submit(requester.learn(origin.holder), { routingOrigin: origin.operator });
    governor.learn(requester);
    for (const field of ['reviewTask', 'approveTask']) await governor.mutate(field, { taskId });
    await governor.mutate('assignTask', { taskId, operator });
    const { job } = await governor.mutate('createJob', { taskId }, 'job { id }');
    origin.holder.learn(governor);
    for (const asOperator of [origin.operator, operator]) {
      for (const [field, input] of executing(job.id, asOperator, recordId)) {
        expect(codeOf(await origin.holder.attempt(field, input), field), field).toBe('NOT_FOUND');
      }
    }
    await holder.learn(governor).mutate('claimJob', { jobId: job.id, asOperator: operator });
  });

  test('T-SP-20 deny: that a task is approved, or assigned to one’s operator, gives nothing to execute', async () => {
    const { requester, governor, holder, operator } = cast;
    const { taskId } = await submit(requester);
    governor.learn(requester);
    const steps = [
      ['reviewTask', { taskId }],
      ['approveTask', { taskId }],
      ['assignTask', { taskId, operator }],
    ] as const;
    for (const [step, input] of steps) {
      await governor.mutate(step, input);
      holder.learn(governor);
      const { data } = await holder.send('query ($id: ID!) { jobs(filter: { taskId: $id }) { totalCount } }', {
        id: taskId,
      });
      expect(data.jobs.totalCount).toBe(0);
      for (const [field, tried] of executing(taskId, operator, taskId)) {
        expect(codeOf(await holder.attempt(field, tried), field), `${step} ${field}`).toBe('NOT_FOUND');
      }
    }
  });
});

describe('active operators', () => {
  test('T-WF-03 allow: an active operator sees, claims and starts its work', async () => {
    const made = await newJob(cast);
    await made.holder.mutate('claimJob', { jobId: made.jobId, asOperator: cast.operator });
    const { job } = await made.holder.mutate('startJob', { jobId: made.jobId }, 'job { state }');
    expect(job.state).toBe('STARTED');
  });

  test('T-WF-03 deny: suspended between assignment and start, it neither claims nor starts nor sees any', async () => {
    const { holder, operator } = await activeOperator(system, cast.governor, cast.secondGovernor);
    cast.governor.learn(holder);
    const made = await newJob({ ...cast, holder, operator });
    const waiting = await newJob({ ...cast, holder, operator });
    const { governor } = cast;
    await holder.learn(governor).mutate('claimJob', { jobId: made.jobId, asOperator: operator });
    await governor.learn(holder).mutate('suspendOperator', { slug: operator, reason: 'A complaint' });
    holder.learn(governor);
    expect(DENIED).toContain(codeOf(await holder.attempt('startJob', { jobId: made.jobId }), 'startJob'));
    const claim = await holder.attempt('claimJob', { jobId: waiting.jobId, asOperator: operator });
    expect(DENIED).toContain(codeOf(claim, 'claimJob'));
    for (const { jobId: id } of [made, waiting]) expect((await byId(holder, 'job(id: $id) { id }', id)).job).toBeNull();
    expect((await holder.send('{ jobs { totalCount } }')).data.jobs.totalCount).toBe(0);
    await governor.mutate('reinstateOperator', { slug: operator });
    await holder.learn(governor).mutate('startJob', { jobId: made.jobId });
  });

  test('T-WF-03 deny: before its activation nothing is assigned to it', async () => {
    const { governor, requester } = cast;
    const holder = await somebody(system, []);
    const operator = uniqueName('crew-');
    const named = { slug: operator, name: 'Not yet', type: 'AGENCY', surfaces: ['municipal'] };
    await governor.learn(holder).mutate('onboardOperator', { ...named, holderIdentityId: await idOf(holder) });
    const { taskId } = await submit(requester);
    governor.learn(requester);
    for (const field of ['reviewTask', 'approveTask']) await governor.mutate(field, { taskId });
    const assignment = await governor.attempt('assignTask', { taskId, operator });
    expect(codeOf(assignment, 'assignTask')).toBe('OPERATOR_NOT_ACTIVE');
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
