import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { service } from '../src/service.ts';
import { AGENT, openTown, PEOPLE, proved, SERVICE, type Town } from './town.ts';

const { holder, buyer, superAdmin, grantedSuperAdmin } = PEOPLE;
const administrator = proved(superAdmin);

let town: Town;
let objectId: string;
beforeAll(async () => {
  town = await openTown();
});
beforeEach(async () => {
  objectId = await town.newCrew();
});
afterAll(() => town?.stop());

/** What the release brings, as a policy is given. */
const BROUGHT = { objectClass: 'operator', distinctActors: 'strict', proposedExpiresSeconds: 432_000 };

async function policy() {
  const { data } = await town.ask(
    PEOPLE.stranger,
    `{ transferPolicies { id version distinctActors waiverAllowed reviewRequired recoveryBySuperAdmin requiredCredentials
      voidable lockable proposedExpiresSeconds acceptedExpiresSeconds coolOffSeconds setBy { id } } }`,
  );
  expect(data.transferPolicies).toHaveLength(1);
  return data.transferPolicies[0];
}

/** Does something while a policy is in force; afterwards that of the release is again. */
async function under(change: object, work: () => Promise<void>): Promise<void> {
  await town.mutate(administrator, 'setTransferPolicy', { ...BROUGHT, ...change });
  try {
    await work();
  } finally {
    await town.mutate(administrator, 'setTransferPolicy', BROUGHT);
  }
}

/** How a mutation ends: the error's code, the refusal's, or ACCEPTED. */
async function outcome(by: Session, field: string, input: object): Promise<string> {
  const { data, errors } = await town.attempt(by, field, input);
  return String(errors[0]?.extensions?.code ?? data[field].refusal?.code ?? 'ACCEPTED');
}

describe('the policy of a class', () => {
  test('is brought by the release once, and set by nobody then', async () => {
    const brought = {
      id: 'operator',
      version: 1,
      distinctActors: 'strict',
      waiverAllowed: true,
      reviewRequired: false,
      recoveryBySuperAdmin: false,
      requiredCredentials: [],
      voidable: true,
      lockable: false,
      proposedExpiresSeconds: 432_000,
      acceptedExpiresSeconds: null,
      coolOffSeconds: 0,
      setBy: null,
    };
    expect(await policy()).toEqual(brought);
    await service.onStart?.(town.acts);
    expect(await policy()).toEqual(brought);
  });

  test.each([
    ['a super_admin of the issuer', administrator],
    ['a super_admin by grant', proved(grantedSuperAdmin)],
  ])('is set anew by %s, as a whole', async (_, session) => {
    const { version } = await policy();
    const given = { waiverAllowed: false, coolOffSeconds: 60, requiredCredentials: ['licence', 'bond', 'licence'] };
    await town.mutate(session, 'setTransferPolicy', { objectClass: 'operator', distinctActors: 'literal', ...given });
    expect(await policy()).toMatchObject({
      version: version + 1,
      distinctActors: 'literal',
      waiverAllowed: false,
      requiredCredentials: ['bond', 'licence'],
      proposedExpiresSeconds: 432_000,
      coolOffSeconds: 60,
      setBy: { id: session.identityId },
    });
    await town.mutate(session, 'setTransferPolicy', BROUGHT);
    const { version: next, setBy: _by, ...rest } = await policy();
    expect([next, rest.waiverAllowed, rest.coolOffSeconds]).toEqual([version + 2, true, 0]);
  });

  test.each([
    ['a super_admin whose session was not proved again', superAdmin, 'INSUFFICIENT_USER_AUTHENTICATION'],
    ['a holder', proved(holder), 'FORBIDDEN'],
    ['a governor', proved(PEOPLE.governor), 'FORBIDDEN'],
    ['a CLO reviewer', proved(PEOPLE.cloReviewer), 'FORBIDDEN'],
    ['an auditor', proved(PEOPLE.auditor), 'FORBIDDEN'],
    ['an executive', proved(PEOPLE.executive), 'FORBIDDEN'],
    ['an agent', proved(AGENT), 'FORBIDDEN'],
    ['a service', proved(SERVICE), 'FORBIDDEN'],
  ])('is not set by %s', async (_, session, code) => {
    const before = await policy();
    expect(await outcome(session, 'setTransferPolicy', BROUGHT)).toBe(code);
    expect(await policy()).toEqual(before);
  });

  test.each([
    ['proposedExpiresSeconds', 0],
    ['proposedExpiresSeconds', 31_536_001],
    ['acceptedExpiresSeconds', -1],
    ['acceptedExpiresSeconds', 31_536_001],
    ['coolOffSeconds', -1],
    ['coolOffSeconds', 31_536_001],
    ['requiredCredentials', ['Not a name']],
    ['requiredCredentials', Array.from({ length: 21 }, (_, index) => `credential-${index}`)],
  ])('has no %s of %j', async (field, value) => {
    const before = await policy();
    const input = { ...BROUGHT, [field]: value };
    const { data } = await town.attempt(administrator, 'setTransferPolicy', input);
    expect(data.setTransferPolicy.refusal).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: [{ name: 'field', value: field }, { name: 'limit' }],
    });
    expect(await policy()).toEqual(before);
  });

  test('leaves time to complete what may still be accepted', async () => {
    for (const deadlines of [
      { proposedExpiresSeconds: 60, acceptedExpiresSeconds: 60 },
      { proposedExpiresSeconds: 60, acceptedExpiresSeconds: 90, coolOffSeconds: 90 },
    ]) {
      expect(await outcome(administrator, 'setTransferPolicy', { ...BROUGHT, ...deadlines })).toBe(
        'DEADLINES_CONTRADICT',
      );
    }
  });

  test('of a class that is not governed here there is none', async () => {
    expect(await outcome(administrator, 'setTransferPolicy', { ...BROUGHT, objectClass: 'castle' })).toBe('NOT_FOUND');
  });

  test('is set by one of two who expect the same version, and by nobody who expects another', async () => {
    const { version } = await policy();
    const input = { ...BROUGHT, expectedVersion: version };
    const ends = await Promise.all([
      outcome(administrator, 'setTransferPolicy', input),
      outcome(proved(grantedSuperAdmin), 'setTransferPolicy', input),
    ]);
    expect(ends.sort()).toEqual(['ACCEPTED', 'VERSION_CONFLICT']);
    expect(await outcome(administrator, 'setTransferPolicy', input)).toBe('VERSION_CONFLICT');
    expect((await policy()).version).toBe(version + 1);
  });
});

describe('a transfer', () => {
  const TERMS = `query ($id: ID!) { transfer(id: $id) { proposedAt terms { policyVersion distinctActors voidable waiverAllowed
    reviewRequired requiredCredentials proposedUntil acceptedUntil coolOffSeconds } } }`;
  const termsOf = async (id: string) => (await town.ask(holder, TERMS, { id })).data.transfer;

  test('keeps the terms under which it was proposed, whatever is set later', async () => {
    const transferId = await town.propose(holder, buyer, { objectId });
    const before = await termsOf(transferId);
    expect(Date.parse(before.terms.proposedUntil) - Date.parse(before.proposedAt)).toBe(432_000_000);
    const others = { distinctActors: 'literal', voidable: false, reviewRequired: true, acceptedExpiresSeconds: 60 };
    await under({ ...others, proposedExpiresSeconds: null }, async () => {
      expect(await termsOf(transferId)).toEqual(before);
      const another = await town.propose(holder, buyer, { objectId: await town.newCrew() });
      const { proposedAt, terms } = await termsOf(another);
      expect(terms).toMatchObject({
        policyVersion: (await policy()).version,
        distinctActors: 'literal',
        voidable: false,
        reviewRequired: true,
        proposedUntil: null,
      });
      expect(Date.parse(terms.acceptedUntil) - Date.parse(proposedAt)).toBe(60_000);
      for (const id of [transferId, another]) await town.mutate(buyer, 'acceptTransfer', { transferId: id });
      const reason = 'Abandoned';
      expect(await outcome(superAdmin, 'voidTransfer', { transferId: another, reason })).toBe('WRONG_STATE');
      expect(await outcome(superAdmin, 'voidTransfer', { transferId, reason })).toBe('ACCEPTED');
    });
  });

  test('T-TR-01 deny: is not voided without a reason in words, nor before it was accepted', async () => {
    const transferId = await town.propose(holder, buyer, { objectId });
    expect(await outcome(superAdmin, 'voidTransfer', { transferId, reason: 'No' })).toBe('WRONG_STATE');
    await town.mutate(buyer, 'acceptTransfer', { transferId });
    expect(await outcome(superAdmin, 'voidTransfer', { transferId, reason: '' })).toBe('REASON_MISSING');
    expect(await outcome(holder, 'voidTransfer', { transferId, reason: 'No' })).toBe('FORBIDDEN');
  });

  test('for recovery is proposed by a super_admin alone where the policy says so', async () => {
    const recovery = { objectClass: 'operator', objectId, toIdentityId: buyer.identityId, reasonType: 'recovery' };
    await under({ recoveryBySuperAdmin: true }, async () => {
      expect(await outcome(holder, 'proposeTransfer', recovery)).toBe('RECOVERY_BY_SUPER_ADMIN_ONLY');
      expect(await outcome(superAdmin, 'proposeTransfer', recovery)).toBe('ACCEPTED');
    });
    const other = { ...recovery, objectId: await town.newCrew() };
    expect(await outcome(holder, 'proposeTransfer', other)).toBe('ACCEPTED');
  });
});

describe('a lock', () => {
  const object = () => ({ objectClass: 'operator', objectId });
  const toBuyer = () => ({ ...object(), toIdentityId: buyer.identityId });
  const stateNow = async () =>
    (await town.rows('select state, register_version from register_entry where object_id = $1', [objectId]))[0];

  test('is not to be had where the policy does not allow it', async () => {
    expect(await outcome(holder, 'lockObject', object())).toBe('LOCKS_NOT_ALLOWED');
  });

  test('T-TR-30 allow: of its holder keeps everybody from proposing the object, until it is lifted', async () => {
    await under({ lockable: true }, async () => {
      const { registerEntry } = await town.mutate(
        holder,
        'lockObject',
        object(),
        'registerEntry { state holderIdentityId }',
      );
      expect(registerEntry).toEqual({ state: 'LOCKED', holderIdentityId: holder.identityId });
      for (const by of [holder, superAdmin]) {
        expect(await outcome(by, 'proposeTransfer', toBuyer())).toBe('OBJECT_LOCKED');
      }
      expect(await outcome(holder, 'lockObject', object())).toBe('WRONG_STATE');
    });
    expect(await outcome(holder, 'unlockObject', object()), 'also where locks are not allowed any more').toBe(
      'ACCEPTED',
    );
    expect(await outcome(holder, 'unlockObject', object())).toBe('WRONG_STATE');
    expect(await stateNow()).toEqual({ state: 'HELD', register_version: 1 });
    expect(await outcome(holder, 'proposeTransfer', toBuyer())).toBe('ACCEPTED');
    const { data } = await town.ask(superAdmin, '{ verifyRegister { holds divergences { what } } }');
    expect(data.verifyRegister).toEqual({ holds: true, divergences: [] });
  });

  test.each([
    ['whoever executes for it', PEOPLE.executor, 'FORBIDDEN'],
    ['a super_admin', superAdmin, 'FORBIDDEN'],
    ['a governor', PEOPLE.governor, 'FORBIDDEN'],
    ['a stranger', PEOPLE.stranger, 'NOT_FOUND'],
  ])('is neither made nor lifted by %s', async (_, session, code) => {
    await under({ lockable: true }, async () => {
      expect(await outcome(session, 'lockObject', object())).toBe(code);
      await town.mutate(holder, 'lockObject', object());
      expect(await outcome(session, 'unlockObject', object())).toBe(code);
    });
  });

  test('T-TR-30 deny: is refused while a transfer of the object is proposed or accepted', async () => {
    await under({ lockable: true }, async () => {
      const transferId = await town.propose(holder, buyer, { objectId });
      expect(await outcome(holder, 'lockObject', object())).toBe('TRANSFER_ACTIVE');
      await town.mutate(buyer, 'acceptTransfer', { transferId });
      const { data } = await town.attempt(holder, 'lockObject', object());
      expect(data.lockObject.refusal).toMatchObject({
        code: 'TRANSFER_ACTIVE',
        details: [{ name: 'transferId', value: transferId }],
      });
      await town.mutate(superAdmin, 'voidTransfer', { transferId, reason: 'Abandoned' });
      expect(await outcome(holder, 'lockObject', object())).toBe('ACCEPTED');
    });
  });

  test('T-TR-30 deny: and a proposal at the same moment never both come about', async () => {
    await under({ lockable: true }, async () => {
      for (let round = 0; round < 10; round++) {
        objectId = await town.newCrew();
        const acts = [
          () => outcome(holder, 'lockObject', object()),
          () => outcome(superAdmin, 'proposeTransfer', toBuyer()),
        ];
        const ends = await Promise.all((round % 2 === 0 ? acts : [...acts].reverse()).map((act) => act()));
        expect([...ends].sort()).toEqual(['ACCEPTED', expect.stringMatching(/^(OBJECT_LOCKED|TRANSFER_ACTIVE)$/)]);
      }
    });
  });

  test('of what the register does not know is none', async () => {
    expect(await outcome(holder, 'lockObject', { objectClass: 'operator', objectId: 'nobodys' })).toBe('NOT_FOUND');
  });
});
