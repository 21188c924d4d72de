import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activeOperator, execute, handOff, submit } from '../harness/cast.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { rowsOf, topicsOf } from '../harness/topics.ts';
import {
  assembleForTransfers,
  type Crew,
  entryOf,
  meet,
  newCrew,
  outcome,
  type TransferCast,
  transferIn,
} from '../harness/transfers.ts';
import type { Visitor } from '../harness/visitor.ts';

const INSTANCE = uniqueName('u');

let system: TestSystem;
let cast: TransferCast;
/** An operator with people and work of before, and slugs of others in every state there is. */
let crew: Crew;
let executor: Visitor;
let waiting: string;
let begun: string;
const others: Record<string, string> = {};

const start = () => startTestSystem({ instance: INSTANCE, dataDir: join(sharedStack().dataDir, INSTANCE) });

beforeAll(async () => {
  system = await start();
  try {
    cast = await assembleForTransfers(system);
    await populate();
  } finally {
    await system.stop();
  }
  await forgetTransfer(system);
  system = await start();
});
afterAll(() => system?.stop());

/** The same person to the system of now. */
const now = (visitor: Visitor) => system.again(visitor).learn(visitor);

async function populate(): Promise<void> {
  const { governor, secondGovernor, requester } = cast;
  crew = await newCrew(system, cast);
  const { operator, holder } = crew;
  executor = system.visitor({});
  const identityId = await executor.register();
  await holder.learn(executor).mutate('delegate', { operator, identityId, power: 'EXECUTE' });
  const job = async () => {
    const { taskId } = await submit(requester);
    return handOff(crew.governor.learn(requester), taskId, { operator });
  };
  [waiting, begun] = [await job(), await job()];
  holder.learn(crew.governor);
  await holder.mutate('claimJob', { jobId: begun, asOperator: operator });
  meet(holder, executor, crew.governor);
  for (const [state, field] of [
    ['SUSPENDED', 'suspendOperator'],
    ['RETIRED', 'retireOperator'],
  ] as const) {
    others[state] = (await activeOperator(system, system.again(governor), system.again(secondGovernor))).operator;
    await system.again(governor).mutate(field, { slug: others[state] });
  }
}

/** The stack as a release without transfer left it: no database of it, no topic, and nothing of it known anywhere. */
async function forgetTransfer({ databases, topicPrefix, stack }: TestSystem): Promise<void> {
  const observed = { databases, topicPrefix, brokers: stack.kafka.brokers };
  const topic = topicsOf(observed).get('transfer') ?? '';
  const controlTopic = topic.replace('.events.', '.watermarks.');
  const admin = new Client({ connectionString: stack.postgres.adminUrl });
  await admin.connect();
  const database = new URL(databases.get('transfer')?.ownerUrl ?? '').pathname.slice(1);
  await admin.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1', [
    database,
  ]);
  await admin.query(`drop database ${escapeIdentifier(database)} with (force)`);
  await admin.end();
  const kafka = new Kafka({ brokers: [observed.brokers], logLevel: logLevel.NOTHING }).admin();
  await kafka.connect();
  await kafka.deleteTopics({ topics: [topic, controlTopic] });
  await kafka.disconnect();
  for (const service of [...databases.keys()].filter((name) => name !== 'transfer')) {
    for (const statement of [
      `delete from consumer_position where topic in ('${topic}', '${controlTopic}')`,
      "delete from foreign_aggregate where source = 'transfer'",
      "delete from source_freshness where source = 'transfer'",
      "delete from watermark where source = 'transfer'",
    ]) {
      await rowsOf(observed, service, statement);
    }
  }
}

describe('transfer starts in a stack with data of before', () => {
  test('every operator is in the register, with its holder and since when, whatever became of it (T-TR-31)', async () => {
    const superAdmin = system.again(cast.superAdmin);
    const query = '{ operators(first: 100) { edges { node { slug holderIdentityId onboardedAt state } } } }';
    const { data } = await superAdmin.send(query);
    const operators: { slug: string; holderIdentityId: string; onboardedAt: string; state: string }[] =
      data.operators.edges.map(({ node }: { node: object }) => node);
    expect(operators.length).toBeGreaterThan(3);
    for (const { slug, holderIdentityId, onboardedAt } of operators) {
      expect(await entryOf(superAdmin, slug), slug).toMatchObject({
        ...{ holderIdentityId, registerVersion: 1, setBy: 'onboarding', since: onboardedAt },
      });
    }
    const states = new Map(operators.map(({ slug, state }) => [slug, state]));
    for (const [state, slug] of Object.entries(others)) expect(states.get(slug)).toBe(state);
    const verified = await superAdmin.send('{ verifyRegister { objects holds } }');
    expect(verified.data.verifyRegister).toEqual({ objects: operators.length, holds: true });
  });

  test('whoever was something to an operator is it still, and goes on with its work', async () => {
    const { operator } = crew;
    await execute(now(executor), waiting, operator);
    const holder = now(crew.holder);
    await holder.mutate('startJob', { jobId: begun });
    const { data } = await holder.send('{ me { operators { operator { slug } relations } } }');
    expect(data.me.operators).toEqual([{ operator: { slug: operator }, relations: ['HOLDER'] }]);
  });

  test('and an operator of before is handed over as any other; a retired one is not', async () => {
    const today: Crew = {
      ...crew,
      holder: now(crew.holder),
      buyer: now(crew.buyer),
      superAdmin: now(crew.superAdmin),
      secondSuperAdmin: now(crew.secondSuperAdmin),
      governor: now(crew.governor),
    };
    const { superAdmin } = today;
    await transferIn(today, 'completed');
    expect(await entryOf(superAdmin, crew.operator)).toMatchObject({
      holderIdentityId: crew.buyerId,
      registerVersion: 2,
    });
    const claim = await now(executor).learn(superAdmin).attempt('startJob', { jobId: waiting });
    expect(claim.data.startJob.refusal.code).toBe('NOT_FOUND');
    for (const [state, came] of [
      ['RETIRED', 'OBJECT_NOT_TRANSFERABLE'],
      ['SUSPENDED', 'proposed'],
    ] as const) {
      const proposal = { objectClass: 'operator', objectId: others[state], toIdentityId: crew.buyerId };
      expect(await outcome(superAdmin, 'proposeTransfer', proposal), state).toBe(came);
    }
  });

  test('an operator that is onboarded while transfer does not run enters the register once it does', async () => {
    const [process] = system.services.get('transfer') ?? [];
    await process?.stop();
    const [governor, secondGovernor] = [system.again(cast.governor), system.again(cast.secondGovernor)];
    const { operator, holder, holderIdentityId } = await activeOperator(system, governor, secondGovernor);
    await process?.start();
    await process?.ready();
    expect(await entryOf(holder, operator)).toMatchObject({
      holderIdentityId,
      registerVersion: 1,
      setBy: 'onboarding',
    });
  });
});
