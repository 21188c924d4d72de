import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { mutationsFor } from '../src/commands/index.ts';
import { readObjectClasses } from '../src/object-classes.ts';
import { AGENT, openTown, PEOPLE, type Town } from './town.ts';

/** Agents may surface, summarise and classify; nothing of a transfer is theirs to move (S2:88-89). */
const { holder, buyer, superAdmin, rival } = PEOPLE;
const asAgent = (session: Session): Session => ({ ...session, kind: 'AGENT' });
const AGENTS = [
  ['one that nobody registered, with every role', AGENT],
  ['one of the holder', asAgent(holder)],
  ['one of the identity it goes to', asAgent(buyer)],
  ['one of a super_admin', asAgent(superAdmin)],
] as const;

let town: Town;
let proposed: string;
let accepted: string;
beforeAll(async () => {
  town = await openTown();
  proposed = await town.propose(holder, buyer, { reasonType: 'sale', reason: 'Retires' });
  accepted = await town.propose(rival, buyer, { objectId: 'rivals', reason: 'Moves away' });
  await town.mutate(buyer, 'acceptTransfer', { transferId: accepted });
});
afterAll(() => town?.stop());

const TRANSFERS = `{ transfers { totalCount edges { node { id state reasonType fromIdentityId toIdentityId reason endReason
  transitions { transition actorId reason } history { edges { node { reason } } } sevenAnswers { complete } } } } }`;

describe.each(AGENTS)('T-TR-26 allow: %s', (_, agent) => {
  test('reads how every transfer stands and how it came about, and of no reason in words', async () => {
    const { data, errors } = await town.ask(agent, TRANSFERS);
    expect(errors).toEqual([]);
    expect(data.transfers.totalCount).toBe(2);
    const [later, earlier] = data.transfers.edges.map(({ node }: { node: { id: string } }) => node);
    expect([earlier.id, later.id]).toEqual([proposed, accepted]);
    expect(earlier).toMatchObject({ state: 'proposed', reasonType: 'sale', toIdentityId: buyer.identityId });
    expect(later.transitions.map((one: { transition: string }) => one.transition)).toEqual([
      'transfer.propose',
      'transfer.accept',
    ]);
    expect(JSON.stringify(data)).not.toMatch(/Retires|Moves away/);
  });

  test('reads register and policies, and who held what when', async () => {
    const of = 'objectClass: "operator", objectId: "rivals"';
    const { data, errors } = await town.ask(
      agent,
      `{ registerEntries { totalCount } transferPolicies { id } verifyRegister(${of}) { objects holds }
        registerEntry(${of}) { holderIdentityId activeTransfer { id } }
        authorityAt(${of}, instant: "${new Date().toISOString()}") { holderIdentityId } }`,
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      registerEntries: { totalCount: 2 },
      transferPolicies: [{ id: 'operator' }],
      verifyRegister: { objects: 1, holds: true },
      registerEntry: { holderIdentityId: rival.identityId, activeTransfer: { id: accepted } },
      authorityAt: { holderIdentityId: rival.identityId },
    });
    expect(await town.entities(agent, 'Transfer', [proposed, accepted])).toHaveLength(2);
    expect(await town.entities(agent, 'RegisterEntry', ['operator:crew'])).toHaveLength(1);
  });
});

test('T-TR-26 deny: one of somebody who was suspended reads nothing', async () => {
  const suspended = asAgent(PEOPLE.executive);
  const { identityId: id } = suspended;
  expect((await town.ask(suspended, TRANSFERS)).data.transfers.totalCount).toBe(2);
  const state = { id, state: 'SUSPENDED' };
  await town.feed(foreignFact('operator', 'identity_suspended', state, { aggregate_version: 2 }));
  const { data } = await town.ask(
    suspended,
    `{ transfers { totalCount edges { node { id } } } registerEntries { totalCount } transferPolicies { id }
      verifyRegister(objectClass: "operator", objectId: "crew") { objects } transfer(id: "${proposed}") { id }
      registerEntry(objectClass: "operator", objectId: "crew") { id } }`,
  );
  expect(data).toEqual({
    transfers: { totalCount: 0, edges: [] },
    registerEntries: { totalCount: 0 },
    transferPolicies: [],
    verifyRegister: { objects: 0 },
    transfer: null,
    registerEntry: null,
  });
  expect(await town.entities(suspended, 'Transfer', [proposed, accepted])).toEqual([]);
  expect(await town.entities(suspended, 'RegisterEntry', ['operator:crew'])).toEqual([]);
  expect(await town.entities(suspended, 'TransferPolicy', ['operator'])).toEqual([]);
});

const OBJECT = { objectClass: 'operator', objectId: 'crew' };
const FILE = { path: 'access/operators/crew.json', content: '{}' };
/** Every mutation there is, with the transition it would make and an input that a human could give. */
const MUTATIONS: Readonly<Record<keyof ReturnType<typeof mutationsFor>, readonly [string, () => object]>> = {
  proposeTransfer: ['transfer.propose', () => ({ ...OBJECT, toIdentityId: rival.identityId })],
  acceptTransfer: ['transfer.accept', () => ({ transferId: proposed })],
  rejectTransfer: ['transfer.reject', () => ({ transferId: proposed })],
  cancelTransfer: ['transfer.cancel', () => ({ transferId: proposed })],
  completeTransfer: ['transfer.complete', () => ({ transferId: accepted })],
  voidTransfer: ['transfer.void', () => ({ transferId: accepted, reason: 'No' })],
  addTransferEvidence: [
    'transfer.add_evidence',
    () => ({ transferId: proposed, evidence: [{ kind: 'DOCUMENT', sha256: 'a'.repeat(64) }] }),
  ],
  lockObject: ['register_entry.lock', () => OBJECT],
  unlockObject: ['register_entry.unlock', () => OBJECT],
  setTransferPolicy: ['transfer_policy.set', () => ({ objectClass: 'operator', distinctActors: 'literal' })],
  openRegisterImport: ['register_import.open', () => ({ manifestSha256: 'a'.repeat(64) })],
  importRegisterEntry: ['register_entry.import', () => ({ importId: randomUUID(), ...FILE })],
  importTransfer: ['transfer.import', () => ({ importId: randomUUID(), ...FILE })],
  closeRegisterImport: ['register_import.close', () => ({ importId: randomUUID() })],
};

describe('T-TR-27 deny: no agent makes a transition', () => {
  const attempts = (agent: Session) =>
    town.rows<{ transition: string }>(
      `select payload::jsonb -> 'state' ->> 'transition' as transition, payload::jsonb -> 'state' ->> 'clause' as clause,
          payload::jsonb -> 'state' ->> 'principal_kind' as kind
        from journal where aggregate_type = 'attempt' and actor_id = $1 and actor_kind = 'AGENT' order by occurred_at`,
      [agent.identityId],
    );

  test('that the service has', () => {
    expect(Object.keys(MUTATIONS).sort()).toEqual(Object.keys(mutationsFor(readObjectClasses())).sort());
  });

  test.each(AGENTS)('be it %s: each is refused, recorded and told', async (_, agent) => {
    const owned = () =>
      town.rows('select id, version from transfer union all select null, version from register_entry');
    const before = await owned();
    for (const [field, [, input]] of Object.entries(MUTATIONS)) {
      const { errors } = await town.attempt(agent, field, input());
      expect(errors[0]?.extensions, field).toMatchObject({ code: 'FORBIDDEN', clause: 'principals' });
    }
    expect(await owned()).toEqual(before);
    const tried = Object.values(MUTATIONS).map(([transition]) => ({ transition, clause: 'principals', kind: 'AGENT' }));
    expect(await attempts(agent)).toEqual(tried);
  });

  test('T-TR-27 allow: what an agent surfaced, a human moves', async () => {
    const { data } = await town.ask(AGENT, '{ transfers(filter: { states: [proposed] }) { edges { node { id } } } }');
    const [{ node }] = data.transfers.edges;
    await town.mutate(buyer, 'acceptTransfer', { transferId: node.id });
  });
});
