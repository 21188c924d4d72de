import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACTIONS,
  agreement,
  type Mutations,
  type Offer,
  offersOf,
  type Subject,
} from '../../../test/harness/agreement.ts';
import { uniqueName } from '../../../test/harness/names.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { AGENT, crew, PEOPLE, SERVICE } from './town.ts';

const { holder, buyer, executor, rival, superAdmin, secondSuperAdmin, grantedSuperAdmin, governor, auditor } = PEOPLE;
/** One of each kind: with every part in it, and every ground on which it is seen. */
const EVERYBODY: readonly Session[] = [
  holder,
  buyer,
  executor,
  rival,
  superAdmin,
  secondSuperAdmin,
  grantedSuperAdmin,
  governor,
  auditor,
  SERVICE,
];

let town: OwnedTown;
beforeAll(async () => {
  town = await openOwnedTown();
});
afterAll(() => town?.stop());

/** Holds what is said against what is done for everybody, and gives the ends that were met. */
async function everybody(mutations: Mutations, fresh: () => Promise<Subject>): Promise<readonly string[]> {
  const met = new Set<string>();
  for (const session of EVERYBODY) {
    for (const end of (await agreement(town, session, mutations, fresh)).keys()) met.add(end);
  }
  return [...met].filter((end) => end !== 'NOT_FOUND' && end !== 'FORBIDDEN').sort();
}

/** An operator that is known here alone: enough where nothing is completed. */
async function heardOf(): Promise<string> {
  const objectId = uniqueName('crew-');
  await town.feed(...crew(objectId));
  return objectId;
}

const OF_TRANSFER: Mutations = {
  'transfer.accept': ['acceptTransfer', {}],
  'transfer.reject': ['rejectTransfer', {}],
  'transfer.cancel': ['cancelTransfer', {}],
  'transfer.complete': ['completeTransfer', {}],
  'transfer.void': ['voidTransfer', { reason: 'Abandoned' }],
  'transfer.add_evidence': ['addTransferEvidence', { evidence: [{ kind: 'DOCUMENT', sha256: 'a'.repeat(64) }] }],
};
const STEPS: Readonly<Record<string, readonly [Session, string, object]>> = {
  accept: [buyer, 'acceptTransfer', {}],
  reject: [buyer, 'rejectTransfer', {}],
  cancel: [holder, 'cancelTransfer', {}],
  complete: [superAdmin, 'completeTransfer', {}],
  void: [superAdmin, 'voidTransfer', { reason: 'Abandoned' }],
};

async function transferAfter(steps: readonly string[], by: Session = holder, objectId?: string): Promise<Subject> {
  const transferId = await town.propose(by, buyer, { objectId: objectId ?? (await heardOf()) });
  for (const step of steps) {
    const [who, field, further] = STEPS[step] ?? [holder, '', {}];
    await town.mutate(who, field, { transferId, ...further });
  }
  return {
    query: `query ($id: ID!) { transfer(id: $id) { ${ACTIONS} } }`,
    variables: { id: transferId },
    key: { transferId },
  };
}

const offerOf = (offers: readonly Offer[] | null, transition: string) =>
  offers?.find((one) => one.transition === transition);

describe('a transfer says what its mutations do', () => {
  test('proposed', async () => {
    expect(await everybody(OF_TRANSFER, () => transferAfter([]))).toEqual(['ACCEPTED', 'WRONG_STATE']);
  });

  test.each([
    ['rejected', ['reject']],
    ['canceled', ['cancel']],
    ['voided', ['accept', 'void']],
  ] as const)('%s', async (_, steps) => {
    const ended = await transferAfter(steps);
    expect(await everybody(OF_TRANSFER, async () => ended)).toEqual(['WRONG_STATE']);
  });

  test('accepted, of an operator that its owner knows', async () => {
    const fresh = async () => transferAfter(['accept'], holder, await town.newCrew());
    expect(await everybody(OF_TRANSFER, fresh)).toEqual(['ACCEPTED', 'WRONG_STATE']);
  });

  test('completed', async () => {
    const transferId = await town.accepted();
    await town.mutate(superAdmin, 'completeTransfer', { transferId });
    const query = `query ($id: ID!) { transfer(id: $id) { ${ACTIONS} } }`;
    const subject = { query, variables: { id: transferId }, key: { transferId } };
    expect(await everybody(OF_TRANSFER, async () => subject)).toEqual(['WRONG_STATE']);
  });

  test('proposed by a super_admin, who may then not accept it', async () => {
    const fresh = () => transferAfter([], secondSuperAdmin);
    expect(await everybody(OF_TRANSFER, fresh)).toEqual(['ACCEPTED', 'WRONG_STATE']);
    const accept = offerOf(await offersOf(town, secondSuperAdmin, await fresh()), 'transfer.accept');
    expect(accept?.allowed).toBe(false);
    expect(accept?.clauses).toContainEqual({
      clause: 'distinct_actor',
      group: 'allOf',
      holds: false,
      remedy:
        'it takes an identity that neither proposed, accepted nor imported the transfer, nor set the literal terms it is under',
    });
  });

  test('a session that was proved too long ago reads that it must be proved again', async () => {
    const { query, variables } = await transferAfter(['accept']);
    const { data } = await town.visitor(superAdmin, 330).send(query, variables);
    const complete = offerOf(data.transfer.actions, 'transfer.complete');
    expect([complete?.allowed, complete?.refusal]).toEqual([false, null]);
    expect(complete?.clauses.filter(({ holds }) => holds === false).map(({ clause }) => clause)).toEqual([
      'session_fresh',
    ]);
  });

  test('a voiding takes a reason, which is the client’s to give', async () => {
    const subject = await transferAfter(['accept']);
    const offered = offerOf(await offersOf(town, superAdmin, subject), 'transfer.void');
    expect([offered?.allowed, offered?.input]).toEqual([true, [expect.objectContaining({ name: 'transferId' })]]);
  });
});

const entryOf = (objectId: string): Subject => ({
  query: `query ($id: String!) { registerEntry(objectClass: "operator", objectId: $id) { ${ACTIONS} } }`,
  variables: { id: objectId },
  key: { objectClass: 'operator', objectId },
});

describe('an entry of the register says what can be done with its object', () => {
  const OF_ENTRY: Mutations = {
    'transfer.propose': ['proposeTransfer', { toIdentityId: buyer.identityId }],
    'register_entry.lock': ['lockObject', {}],
    'register_entry.unlock': ['unlockObject', {}],
  };
  const setPolicy = (change: object = {}) =>
    town.mutate(superAdmin, 'setTransferPolicy', { objectClass: 'operator', distinctActors: 'strict', ...change });

  test('free', async () => {
    const fresh = async () => entryOf(await heardOf());
    expect(await everybody(OF_ENTRY, fresh)).toEqual(['ACCEPTED', 'LOCKS_NOT_ALLOWED', 'WRONG_STATE']);
  });

  test('under a transfer', async () => {
    await setPolicy({ lockable: true });
    const fresh = async () => {
      const objectId = await heardOf();
      await town.propose(holder, buyer, { objectId });
      return entryOf(objectId);
    };
    expect(await everybody(OF_ENTRY, fresh)).toEqual(['TRANSFER_ACTIVE', 'WRONG_STATE']);
    await setPolicy();
  });

  test('locked, and to be locked', async () => {
    await setPolicy({ lockable: true });
    const free = async () => entryOf(await heardOf());
    expect(await everybody(OF_ENTRY, free)).toEqual(['ACCEPTED', 'WRONG_STATE']);
    const locked = async () => {
      const objectId = await heardOf();
      await town.mutate(holder, 'lockObject', { objectClass: 'operator', objectId });
      return entryOf(objectId);
    };
    expect(await everybody(OF_ENTRY, locked)).toEqual(['ACCEPTED', 'OBJECT_LOCKED', 'WRONG_STATE']);
    await setPolicy();
  });
});

test('to an agent each says that it takes a human, and nothing else', async () => {
  const { query, variables } = await transferAfter([]);
  const policies = `{ transferPolicies { ${ACTIONS} } }`;
  for (const subject of [{ query, variables }, entryOf('crew'), { query: policies, variables: {} }]) {
    const offers = await offersOf(town, AGENT, subject);
    expect(offers?.length).toBeGreaterThan(0);
    for (const { allowed, input, refusal, clauses } of offers ?? []) {
      expect({ allowed, input, refusal }).toEqual({ allowed: false, input: [], refusal: null });
      expect(clauses.map(({ clause, holds }) => [clause, holds])).toEqual([['principals', false]]);
    }
  }
});

test('a policy says whether it can be set', async () => {
  const ends = await everybody({ 'transfer_policy.set': ['setTransferPolicy', {}] }, async () => ({
    query: `{ transferPolicies { ${ACTIONS} } }`,
    variables: {},
    key: { objectClass: 'operator', distinctActors: 'strict' },
  }));
  expect(ends).toEqual(['ACCEPTED']);
});
