import { isRefusal } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { addMember, createPool, memberId, type Pool, type PoolMember, removeMember } from './pool.ts';
import { grant, grantId, ROLES, type RoleGrant, revoke } from './role-grant.ts';
import { BY, NOW } from './test/samples.ts';

const POOL: Pool = {
  id: 'pool-1',
  state: 'OPEN',
  name: 'Night crews',
  description: null,
  createdBy: BY,
  createdAt: NOW,
};
const memberIn = (state: PoolMember['state']): PoolMember => {
  return { id: memberId('pool-1', 'nypd'), state, poolId: 'pool-1', operator: 'nypd', addedBy: BY, addedAt: NOW };
};
const ADDING = { operator: 'nypd', by: BY, now: NOW };

describe('a pool', () => {
  test('is created', () => {
    const { state: _, ...command } = POOL;
    expect(createPool(command)).toMatchObject([{ name: 'pool_created', after: POOL }]);
  });

  test.each([{ name: ' ' }, { name: 'x'.repeat(201) }, { description: 'x'.repeat(2_001) }])('not as %o', (change) => {
    expect(createPool({ ...POOL, ...change })).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  test.each([undefined, memberIn('REMOVED')])('takes an active operator in that is not there: %o', (existing) => {
    const decision = addMember(POOL, existing, ADDING, { operator: 'ACTIVE' });
    expect(decision).toMatchObject([{ name: 'pool_member_added', after: memberIn('ACTIVE') }]);
  });

  test.each([
    [memberIn('ACTIVE'), 'ACTIVE', 'WRONG_STATE'],
    [undefined, null, 'OPERATOR_UNKNOWN'],
    [undefined, 'SUSPENDED', 'OPERATOR_NOT_ACTIVE'],
  ])('refuses %o where the operator is %s: %s', (existing, operator, code) => {
    expect(addMember(POOL, existing, ADDING, { operator })).toMatchObject({ code });
  });

  test('lets one go that is in, and no other', () => {
    expect(removeMember(memberIn('ACTIVE'))).toMatchObject([{ after: memberIn('REMOVED') }]);
    for (const existing of [undefined, memberIn('REMOVED')]) {
      expect(removeMember(existing)).toMatchObject({ code: 'WRONG_STATE' });
    }
  });
});

const grantIn = (state: RoleGrant['state']): RoleGrant => {
  return { id: grantId('i', 'auditor'), state, identityId: 'i', role: 'auditor', grantedBy: BY, grantedAt: NOW };
};
const GRANTING = { identityId: 'i', role: 'auditor', by: BY, now: NOW };

describe('a role', () => {
  test.each([undefined, grantIn('REVOKED')])('is given where it is not held: %o', (existing) => {
    expect(grant(existing, GRANTING, { identityKnown: true })).toMatchObject([{ after: grantIn('ACTIVE') }]);
  });

  test('is one of the network', () => {
    for (const role of ROLES) {
      expect(isRefusal(grant(undefined, { ...GRANTING, role }, { identityKnown: true }))).toBe(false);
    }
    const holder = grant(undefined, { ...GRANTING, role: 'holder' }, { identityKnown: true });
    expect(holder).toMatchObject({ code: 'ROLE_UNKNOWN' });
  });

  test('is not given twice, nor to nobody', () => {
    expect(grant(grantIn('ACTIVE'), GRANTING, { identityKnown: true })).toMatchObject({ code: 'WRONG_STATE' });
    expect(grant(undefined, GRANTING, { identityKnown: false })).toMatchObject({ code: 'IDENTITY_UNKNOWN' });
  });

  test('is taken back from whom holds it', () => {
    expect(revoke(grantIn('ACTIVE'))).toMatchObject([{ after: grantIn('REVOKED') }]);
    for (const existing of [undefined, grantIn('REVOKED')]) {
      expect(revoke(existing)).toMatchObject({ code: 'WRONG_STATE' });
    }
  });
});
