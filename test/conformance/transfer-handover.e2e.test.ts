import { waitFor } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byId, codeOf, DENIED } from '../harness/answers.ts';
import { submit } from '../harness/cast.ts';
import { startedJob } from '../harness/chains.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { rowsOf } from '../harness/topics.ts';
import { assembleForTransfers, type Crew, meet, newCrew, type TransferCast, transferIn } from '../harness/transfers.ts';
import type { Visitor } from '../harness/visitor.ts';
import { idOf, somebody } from './execution.ts';
import { NO_ID, queriesById, queriesOfMany } from './operations.ts';
import { goingOn, holding, type Work, workAtHand } from './work-at-hand.ts';

/** So often it is measured how long the services take to agree. */
const MEASURED = 5;
const AGREE_TIMEOUT_MS = 30_000;

let system: TestSystem;
let cast: TransferCast;
let crew: Crew;
let work: Work;
/** Whoever was something to the operator before, and whom the new holder trusts. */
let former: Readonly<Record<string, Visitor>>;
let newcomer: string;
/** The record of before, in all that is said of it; and what the operator said of itself. */
let sealed: unknown;
let profile: unknown;

const RECORD = 'record(id: $id) { id state sha256 content sizeBytes operator { slug } serviceEvent { id } }';
const PROFILE = 'query ($slug: Slug!) { operator(slug: $slug) { slug name type surfaces state onboardedAt } }';

beforeAll(async () => {
  system = await startTestSystem();
  cast = await assembleForTransfers(system);
  crew = await newCrew(system, cast);
  const { operator, holder, buyer, superAdmin } = crew;
  former = { holder, ...(await trustedBy(holder, operator)) };
  work = await workAtHand(cast, crew);
  sealed = await byId(holder, RECORD, work.recordId);
  profile = (await holder.send(PROFILE, { slug: operator })).data;
  const third = await somebody(system, [holder]);
  newcomer = await idOf(third);
  meet(...Object.values(former), crew.governor, third);
  await before();
  await transferIn(crew, 'completed');
  meet(buyer, superAdmin, ...Object.values(former));
});
afterAll(() => system?.stop());

/** An executor, a deputy and a member, each named by the holder. */
async function trustedBy(holder: Visitor, operator: string): Promise<Readonly<Record<string, Visitor>>> {
  const [executor, deputy, member] = [
    await somebody(system, []),
    await somebody(system, []),
    await somebody(system, []),
  ];
  holder.learn(executor, deputy, member);
  await holder.mutate('delegate', { operator, identityId: await idOf(executor), power: 'EXECUTE' });
  await holder.mutate('delegate', { operator, identityId: await idOf(deputy), power: 'GOVERN' });
  await holder.mutate('addWorkspaceMember', { operator, identityId: await idOf(member) });
  meet(holder, executor, deputy, member);
  return { executor, deputy, member };
}

/** What the operator's people see of its work; an executor sees no tasks. */
const SEEN = `query ($job: ID!, $task: ID!, $event: ID!, $record: ID!) {
  job(id: $job) { id } serviceEvent(id: $event) { id } record(id: $record) { id } task(id: $task) { id }
  jobs { totalCount } serviceEvents { totalCount } records { totalCount } tasks { totalCount }
  desk(surface: "municipal") { queue { edges { node { id } } } } me { operators { operator { slug } relations } } }`;
const ids = () => ({ job: work.queued, task: work.open, event: work.serviceEventId, record: work.recordId });

/** Before it is handed over all of them see it, and whom it goes to sees nothing. */
async function before(): Promise<void> {
  for (const [name, visitor] of Object.entries(former)) {
    const { data } = await visitor.send(SEEN, ids());
    for (const field of ['job', 'serviceEvent', 'record']) expect(data[field], `${field} of ${name}`).not.toBeNull();
    expect(data.jobs.totalCount, name).toBeGreaterThan(5);
    expect(data.me.operators, name).toHaveLength(1);
  }
  const { data } = await crew.buyer.learn(crew.holder).send(SEEN, ids());
  expect(data).toEqual(NOTHING);
}

const NOTHING = {
  ...{ job: null, serviceEvent: null, record: null, task: null },
  ...{
    jobs: { totalCount: 0 },
    serviceEvents: { totalCount: 0 },
    records: { totalCount: 0 },
    tasks: { totalCount: 0 },
  },
  ...{ desk: { queue: { edges: [] } }, me: { operators: [] } },
};

/** How many facts there are, attempts aside. */
async function facts(): Promise<readonly number[]> {
  const counts: number[] = [];
  for (const service of system.services.keys()) {
    const [row] = await rowsOf<{ facts: number }>(
      { ...system, brokers: system.stack.kafka.brokers },
      service,
      "select count(*)::integer as facts from journal where aggregate_type not in ('attempt', 'attempt_count')",
    );
    counts.push(row?.facts ?? 0);
  }
  return counts;
}

const FORMER = ['holder', 'executor', 'deputy', 'member'];
const formerly = (name: string) => former[name] as Visitor;

describe('once an operator was handed over', () => {
  test.each(FORMER)('T-TR-31 deny: its former %s sees none of its work, by whichever id, in no list', async (name) => {
    const visitor = formerly(name);
    expect((await visitor.send(SEEN, ids())).data).toEqual(NOTHING);
    for (const { field, query } of queriesById()) {
      const unknown = JSON.stringify((await visitor.send(query, { id: NO_ID })).data);
      for (const [what, id] of Object.entries(work)) {
        expect(JSON.stringify((await visitor.send(query, { id })).data), `${field} of ${what}`).toBe(unknown);
      }
    }
    for (const { field, query } of queriesOfMany()) {
      const told = JSON.stringify((await visitor.send(query)).data);
      for (const [what, id] of Object.entries(work)) expect(told, `${field}: ${what}`).not.toContain(id);
    }
  });

  test.each(FORMER)('T-TR-31 deny: its former %s goes on with nothing, and does nothing for it', async (name) => {
    const visitor = formerly(name);
    const earlier = await facts();
    for (const [field, input] of [...goingOn(work, crew.operator), ...holding(crew.operator, newcomer)]) {
      expect(DENIED, field).toContain(codeOf(await visitor.attempt(field, input), field));
    }
    expect(await facts()).toEqual(earlier);
  });

  test('T-TR-31 allow: its new holder sees all of it', async () => {
    const { data } = await crew.buyer.send(SEEN, ids());
    const { job, serviceEvent, record, task, me } = data;
    expect([job, serviceEvent, record, task]).toEqual([
      { id: work.queued },
      { id: work.serviceEventId },
      { id: work.recordId },
      { id: work.open },
    ]);
    expect(data.jobs.totalCount).toBe(8);
    expect(data.tasks.totalCount).toBe(7);
    expect(me.operators).toEqual([{ operator: { slug: crew.operator }, relations: ['HOLDER'] }]);
  });

  test('T-SP-15 allow: a record that was sealed before is the same, and whoever holds its operator now reads it', async () => {
    expect(await byId(crew.buyer, RECORD, work.recordId)).toEqual(sealed);
    const { verifyRecord } = await byId(crew.buyer, 'verifyRecord(id: $id) { verified }', work.recordId);
    expect(verifyRecord).toEqual({ verified: true });
  });

  test('T-WF-05 allow: an operator that changed hands is the same operator', async () => {
    expect((await crew.buyer.send(PROFILE, { slug: crew.operator })).data).toEqual(profile);
    const holder =
      'query ($slug: Slug!) { operator(slug: $slug) { registerEntry { holderIdentityId registerVersion } } }';
    const { data } = await crew.buyer.send(holder, { slug: crew.operator });
    expect(data.operator.registerEntry).toEqual({ holderIdentityId: crew.buyerId, registerVersion: 2 });
  });

  test('T-TR-31 allow: its new holder goes on with all of it, and names its own people', async () => {
    for (const [field, input] of [...goingOn(work, crew.operator), ...holding(crew.operator, newcomer)]) {
      expect(codeOf(await crew.buyer.attempt(field, input), field), field).toBe('ACCEPTED');
    }
  });

  test('T-TR-31 allow: whom it trusts again, it does anew; what was given under the holder before stays void', async () => {
    const { operator, buyer } = crew;
    const { executor, deputy } = former as Readonly<Record<'executor' | 'deputy', Visitor>>;
    await buyer.mutate('delegate', { operator, identityId: await idOf(executor), power: 'EXECUTE' });
    meet(buyer, executor, deputy);
    const { data } = await executor.send(SEEN, ids());
    expect(data.me.operators).toEqual([{ operator: { slug: operator }, relations: ['EXECUTE'] }]);
    await executor.mutate('startJob', { jobId: work.queued });
    expect((await deputy.send(SEEN, ids())).data).toEqual(NOTHING);
  });
});

/** In each service something that whoever holds an operator sees, and nobody else of the two. */
const LOOKS: Readonly<Record<string, string>> = {
  transfer: '{ registerEntries { edges { node { id } } } }',
  operator: '{ me { operators { operator { slug } relations } } }',
  governance: '{ tasks { edges { node { id } } } }',
  jobs: '{ jobs { edges { node { id } } } }',
  workflow: '{ serviceEvents { edges { node { id } } } }',
};

describe('how soon', () => {
  /** What somebody sees who sends back nothing of what they have seen. */
  const seenBy = async (visitor: Visitor, query: string) =>
    JSON.stringify((await system.again(visitor).send(query)).data);

  /** Waits until the two see of each service what the other saw before, and gives how long each took. */
  async function untilAllAgree(one: Crew): Promise<ReadonlyMap<string, number>> {
    const { holder, buyer, superAdmin } = one;
    const earlier = new Map<string, readonly [string, string]>();
    for (const [service, query] of Object.entries(LOOKS)) {
      earlier.set(service, [await seenBy(holder, query), await seenBy(buyer, query)]);
    }
    const transferId = await transferIn(one, 'accepted');
    await superAdmin.mutate('completeTransfer', { transferId });
    const completedMs = performance.now();
    const took = Object.entries(LOOKS).map(async ([service, query]) => {
      const agrees = async () => {
        const now = await Promise.all([seenBy(buyer, query), seenBy(holder, query)]);
        return now.join() === earlier.get(service)?.join() ? performance.now() - completedMs : undefined;
      };
      const what = `${service} obeys the register`;
      return [service, await waitFor(agrees, { timeoutMs: AGREE_TIMEOUT_MS, everyMs: 1, what })] as const;
    });
    return new Map(await Promise.all(took));
  }

  test('every service obeys the register soon, also of whoever sends no tokens', async () => {
    const times = new Map(Object.keys(LOOKS).map((service) => [service, [] as number[]]));
    for (let measured = 0; measured < MEASURED; measured++) {
      const one = await newCrew(system, cast);
      const { operator, holder, governor } = one;
      await startedJob({ ...cast, operator, holder, governor });
      await submit(cast.requester, { addressedTo: operator });
      holder.learn(cast.requester);
      await holder.send('{ tasks { totalCount } serviceEvents { totalCount } registerEntries { totalCount } }');
      for (const [service, ms] of await untilAllAgree(one)) times.get(service)?.push(ms);
    }
    const said = [...times].map(([service, all]) => `${service} ${all.map((ms) => ms.toFixed(0)).join(' ')}`);
    process.stdout.write(`ms from a completion until each service obeys it: ${said.join('; ')}\n`);
  });
});
