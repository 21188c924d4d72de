import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { openTown, PEOPLE, person, type Town, transferEvent } from './town.ts';

const { superAdmin, cloReviewer, executive, auditor, networkGovernor, holder, requester } = PEOPLE;
const machine: Session = { ...person('machine', ['super_admin']), kind: 'SERVICE' };
const omni: Session = { ...person('omni', ['super_admin']), kind: 'AGENT' };
const throughAnAgent: Session = { ...superAdmin, kind: 'AGENT' };

let town: Town;
beforeAll(async () => {
  town = await openTown();
  await town.feed(foreignFact('operator', 'identity_registered', { id: machine.identityId }));
});
afterAll(() => town?.stop());

/** Typed from the doctrine's table (S2:83-87). */
const DOCTRINE = [
  ['transfer_proposed', 'high'],
  ['transfer_accepted', 'high'],
  ['transfer_completed', 'medium'],
] as const;
const NAMES = DOCTRINE.map(([name]) => name);

const TASK = 'id state version queue function risk event transferId objectClass objectId causedByEventId reviewedAt';

/** What waits because of one transfer, oldest first, as a super_admin sees it. */
async function tasksOf(transferId: string) {
  const query = `query ($id: ID!) { governanceTasks(filter: { transferId: $id }, sort: { field: OPENED_AT, direction: ASC }) {
    totalCount edges { node { ${TASK} reviewedBy { id } transfer { id } } } } }`;
  const { data, errors } = await town.ask(superAdmin, query, { id: transferId });
  expect(errors).toEqual([]);
  expect(data.governanceTasks.totalCount).toBe(data.governanceTasks.edges.length);
  return data.governanceTasks.edges.map(({ node }: { node: { event: string } }) => node);
}

const eventsOf = async (transferId: string) => (await tasksOf(transferId)).map((one: { event: string }) => one.event);

/** Rows of the journal about what waits because of one transfer: what goes to the topic. */
const told = (transferId: string) =>
  town.rows(
    `select event_type, aggregate_id, transition, actor_id, authority, causation_id, basis from journal
      where aggregate_type = 'governance_task' and aggregate_id like $1 order by occurred_at, event_id`,
    [`${transferId}:%`],
  );

/** A governance task that waits; gives its id. */
async function pending(): Promise<string> {
  const transferId = randomUUID();
  await town.feed(transferEvent('transfer_proposed', transferId));
  return `${transferId}:transfer_proposed`;
}

const stateOf = async (id: string) => {
  const rows = await town.rows('select state, version, published from governance_task where id = $1', [id]);
  return rows[0];
};

describe('an event of a transfer', () => {
  test.each(DOCTRINE)(
    'T-TR-24 allow: %s waits for the CLO, of risk %s, as its recorded consequence',
    async (event, risk) => {
      const transferId = randomUUID();
      const fact = transferEvent(event, transferId);
      await town.feed(fact);
      const { event_id: causedByEventId, actor_id } = fact.event as typeof fact.event & Record<string, string>;
      expect(await tasksOf(transferId)).toEqual([
        {
          id: `${transferId}:${event}`,
          state: 'PENDING',
          version: 1,
          queue: 'CLO',
          function: 'Transfer Review',
          risk,
          event,
          transferId,
          objectClass: 'operator',
          objectId: 'crew',
          causedByEventId,
          reviewedAt: null,
          reviewedBy: null,
          transfer: { id: transferId },
        },
      ]);
      const [{ basis, ...row } = { basis: [] }, ...others] = await told(transferId);
      expect(others).toEqual([]);
      expect(row).toEqual({
        event_type: 'x1.governance.governance_task_created.v1',
        aggregate_id: `${transferId}:${event}`,
        transition: 'governance_task.create',
        actor_id,
        authority: 'consequence',
        causation_id: causedByEventId,
      });
      expect(basis).toEqual([expect.stringContaining(`transfer/transfer/${transferId}@`)]);
    },
  );

  test.each([
    ['in their order', NAMES],
    ['in reverse', [...NAMES].reverse()],
    ['the last first', ['transfer_completed', 'transfer_proposed', 'transfer_accepted'] as const],
  ])('T-TR-24 allow: exactly one each, however often they come, %s', async (_, order) => {
    const transferId = randomUUID();
    const facts = order.map((name) => transferEvent(name, transferId));
    await town.feed(...facts);
    await town.feed(...facts, ...[...facts].reverse());
    expect([...(await eventsOf(transferId))].sort()).toEqual([...NAMES].sort());
    expect(await told(transferId)).toHaveLength(NAMES.length);
  });

  test('T-TR-24 allow: told anew under another id, as after a restore, it finds the one there is', async () => {
    const transferId = randomUUID();
    await town.feed(transferEvent('transfer_proposed', transferId));
    const before = await tasksOf(transferId);
    await town.feed(transferEvent('transfer_proposed', transferId));
    expect(await tasksOf(transferId)).toEqual(before);
  });

  test.each([
    'transfer_rejected',
    'transfer_canceled',
    'transfer_expired',
    'transfer_voided',
    'transfer_evidence_added',
    'transfer_imported',
  ] as const)('T-TR-24 deny: %s waits for nobody (C-09)', async (name) => {
    const transferId = randomUUID();
    await town.feed(transferEvent(name, transferId));
    expect(await tasksOf(transferId)).toEqual([]);
    await town.feed(transferEvent('transfer_proposed', transferId), transferEvent(name, transferId));
    expect(await eventsOf(transferId)).toEqual(['transfer_proposed']);
  });

  test.each([
    ['without an id', { id: undefined }],
    ['of an id that is none', { id: 'crew' }],
    ['of no class', { object_class: null }],
  ])('%s is set aside with all that follows of its transfer, and nothing is made of it', async (_, broken) => {
    const transferId = randomUUID();
    const { source, event } = transferEvent('transfer_proposed', transferId);
    const other = randomUUID();
    await town.feed(
      { source, event: { ...event, state: { ...event.state, ...broken } } },
      transferEvent('transfer_accepted', transferId),
      transferEvent('transfer_proposed', other),
    );
    const parked = await town.rows('select reason from parked_event where key = $1 order by "offset"', [transferId]);
    expect(parked).toHaveLength(2);
    expect(parked[1]).toEqual({ reason: 'behind a parked event of its key' });
    expect(await tasksOf(transferId)).toEqual([]);
    expect(await eventsOf(other)).toEqual(['transfer_proposed']);
  });
});

describe('a review', () => {
  const review = (session: Session, governanceTaskId: string, rest: object = {}) =>
    town.attempt(session, 'reviewGovernanceTask', { governanceTaskId, ...rest }, 'governanceTask { state version }');

  test('T-TR-25 allow: a super_admin looks at it, once and for good', async () => {
    const id = await pending();
    const { data, errors } = await review(superAdmin, id, { note: 'In order', expectedVersion: 1 });
    expect(errors).toEqual([]);
    expect(data.reviewGovernanceTask).toEqual({ governanceTask: { state: 'REVIEWED', version: 2 }, refusal: null });
    const query = `query ($id: ID!) { governanceTask(id: $id) { state note reviewedBy { id } reviewedAt
      history { edges { node { transition actorId clause newState reason } } } } }`;
    const { governanceTask } = (await town.ask(superAdmin, query, { id })).data;
    expect(governanceTask).toMatchObject({
      state: 'REVIEWED',
      note: 'In order',
      reviewedBy: { id: superAdmin.identityId },
      reviewedAt: expect.any(String),
    });
    expect(governanceTask.history.edges.map(({ node }: { node: object }) => node)).toEqual([
      expect.objectContaining({ transition: 'governance_task.create', clause: 'consequence', reason: null }),
      {
        transition: 'governance_task.review',
        actorId: superAdmin.identityId,
        clause: 'role:super_admin',
        newState: 'REVIEWED',
        reason: 'In order',
      },
    ]);
    const again = (await review(superAdmin, id)).data.reviewGovernanceTask;
    expect(again.refusal).toMatchObject({ code: 'WRONG_STATE', currentState: 'REVIEWED' });
    expect(await stateOf(id)).toMatchObject({ version: 2 });
  });

  test('T-TR-25 allow: by a role that was granted, and without a word', async () => {
    const id = await pending();
    await town.mutate(superAdmin, 'grantRole', { identityId: holder.identityId, role: 'super_admin' });
    const { data } = await review(holder, id);
    expect(data.reviewGovernanceTask.governanceTask).toEqual({ state: 'REVIEWED', version: 2 });
    await town.mutate(superAdmin, 'revokeRole', { identityId: holder.identityId, role: 'super_admin' });
  });

  test('is of the version that was read, and the same key gives the same answer', async () => {
    const id = await pending();
    const stale = (await review(superAdmin, id, { expectedVersion: 2 })).data.reviewGovernanceTask;
    expect(stale.refusal.code).toBe('VERSION_CONFLICT');
    const key = { idempotencyKey: randomUUID() };
    const [first, second] = [await review(superAdmin, id, key), await review(superAdmin, id, key)];
    expect(second).toEqual(first);
    const unknown = (await review(superAdmin, `${randomUUID()}:transfer_proposed`)).data.reviewGovernanceTask;
    expect(unknown.refusal.code).toBe('NOT_FOUND');
  });

  test('keeps a note of at most 4,000 characters, as a personal value alone', async () => {
    const id = await pending();
    const tooLong = (await review(superAdmin, id, { note: 'x'.repeat(4_001) })).data.reviewGovernanceTask;
    expect(tooLong.refusal.code).toBe('INVALID_INPUT');
    await review(superAdmin, id, { note: 'Jane Doe called' });
    expect((await stateOf(id))?.published.note).toEqual({ ref: expect.any(String), hash: expect.any(String) });
    const [row] = await town.rows('select string_agg(payload, $1) as told from journal where aggregate_id = $2', [
      '',
      id,
    ]);
    expect(row?.told).not.toContain('Jane Doe');
  });

  test.each([
    ['clo_reviewer', cloReviewer, 'FORBIDDEN'],
    ['executive', executive, 'FORBIDDEN'],
    ['auditor', auditor, 'FORBIDDEN'],
    ['a service with every role', machine, 'FORBIDDEN'],
    ['Omni', omni, 'FORBIDDEN'],
    ['a super_admin through an agent', throughAnAgent, 'FORBIDDEN'],
    ['admin_governor', networkGovernor, 'NOT_FOUND'],
    ['the holder of the object', holder, 'NOT_FOUND'],
    ['anybody else', requester, 'NOT_FOUND'],
  ])('T-TR-25 deny: not by %s', async (_, session, code) => {
    const id = await pending();
    const { data, errors } = await review(session, id);
    expect(errors[0]?.extensions?.code ?? data.reviewGovernanceTask.refusal.code).toBe(code);
    expect(await stateOf(id)).toMatchObject({ state: 'PENDING', version: 1 });
  });

  test('T-TR-25 deny: not by what becomes of the transfer', async () => {
    const transferId = randomUUID();
    await town.feed(transferEvent('transfer_proposed', transferId), transferEvent('transfer_accepted', transferId));
    await town.feed(transferEvent('transfer_completed', transferId), transferEvent('transfer_canceled', transferId));
    for (const task of await tasksOf(transferId)) expect(task).toMatchObject({ state: 'PENDING', version: 1 });
  });

  test.each([omni, throughAnAgent])(
    'T-TR-27 deny: an agent that tries is refused, and that is a fact',
    async (agent) => {
      const id = await pending();
      const attempts = () =>
        town.rows(
          `select payload::json as event from journal where aggregate_type = 'attempt' and actor_id = $1
          and payload::json -> 'state' ->> 'transition' = 'governance_task.review' and actor_kind = 'AGENT'`,
          [agent.identityId],
        );
      const before = await attempts();
      await review(agent, id);
      const after = await attempts();
      expect(after).toHaveLength(before.length + 1);
      expect(after.at(-1)?.event).toMatchObject({
        event_type: 'x1.governance.attempt_denied.v1',
        state: { principal_kind: 'AGENT', transition: 'governance_task.review', clause: 'principals' },
      });
    },
  );
});

describe('the database repeats the rules', () => {
  test.each([
    ['governance_task_as_risky_as_its_event', { risk: 'medium' }],
    ['governance_task_named_by_its_parts', { event: 'transfer_accepted' }],
    ['governance_task_in_the_clo_queue', { queue: 'OTHER' }],
    ['governance_task_in_the_clo_queue', { function: 'Else' }],
    ['governance_task_reviewed_by_somebody', { reviewed_by: superAdmin.identityId }],
    ['governance_task_reviewed_somewhen', { reviewed_at: '2026-01-05T10:00:00.123456Z' }],
    ['governance_task_noted_at_its_review', { note: { ref: randomUUID(), hash: '' } }],
  ])('%s', async (constraint, change) => {
    const id = await pending();
    const broken = town.rows('update governance_task set published = published || $1 where id = $2', [change, id]);
    await expect(broken).rejects.toMatchObject({ constraint });
  });
});
