import { randomUUID } from 'node:crypto';
import { ROOT } from '@qtm/local';
import type { Message } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readContract } from '../../infra/scripts/generate/contract.ts';
import { messageOf } from '../../infra/service-kit/src/relay/message.ts';
import { newJob } from '../harness/chains.ts';
import { asService } from '../harness/databases.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { type Observed, rowsOf, topicsOf } from '../harness/topics.ts';
import {
  assembleForTransfers,
  type Crew,
  entryOf,
  meet,
  meetAll,
  newCrew,
  outcome,
  setPolicy,
  stateOf,
  type TransferCast,
  tasksOf,
  toBuyer,
  transferIn,
} from '../harness/transfers.ts';
import { type Broker, openBroker } from './broker.ts';
import { creationsOf } from './creations.ts';
import { everyMutation } from './operations.ts';

let system: TestSystem;
let observed: Observed;
let cast: TransferCast;
let broker: Broker;
/** The topic of a service that there is not yet, and those that there are. */
let topics: readonly string[];
beforeAll(async () => {
  system = await startTestSystem();
  observed = { ...system, brokers: system.stack.kafka.brokers };
  broker = await openBroker(system);
  topics = [await broker.newTopic('xen.payments.events.v1'), ...topicsOf(observed).values()];
  cast = await assembleForTransfers(system);
});
afterAll(async () => {
  await broker?.close();
  await system?.stop();
});

const crewOf = () => newCrew(system, cast);

describe('governance tasks', () => {
  const task = (event: string, risk: string) => ({
    ...{ id: expect.any(String), event, risk, queue: 'CLO', function: 'Transfer Review', state: 'PENDING' },
  });
  const THREE = [
    task('transfer_proposed', 'high'),
    task('transfer_accepted', 'high'),
    task('transfer_completed', 'medium'),
  ];

  test('T-TR-24 allow: a transfer that is completed leaves three, each with its risk', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'proposed');
    for (const [index, [by, field]] of (
      [
        ['buyer', 'acceptTransfer'],
        ['superAdmin', 'completeTransfer'],
      ] as const
    ).entries()) {
      expect(await tasksOf(crew.superAdmin, transferId)).toEqual(THREE.slice(0, index + 1));
      await crew[by].mutate(field, { transferId });
      meetAll(crew);
    }
    expect(await tasksOf(crew.superAdmin, transferId)).toEqual(THREE);
  });

  test('T-TR-24 deny: no other end of a transfer leaves one, and no command does', async () => {
    for (const state of ['canceled', 'rejected', 'expired', 'voided'] as const) {
      const crew = await crewOf();
      const transferId = await transferIn(crew, state);
      const accepted = state === 'voided' ? 2 : 1;
      expect(await tasksOf(crew.superAdmin, transferId), state).toEqual(THREE.slice(0, accepted));
    }
    expect(creationsOf('governance')).not.toContainEqual(expect.stringMatching(/^governance_task\./));
  });

  test('T-TR-24 deny: what is told again leaves no second one, and reviews none anew', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'completed');
    const reviewed = { governanceTaskId: `${transferId}:transfer_proposed` };
    await tasksOf(crew.superAdmin, transferId);
    await crew.superAdmin.mutate('reviewGovernanceTask', reviewed);
    const before = await rowsOf(observed, 'governance', 'select * from governance_task order by id');
    const facts = "select * from journal where aggregate_type = 'transfer' order by occurred_at";
    const told = (await rowsOf<Record<string, unknown>>(observed, 'transfer', facts)).map((row) => {
      const { key, value, headers } = messageOf(row, 'transfer', 'acquisition.x1');
      return { key, value, headers };
    });
    expect(told.length).toBeGreaterThan(10);
    for (const round of [told, told.toReversed()]) await broker.put([topicsOf(observed).get('transfer') ?? ''], round);
    expect(await rowsOf(observed, 'governance', 'select * from governance_task order by id')).toEqual(before);
    const states = (await tasksOf(crew.superAdmin, transferId)).map(({ state }: { state: string }) => state);
    expect(states).toEqual(['REVIEWED', 'PENDING', 'PENDING']);
  });
});

describe('an object that is not free', () => {
  test('T-TR-30 allow: once its holder has unlocked it, it is proposed', async () => {
    const crew = await crewOf();
    const { superAdmin, holder, operator } = crew;
    const object = { objectClass: 'operator', objectId: operator };
    await setPolicy(superAdmin, { lockable: true });
    await holder.learn(superAdmin).mutate('lockObject', object);
    await holder.mutate('unlockObject', object);
    await setPolicy(superAdmin);
    expect(await outcome(holder, 'proposeTransfer', toBuyer(crew))).toBe('proposed');
  });

  test('T-TR-30 deny: not while it is locked, by nobody, and none but its holder unlocks it', async () => {
    const crew = await crewOf();
    const { superAdmin, holder, operator } = crew;
    const object = { objectClass: 'operator', objectId: operator };
    await setPolicy(superAdmin, { lockable: true });
    await holder.learn(superAdmin).mutate('lockObject', object);
    await setPolicy(superAdmin);
    meetAll(crew);
    for (const by of [holder, superAdmin]) {
      expect(await outcome(by, 'proposeTransfer', toBuyer(crew))).toBe('OBJECT_LOCKED');
    }
    const { errors } = await superAdmin.attempt('unlockObject', object);
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'anyOf' });
  });

  test('T-TR-30 deny: nor is it locked, or proposed again, while a transfer of it is active', async () => {
    const crew = await crewOf();
    await setPolicy(crew.superAdmin, { lockable: true });
    await transferIn(crew, 'accepted');
    const object = { objectClass: 'operator', objectId: crew.operator };
    const { data } = await crew.holder.attempt('lockObject', object);
    await setPolicy(crew.superAdmin);
    expect(data.lockObject.refusal.code).toBe('TRANSFER_ACTIVE');
    expect(await outcome(crew.holder, 'proposeTransfer', toBuyer(crew))).toBe('TRANSFER_ACTIVE');
  });
});

/** What every service has of who holds what, byte by byte, and whatever it set aside. */
async function registerEverywhere(): Promise<Readonly<Record<string, readonly object[]>>> {
  const found: Record<string, readonly object[]> = {
    entries: await rowsOf(observed, 'transfer', 'select * from register_entry order by id'),
    transfers: await rowsOf(observed, 'transfer', 'select * from transfer order by id'),
    journal: await rowsOf(observed, 'transfer', 'select * from journal order by event_id'),
    operators: await rowsOf(observed, 'operator', 'select * from operator order by id'),
  };
  for (const service of system.services.keys()) {
    const copies = "select * from foreign_aggregate where source in ('transfer', 'operator') order by source, type, id";
    found[`copies of ${service}`] = await rowsOf(observed, service, copies);
    found[`parked at ${service}`] = await rowsOf(observed, service, 'select * from parked_event');
  }
  return found;
}

/** A well-formed event of a service of payments, with whatever it claims of who holds an operator. */
function paymentEvent(name: string, { operator, buyerId }: Crew, transferId: string): Message {
  const id = randomUUID();
  const type = `xen.payments.${name}.v1`;
  const state = {
    ...{
      id,
      state: name.toUpperCase(),
      operator,
      transfer_id: transferId,
      object_class: 'operator',
      object_id: operator,
    },
    ...{ holder_identity_id: buyerId, register_version: 99, amount: '100.00', currency: 'USD' },
  };
  const envelope = {
    ...{ event_id: randomUUID(), event_type: type, schema_version: 1, aggregate_type: 'payment', aggregate_id: id },
    ...{ aggregate_version: 1, transition: `payment.${name}`, prior_state: null, new_state: state.state },
    ...{ actor_id: randomUUID(), actor_kind: 'SERVICE', authority: 'service', basis: [], epoch: 1 },
    ...{ correlation_id: randomUUID(), occurred_at: '2026-01-01T00:00:00.000000Z', state, data: {} },
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  };
  const headers = { ce_specversion: '1.0', ce_id: envelope.event_id, ce_type: type, ce_subject: `payment/${id}` };
  return { key: operator, value: JSON.stringify(envelope), headers };
}

async function skippedBy(service: string): Promise<number> {
  const metrics = await (await fetch(`${system.services.get(service)?.[0]?.url}/metrics`)).text();
  const counts = metrics.matchAll(/^qtm_consumer_events_total\{[^}]*outcome="skipped"[^}]*\} (\d+)/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

describe('what is no transfer', () => {
  const PAID = ['payment_authorized', 'payment_captured', 'payout_created', 'escrow_funded', 'escrow_released'];
  const TURNED_BACK = ['payment_refunded', 'payment_voided', 'payout_reversed', 'escrow_returned', 'chargeback_opened'];

  test('T-TR-28 allow: a transfer is completed though nothing was paid, and its task and its operator follow', async () => {
    const crew = await crewOf();
    await broker.settled();
    const before = await typesOfFacts();
    const transferId = await transferIn(crew, 'accepted');
    expect(await outcome(crew.superAdmin, 'completeTransfer', { transferId })).toBe('completed');
    await broker.settled();
    expect(addedTo(before, await typesOfFacts())).toEqual([
      'x1.acquisition.operator_transferred.v1',
      'x1.acquisition.transfer_accepted.v1',
      'x1.acquisition.transfer_completed.v1',
      'x1.acquisition.transfer_proposed.v1',
      'x1.governance.governance_task_created.v1',
      'x1.governance.governance_task_created.v1',
      'x1.governance.governance_task_created.v1',
      'x1.operator.operator_holder_changed.v1',
    ]);
  });

  async function typesOfFacts(): Promise<readonly string[]> {
    const types: string[] = [];
    for (const service of system.services.keys()) {
      const rows = await rowsOf<{ event_type: string }>(observed, service, 'select event_type from journal');
      types.push(...rows.map((row) => row.event_type));
    }
    return types;
  }

  function addedTo(before: readonly string[], after: readonly string[]): readonly string[] {
    const left = [...after];
    for (const type of before) left.splice(left.indexOf(type), 1);
    return left.sort();
  }

  test('T-TR-28 deny: no service has an aggregate, a fact or a mutation in which one is settled', () => {
    const settles = /settle|payment|payout|escrow|refund|capture[sd]?_|invoice|wallet/i;
    for (const { aggregates, events } of readContract(ROOT).services) {
      for (const { name } of [...aggregates, ...events]) expect(name).not.toMatch(settles);
    }
    for (const { field } of everyMutation()) expect(field).not.toMatch(settles);
  });

  test('T-TR-29 allow: while payments are made a transfer takes its own course', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'proposed');
    const paid = PAID.map((name) => paymentEvent(name, crew, transferId));
    await broker.put(topics, paid);
    expect(await stateOf(crew.superAdmin, transferId)).toBe('proposed');
    expect(await outcome(crew.buyer, 'acceptTransfer', { transferId })).toBe('accepted');
    expect(await outcome(crew.superAdmin.learn(crew.buyer), 'completeTransfer', { transferId })).toBe('completed');
  });

  test('T-TR-29 deny: no refund, reversal or escrow that is put on the broker turns it back, or changes one byte', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'completed');
    await broker.settled();
    const before = await registerEverywhere();
    const back = { ...crew, buyerId: crew.holderId };
    await broker.put(
      topics,
      [...PAID, ...TURNED_BACK].map((name) => paymentEvent(name, back, transferId)),
    );
    expect(await registerEverywhere()).toEqual(before);
  });

  test('T-TR-34 allow: what a rail says may be put before those who decide', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'proposed');
    const evidence = [{ kind: 'REFERENCE', sha256: 'a'.repeat(64), storageRef: 'rail://receipt/4711' }];
    expect(await outcome(crew.buyer, 'addTransferEvidence', { transferId, evidence })).toBe('proposed');
    expect(await entryOf(crew.superAdmin.learn(crew.buyer), crew.operator)).toMatchObject({ registerVersion: 1 });
  });

  test('T-TR-34 deny: that a rail claims another holder moves nothing; it is passed over, and counted', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'accepted');
    await broker.settled();
    const before = await registerEverywhere();
    const skipped = await skippedBy('transfer');
    const claims = ['ownership_changed', 'operator_transferred', 'transfer_completed', 'register_entry_updated'];
    await broker.put(
      topics,
      claims.map((name) => paymentEvent(name, crew, transferId)),
    );
    expect(await registerEverywhere()).toEqual(before);
    expect(await skippedBy('transfer')).toBeGreaterThanOrEqual(skipped + claims.length);
    for (const path of ['/webhooks/payments', '/webhook', '/payments', '/register', '/graphql/webhook']) {
      for (const url of [system.gateway.url, `${system.services.get('transfer')?.[0]?.url}`]) {
        const response = await fetch(`${url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ operator: crew.operator, new_owner: crew.buyerId }),
        });
        expect(response.ok, `${url}${path}`).toBe(false);
      }
    }
    expect(await registerEverywhere()).toEqual(before);
  });
});

describe('the register', () => {
  const verified = async ({ superAdmin }: Crew) =>
    (await superAdmin.send('{ verifyRegister { objects holds divergences { id what } } }')).data.verifyRegister;

  test('T-TR-31 allow: folding its history gives what it says, of every object', async () => {
    const crew = await crewOf();
    await transferIn(crew, 'completed');
    const [counted] = await asService(system, 'transfer', 'select count(*)::integer as objects from register_entry');
    expect(await verified(crew)).toEqual({ objects: counted?.objects, holds: true, divergences: [] });
    expect(counted?.objects).toBeGreaterThan(5);
  });

  test.each([
    ['holder_identity_id', `'"${randomUUID()}"'`],
    ['register_version', '9'],
    ['set_by_id', `'"${randomUUID()}"'`],
    ['since', `'"2026-01-01T00:00:00.000000Z"'`],
  ])(
    'T-TR-31 deny: an entry whose %s was changed by hand is found, and by nobody taken for its history',
    async (key, value) => {
      const crew = await crewOf();
      await transferIn(crew, 'completed');
      const id = `operator:${crew.operator}`;
      const [before] = await rowsOf<{ published: string }>(
        observed,
        'transfer',
        `select published::text from register_entry where id = '${id}'`,
      );
      const changed = key === 'register_version' ? `'${value}'` : value;
      const set = (published: string) =>
        rowsOf(observed, 'transfer', `update register_entry set published = ${published} where id = '${id}'`);
      await set(`jsonb_set(published, '{${key}}', ${changed})`);
      try {
        const found = await verified(crew);
        expect(found.holds).toBe(false);
        expect(found.divergences.map((one: { id: string }) => one.id)).toEqual([id]);
      } finally {
        await set(`'${before?.published}'::jsonb`);
      }
      expect(await verified(crew)).toMatchObject({ holds: true });
    },
  );

  test('T-TR-31 deny: what an operator says of itself is not asked: only the register gives work to anybody', async () => {
    const crew = await crewOf();
    const { operator, holder, holderId, buyer } = crew;
    const { jobId, governor } = await newJob({ ...cast, operator, holder });
    await transferIn(crew, 'completed');
    await broker.settled();
    // What jobs was told by the operator itself is put back by hand to whom it named before.
    const copy =
      "update foreign_aggregate set published = jsonb_set(published, '{holder_identity_id}', $1) where type = 'operator' and id = $2";
    await asService(system, 'jobs', copy, [JSON.stringify(holderId), operator]);
    meet(holder, buyer, governor);
    const claim = { jobId, asOperator: operator };
    const { data } = await holder.attempt('claimJob', claim);
    expect(data.claimJob.refusal.code).toBe('NOT_FOUND');
    await buyer.mutate('claimJob', claim);
  });
});
