import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACTIONS, agreement, type Mutations, offersOf, type Subject, saidBy } from '../../../test/harness/agreement.ts';
import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { type ForeignFact, foreignFact } from '../../../test/harness/foreign-facts.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { service } from '../src/service.ts';

const holder = sessionOf('holder');
const executor = sessionOf('executor');
const operatorGovernor = sessionOf('operator-governor');
const member = sessionOf('member');
const rival = sessionOf('rival');
const requester = sessionOf('requester', ['requester']);
const networkGovernor = sessionOf('network-governor', ['admin_governor']);
/** Executes for `crew`, and sees its jobs on another ground, too. */
const foreman = sessionOf('foreman', ['admin_governor']);
const auditor = sessionOf('auditor', ['auditor']);
const machine = sessionOf('machine', ['admin_governor'], 'SERVICE');
const unregistered = sessionOf('unregistered', ['admin_governor']);
const REGISTERED = [
  holder,
  executor,
  operatorGovernor,
  member,
  rival,
  requester,
  networkGovernor,
  foreman,
  auditor,
  machine,
] as const;
const EVERYBODY: readonly Session[] = [...REGISTERED, unregistered, { ...holder, kind: 'AGENT' }];

const POOL = randomUUID();

const held = (slug: string, by: Session) =>
  foreignFact('operator', 'operator_activated', { id: slug, holder_identity_id: by.identityId });
const delegated = ({ identityId: id }: Session, power: string) =>
  foreignFact('operator', 'delegation_granted', {
    id: `crew:${id}:${power}`,
    operator: 'crew',
    identity_id: id,
    power,
  });
const inPool = (operator: string) =>
  foreignFact('governance', 'pool_member_added', { id: `${POOL}:${operator}`, pool_id: POOL, operator });

function population(): readonly ForeignFact[] {
  return [
    ...REGISTERED.map(({ identityId: id }) => foreignFact('operator', 'identity_registered', { id })),
    held('crew', holder),
    held('second-crew', holder),
    held('rivals', rival),
    delegated(executor, 'EXECUTE'),
    delegated(foreman, 'EXECUTE'),
    delegated(operatorGovernor, 'GOVERN'),
    foreignFact('operator', 'workspace_member_added', {
      id: `crew:${member.identityId}`,
      operator: 'crew',
      identity_id: member.identityId,
    }),
    inPool('crew'),
    inPool('second-crew'),
    foreignFact('workflow', 'pack_published', { id: 'municipal:1', surface: 'municipal', version: 1 }),
  ];
}

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(service);
  await bench.feed(...population());
});
afterAll(() => bench?.stop());

async function mutate(session: Session, field: string, input: object, selection = '') {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} refusal { code } } }`;
  const { data, errors } = await bench.ask(session, query, { input: { idempotencyKey: randomUUID(), ...input } });
  expect({ errors, refusal: data?.[field].refusal }).toEqual({ errors: [], refusal: null });
  return data[field];
}

/** A job in a state of its life, given to one operator or to a pool; governed by the network, or by the operator addressed. */
async function jobAfter(
  steps: readonly string[],
  target: 'crew' | 'pool',
  addressedTo: string | null = null,
): Promise<string> {
  const submission = { surface: 'municipal', what: 'Noise', channel: 'PHONE', actor: { reference: 'caller' } };
  const ids = 'intake { id task { id } }';
  const { intake } = await mutate(requester, 'submitRequest', { ...submission, addressedTo }, ids);
  const jobId = randomUUID();
  const assignment = { id: randomUUID(), task_id: intake.task.id, intake_id: intake.id, job_id: jobId };
  const governed = { audience: addressedTo === null ? 'ADMIN' : 'OPERATOR', governed_by: addressedTo };
  const given =
    target === 'crew'
      ? { mode: 'ASSIGNED', operator: 'crew', pool_id: null }
      : { mode: 'POOL', operator: null, pool_id: POOL };
  await bench.feed(foreignFact('governance', 'assignment_handed_off', { ...assignment, ...governed, ...given }));
  for (const step of steps) {
    if (step === 'completed' || step === 'aborted') {
      const query = 'query ($id: ID!) { job(id: $id) { serviceEvent { id } } }';
      const { data } = await bench.ask(holder, query, { id: jobId });
      const execution = { id: data.job.serviceEvent.id, job_id: jobId, intake_id: intake.id };
      await bench.feed(foreignFact('workflow', `service_event_${step}`, execution));
      continue;
    }
    const governor = addressedTo === null ? networkGovernor : holder;
    const asOperator = step === 'claimJob' ? { asOperator: 'crew' } : {};
    await mutate(step === 'cancelJob' ? governor : holder, step, { jobId, ...asOperator });
  }
  return jobId;
}

const MUTATIONS: Mutations = {
  'job.claim': ['claimJob', { asOperator: 'crew' }],
  'job.release': ['releaseJob', {}],
  'job.start': ['startJob', {}],
  'job.complete': ['completeJob', {}],
  'job.cancel': ['cancelJob', {}],
};
const subjectOf = (id: string): Subject => ({
  query: `query ($id: ID!) { job(id: $id) { ${ACTIONS} } }`,
  variables: { id },
  key: { jobId: id },
});

const LIVES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['QUEUED', [], ['ACCEPTED']],
  ['CLAIMED', ['claimJob'], ['ACCEPTED', 'WRONG_STATE']],
  ['STARTED', ['claimJob', 'startJob'], ['SERVICE_EVENT_NOT_ABORTED', 'SERVICE_EVENT_NOT_COMPLETED', 'WRONG_STATE']],
  ['executed', ['claimJob', 'startJob', 'completed'], ['ACCEPTED', 'SERVICE_EVENT_NOT_ABORTED', 'WRONG_STATE']],
  ['given up', ['claimJob', 'startJob', 'aborted'], ['ACCEPTED', 'SERVICE_EVENT_NOT_COMPLETED', 'WRONG_STATE']],
  ['COMPLETED', ['claimJob', 'startJob', 'completed', 'completeJob'], ['WRONG_STATE']],
  ['CANCELED', ['cancelJob'], ['WRONG_STATE']],
];

describe.each([
  ['given to an operator', 'crew', null],
  ['given to a pool', 'pool', null],
  ['that the operator addressed governs', 'crew', 'crew'],
] as const)('a job %s says what its mutations do', (_, target, addressedTo) => {
  test.each(LIVES)('%s', async (_, steps, ends) => {
    const met = new Set<string>();
    for (const session of EVERYBODY) {
      const fresh = async () => subjectOf(await jobAfter(steps, target, addressedTo));
      for (const end of (await agreement(bench, session, MUTATIONS, fresh)).keys()) met.add(end);
    }
    expect([...met].filter((end) => end !== 'NOT_FOUND' && end !== 'FORBIDDEN').sort()).toEqual(ends);
  });
});

describe('what a job says', () => {
  const claimsOf = async (session: Session, id: string) =>
    (await offersOf(bench, session, subjectOf(id)))?.filter(({ transition }) => transition === 'job.claim') ?? [];

  test('of a pool’s job: once for each member of the pool that one executes for', async () => {
    const id = await jobAfter([], 'pool');
    const claims = await claimsOf(holder, id);
    const as = (operator: string) => [
      { name: 'jobId', value: id },
      { name: 'asOperator', value: operator },
    ];
    expect(claims.map(({ input }) => input)).toEqual([as('crew'), as('second-crew')]);
    expect(claims.map(saidBy)).toEqual(['ACCEPTED', 'ACCEPTED']);
  });

  test('where the matrix forbids it: every clause, what would have to change, and nothing of the domain', async () => {
    const id = await jobAfter(['claimJob', 'startJob'], 'crew');
    const offers = await offersOf(bench, auditor, subjectOf(id));
    expect(offers?.find(({ transition }) => transition === 'job.complete')).toEqual({
      transition: 'job.complete',
      input: [{ name: 'jobId', value: id }],
      allowed: false,
      clauses: [
        { clause: 'principals', group: 'principals', holds: true, remedy: null },
        { clause: 'executes_for', group: 'anyOf', holds: false, remedy: expect.stringContaining('EXECUTE') },
        { clause: 'identity_active', group: 'allOf', holds: true, remedy: null },
        { clause: 'operator_active', group: 'allOf', holds: true, remedy: null },
      ],
      refusal: null,
    });
  });

  test('to the submitter, who may know the state alone: nothing', async () => {
    expect(await offersOf(bench, requester, subjectOf(await jobAfter([], 'crew')))).toBeNull();
  });

  test('where a fact it rests on cannot be known: just that, as the mutation does', async () => {
    const id = await jobAfter([], 'crew');
    await bench.rows("update foreign_aggregate set unknown = true where id = 'crew'");
    const [claim] = await claimsOf(foreman, id);
    const claims: Mutations = { 'job.claim': ['claimJob', {}] };
    const ends = await agreement(bench, foreman, claims, async () => subjectOf(id));
    await bench.rows("update foreign_aggregate set unknown = false where id = 'crew'");
    expect(claim).toMatchObject({ allowed: null, refusal: { code: 'AUTHORITY_UNKNOWN' } });
    expect(claim?.clauses.find(({ clause }) => clause === 'operator_active')).toMatchObject({
      holds: null,
      remedy: expect.stringContaining('cannot be known'),
    });
    expect([...ends.keys()]).toEqual(['AUTHORITY_UNKNOWN']);
  });
});
