import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DENIED } from '../harness/answers.ts';
import { activeOperator } from '../harness/cast.ts';
import { asService } from '../harness/databases.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import {
  assembleBeforeSecond,
  type Crew,
  entryOf,
  meet,
  meetAll,
  newCrew,
  outcome,
  propose,
  secondArrives,
  setPolicy,
  stateOf,
  type TransferCast,
  toBuyer,
  transferIn,
  transferOf,
  untilIn,
} from '../harness/transfers.ts';
import type { Visitor, VisitorOptions } from '../harness/visitor.ts';
import { ISSUED_ROLES } from './authority-facts.ts';
import { idOf, somebody } from './execution.ts';

let system: TestSystem;
let cast: TransferCast;
/** An operator with everybody that one can be to it, and with every role there is but one. */
let staffed: Crew;
let bystanders: Readonly<Record<string, Visitor>>;

beforeAll(async () => {
  system = await startTestSystem();
  cast = await assembleBeforeSecond(system);
  staffed = await newCrew(system, cast);
  bystanders = await around(staffed);
});
afterAll(() => system?.stop());

let arrived: Promise<void> | undefined;

/** A crew in a town of two super_admins, the second of whom arrives when it is first asked for. */
async function crewOf(): Promise<Crew> {
  arrived ??= secondArrives(cast);
  await arrived;
  return newCrew(system, cast);
}

async function around({ operator, holder, governor }: Crew): Promise<Readonly<Record<string, Visitor>>> {
  const [executor, deputy, member] = [
    await somebody(system, []),
    await somebody(system, []),
    await somebody(system, []),
  ];
  holder.learn(executor, deputy, member);
  for (const [visitor, power] of [
    [executor, 'EXECUTE'],
    [deputy, 'GOVERN'],
  ] as const) {
    await holder.mutate('delegate', { operator, identityId: await idOf(visitor), power });
  }
  await holder.mutate('addWorkspaceMember', { operator, identityId: await idOf(member) });
  const rival = await activeOperator(system, governor, system.again(cast.secondGovernor));
  const roles = ISSUED_ROLES.filter((role) => role !== 'super_admin');
  const byRole = await Promise.all(
    roles.map(async (role) => [`role ${role}`, await somebody(system, [holder], [role])] as const),
  );
  const all = { executor, deputy, member, rival: rival.holder, ...Object.fromEntries(byRole) };
  return { ...all, 'every role but one': await somebody(system, [holder], roles) };
}

const transfersOf = (operator: string) =>
  asService(system, 'transfer', 'select id, version, state from transfer where object_id = $1', [operator]);

/** What was decided of a transfer's objects, in facts of the journal. */
const factsOf = async (operator: string) =>
  (await asService(system, 'transfer', "select event_id from journal where payload like '%' || $1 || '%'", [operator]))
    .length;

describe('a waiver', () => {
  test('T-TR-09 allow: whoever is the only super_admin that is known completes what they proposed, and it is recorded who waived', async () => {
    expect(arrived, 'this test comes first').toBeUndefined();
    const crew = await newCrew(system, cast);
    const { superAdmin, buyer } = crew;
    const transferId = await propose(crew, { reasonType: 'recovery' }, superAdmin);
    await buyer.learn(superAdmin).mutate('acceptTransfer', { transferId });
    superAdmin.learn(buyer);
    expect(await outcome(superAdmin, 'completeTransfer', { transferId })).toBe('FORBIDDEN');
    expect(await outcome(superAdmin, 'completeTransfer', { transferId, waiveDistinctActors: true })).toBe('completed');
    const { waivedBy } = await transferOf(superAdmin, transferId, 'waivedBy { id }');
    expect(waivedBy).toEqual({ id: await idOf(superAdmin) });
  });

  test('T-TR-09 deny: where there is another one nothing is waived', async () => {
    const crew = await crewOf();
    const { superAdmin, secondSuperAdmin, buyer } = crew;
    await setPolicy(secondSuperAdmin);
    const transferId = await propose(crew, {}, superAdmin);
    await buyer.learn(superAdmin).mutate('acceptTransfer', { transferId });
    meetAll(crew);
    const { errors } = await superAdmin.attempt('completeTransfer', { transferId, waiveDistinctActors: true });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'distinct_actor' });
    expect(await outcome(secondSuperAdmin, 'completeTransfer', { transferId })).toBe('completed');
  });
});

describe('who proposes', () => {
  test('T-TR-02 allow: the holder, and a super_admin of the issuer or by grant', async () => {
    const crew = await crewOf();
    const granted = await somebody(system, [crew.superAdmin]);
    await crew.superAdmin.learn(granted).mutate('grantRole', { identityId: await idOf(granted), role: 'super_admin' });
    for (const by of [crew.holder, crew.superAdmin, granted.learn(crew.superAdmin)]) {
      const transferId = await propose(crew, {}, by);
      await by.mutate('cancelTransfer', { transferId });
    }
  });

  test('T-TR-02 deny: nobody else, by no role, no delegation and no membership, nor whom it would go to', async () => {
    for (const [name, visitor] of Object.entries({ ...bystanders, buyer: staffed.buyer })) {
      const { errors } = await visitor.attempt('proposeTransfer', toBuyer(staffed));
      expect(errors[0]?.extensions, name).toMatchObject({ code: 'FORBIDDEN', clause: 'anyOf' });
    }
    expect(await transfersOf(staffed.operator)).toEqual([]);
  });

  test('T-TR-05 allow: it is from whom the register names, whoever proposes it, and after a transfer from the new holder', async () => {
    const crew = await crewOf();
    const { holder, holderId, buyer, buyerId, superAdmin } = crew;
    const first = await propose(crew, {}, superAdmin);
    expect(await transferOf(superAdmin, first, 'fromIdentityId fromRegisterVersion')).toEqual({
      fromIdentityId: holderId,
      fromRegisterVersion: 1,
    });
    await superAdmin.mutate('cancelTransfer', { transferId: first });
    await transferIn(crew, 'completed');
    const back = { objectClass: 'operator', objectId: crew.operator, toIdentityId: holderId };
    expect(await outcome(holder, 'proposeTransfer', { ...back, toIdentityId: buyerId })).toBe('FORBIDDEN');
    const { transfer } = await buyer.mutate('proposeTransfer', back, 'transfer { fromIdentityId fromRegisterVersion }');
    expect(transfer).toEqual({ fromIdentityId: buyerId, fromRegisterVersion: 2 });
  });

  test.each(['fromIdentityId', 'from', 'fromIdentity', 'holderIdentityId'])(
    'T-TR-05 deny: there is no input %s, and what names the caller as it writes nothing',
    async (name) => {
      const stranger = await somebody(system, [staffed.holder]);
      const input = toBuyer(staffed, { [name]: await idOf(stranger) });
      const { data, errors } = await stranger.attempt('proposeTransfer', input);
      expect([data, errors[0]?.extensions.code]).toEqual([null, 'BAD_USER_INPUT']);
      expect(errors[0]?.message).toContain(`"${name}"`);
      expect(await transfersOf(staffed.operator)).toEqual([]);
    },
  );

  test('T-TR-05 deny: nor does a claim of the session, or a header, make anybody its holder', async () => {
    const { operator, holderId } = staffed;
    const claims = { holder_identity_id: holderId, from_identity_id: holderId, operators: [operator] };
    const stranger = system.visitor({ extra: claims });
    await stranger.register();
    const query = `mutation ($input: ProposeTransferInput!) { proposeTransfer(input: $input) { transfer { id } } }`;
    const headers = { 'x-identity-id': holderId, 'x-from-identity-id': holderId, 'qtm-identity': holderId };
    const input = { idempotencyKey: 'forged', ...toBuyer(staffed) };
    const { errors } = await stranger.learn(staffed.holder).send(query, { input }, headers);
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'anyOf' });
    expect(await transfersOf(operator)).toEqual([]);
  });
});

describe('who accepts and who completes', () => {
  test('T-TR-03 allow: whom it goes to accepts it, and so does a super_admin', async () => {
    for (const by of ['buyer', 'secondSuperAdmin'] as const) {
      const crew = await crewOf();
      const transferId = await transferIn(crew, 'proposed');
      expect(await outcome(crew[by], 'acceptTransfer', { transferId })).toBe('accepted');
      const { holderIdentityId } = await entryOf(crew.superAdmin.learn(crew[by]), crew.operator);
      expect(holderIdentityId).toBe(crew.holderId);
    }
  });

  test('T-TR-03 deny: the holder does not, nor does anybody else', async () => {
    const transferId = await transferIn(staffed, 'proposed');
    expect(await outcome(staffed.holder, 'acceptTransfer', { transferId })).toBe('FORBIDDEN');
    for (const [name, visitor] of Object.entries(bystanders)) {
      expect(DENIED, name).toContain(await outcome(visitor.learn(staffed.holder), 'acceptTransfer', { transferId }));
    }
    expect(await stateOf(staffed.superAdmin, transferId)).toBe('proposed');
    await staffed.holder.mutate('cancelTransfer', { transferId });
  });

  test('T-TR-04 allow: a super_admin completes it, of the issuer or by grant', async () => {
    const granted = await somebody(system, []);
    const granting = system.again(cast.superAdmin).learn(granted);
    await granting.mutate('grantRole', { identityId: await idOf(granted), role: 'super_admin' });
    for (const by of ['issuer', 'grant']) {
      const crew = await crewOf();
      const transferId = await transferIn(crew, 'accepted');
      const completing = by === 'grant' ? granted.learn(granting, crew.superAdmin) : crew.superAdmin;
      expect(await outcome(completing, 'completeTransfer', { transferId }), by).toBe('completed');
      const { holderIdentityId, registerVersion } = await entryOf(crew.superAdmin.learn(completing), crew.operator);
      expect([holderIdentityId, registerVersion]).toEqual([crew.buyerId, 2]);
    }
  });

  test('T-TR-04 deny: neither party does, nor anybody else, and authority stays where it was', async () => {
    // Under literal terms nothing but the role is in their way.
    await setPolicy(staffed.superAdmin, { distinctActors: 'literal' });
    const transferId = await transferIn(staffed, 'accepted');
    await setPolicy(staffed.superAdmin);
    for (const party of [staffed.holder, staffed.buyer]) {
      const { errors } = await party.attempt('completeTransfer', { transferId });
      expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'anyOf' });
    }
    for (const [name, visitor] of Object.entries(bystanders)) {
      expect(DENIED, name).toContain(await outcome(visitor.learn(staffed.holder), 'completeTransfer', { transferId }));
    }
    expect(await stateOf(staffed.superAdmin, transferId)).toBe('accepted');
    const { holderIdentityId, registerVersion } = await entryOf(staffed.superAdmin, staffed.operator);
    expect([holderIdentityId, registerVersion]).toEqual([staffed.holderId, 1]);
  });
});

const AN_HOUR_AGO = { extra: { auth_time: Math.floor(Date.now() / 1_000) - 3_600 } };

describe('what a completion rests on', () => {
  test('T-TR-08 allow: a fresh session, a target that is active and an operator that is not retired; what was checked is evidence', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'accepted');
    await crew.governor.mutate('suspendOperator', { slug: crew.operator });
    const aged = system.again(crew.superAdmin, AN_HOUR_AGO).learn(crew.superAdmin, crew.governor);
    const input = { transferId, idempotencyKey: `complete ${transferId}` };
    const { errors } = await aged.attempt('completeTransfer', input);
    expect(errors[0]?.extensions).toMatchObject({
      code: 'INSUFFICIENT_USER_AUTHENTICATION',
      acrValues: expect.any(Array),
      maxAge: expect.any(Number),
    });
    expect(await outcome(crew.superAdmin.learn(aged), 'completeTransfer', input)).toBe('completed');
    const { evidence } = await transferOf(crew.superAdmin, transferId, 'evidence { kind source }');
    expect(evidence).toContainEqual({ kind: 'CREDENTIAL_CHECK', source: 'SYSTEM' });
  });

  test.each<[string, (crew: Crew) => Promise<unknown>, string]>([
    [
      'its target was suspended',
      ({ superAdmin, buyerId }) =>
        superAdmin.mutate('suspendIdentity', { identityId: buyerId, reason: 'Under inquiry' }),
      'IDENTITY_NOT_ACTIVE',
    ],
    [
      'the operator was retired',
      ({ governor, operator }) => governor.mutate('retireOperator', { slug: operator }),
      'OBJECT_NOT_TRANSFERABLE',
    ],
  ])('T-TR-08 deny: not where %s after the acceptance', async (_, change, code) => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'accepted');
    await change(crew);
    expect(await outcome(crew.secondSuperAdmin, 'completeTransfer', { transferId })).toBe(code);
    expect(await stateOf(crew.secondSuperAdmin, transferId)).toBe('accepted');
  });

  test.each<[string, VisitorOptions]>([
    ['has grown old', AN_HOUR_AGO],
    ['does not say when it was proved', { extra: { auth_time: null } }],
    ['was proved in the future', { extra: { auth_time: Math.floor(Date.now() / 1_000) + 3_600 } }],
  ])('T-TR-08 deny: not in a session that %s', async (_, claims) => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'accepted');
    const again = system.again(crew.superAdmin, claims).learn(crew.superAdmin);
    expect(await outcome(again, 'completeTransfer', { transferId })).toBe('INSUFFICIENT_USER_AUTHENTICATION');
    expect(await stateOf(again, transferId)).toBe('accepted');
  });

  test('T-TR-08 deny: not where the terms ask for a credential that nobody can vouch for', async () => {
    const crew = await crewOf();
    await setPolicy(crew.superAdmin, { requiredCredentials: ['registrar'] });
    const transferId = await transferIn(crew, 'accepted');
    await setPolicy(crew.superAdmin);
    const { errors } = await crew.superAdmin.attempt('completeTransfer', { transferId });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'credentials_valid' });
  });
});

describe('distinct identities', () => {
  test('T-TR-09 allow: three take a step each; under literal terms one may take them all', async () => {
    const strict = await crewOf();
    await transferIn(strict, 'completed');
    const { superAdmin } = strict;
    await setPolicy(superAdmin, { distinctActors: 'literal' });
    const crew = await crewOf();
    const by = crew.secondSuperAdmin.learn(superAdmin);
    const transferId = await propose(crew, {}, by);
    await setPolicy(superAdmin);
    expect(await outcome(by, 'acceptTransfer', { transferId })).toBe('accepted');
    expect(await outcome(by, 'completeTransfer', { transferId })).toBe('completed');
  });

  test.each([
    ['proposed', 'accept'],
    ['proposed', 'complete'],
    ['accepted', 'complete'],
  ])('T-TR-09 deny: a super_admin who %s it does not %s it, too', async (took, wish) => {
    const crew = await crewOf();
    const { superAdmin, holder, buyer } = crew;
    const transferId = await propose(crew, {}, took === 'proposed' ? superAdmin : holder);
    meetAll(crew);
    if (took === 'accepted') await superAdmin.mutate('acceptTransfer', { transferId });
    else if (wish === 'complete') await buyer.mutate('acceptTransfer', { transferId });
    meetAll(crew);
    const before = await stateOf(superAdmin, transferId);
    const { errors } = await superAdmin.attempt(`${wish}Transfer`, { transferId });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'distinct_actor' });
    expect(await stateOf(superAdmin, transferId)).toBe(before);
  });
});

describe('by itself', () => {
  test('T-TR-22 allow: a human completes it, once the time to cool off is over', async () => {
    const crew = await crewOf();
    await setPolicy(crew.superAdmin, { coolOffSeconds: 1 });
    const transferId = await transferIn(crew, 'accepted');
    await setPolicy(crew.superAdmin);
    let came = await outcome(crew.superAdmin, 'completeTransfer', { transferId });
    while (came === 'COOLING_OFF') {
      expect(await stateOf(crew.superAdmin, transferId)).toBe('accepted');
      came = await outcome(crew.superAdmin, 'completeTransfer', { transferId });
    }
    expect(came).toBe('completed');
  });

  test('T-TR-22 deny: its time passes, and it expires; authority stays where it was', async () => {
    const crew = await crewOf();
    await setPolicy(crew.superAdmin, { proposedExpiresSeconds: null, acceptedExpiresSeconds: 1 });
    const transferId = await transferIn(crew, 'accepted');
    await setPolicy(crew.superAdmin);
    await untilIn(crew, transferId, 'expired');
    const { transitions } = await transferOf(crew.superAdmin, transferId, 'transitions { transition actorId clause }');
    expect(transitions.at(-1)).toEqual({ transition: 'transfer.expire', actorId: 'transfer', clause: 'own_clock' });
    expect(await outcome(crew.superAdmin, 'completeTransfer', { transferId })).toBe('WRONG_STATE');
    const { holderIdentityId, registerVersion } = await entryOf(crew.superAdmin, crew.operator);
    expect([holderIdentityId, registerVersion]).toEqual([crew.holderId, 1]);
  });

  test.each<[string, VisitorOptions]>([
    ['a service', { kind: 'SERVICE' }],
    ['a service that calls itself as this one', { kind: 'SERVICE', subject: 'transfer' }],
    ['an agent', { kind: 'AGENT' }],
    ['a human in whose name an agent acts', { act: { sub: 'an-agent', qtm_kind: 'AGENT' } }],
    [
      'an agent behind a service',
      { act: { sub: 'a-service', qtm_kind: 'SERVICE', act: { sub: 'x', qtm_kind: 'AGENT' } } },
    ],
  ])('T-TR-22 deny: nor does %s complete it, be it a super_admin', async (_, claims) => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'accepted');
    const before = await factsOf(crew.operator);
    const by = system.visitor({ roles: ['super_admin'], ...claims });
    if (claims.kind === 'SERVICE') await by.register();
    meet(by, crew.superAdmin);
    const { errors } = await by.attempt('completeTransfer', { transferId });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'principals' });
    expect(await stateOf(crew.superAdmin, transferId)).toBe('accepted');
    expect(await factsOf(crew.operator)).toBe(before);
  });
});
