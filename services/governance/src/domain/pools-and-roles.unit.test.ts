import { isRefusal, refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { addMember, createPool, type Pool, type PoolMember, removeMember } from './pool.ts';
import { grant, ROLES, type RoleGrant, revoke } from './role-grant.ts';
import { BY, NOW } from './test/samples.ts';

const fact = (aggregate: string, name: string, after: object) => [{ kind: 'event', name, aggregate, after, data: {} }];

const POOL: Pool = {
  id: 'pool-1',
  state: 'OPEN',
  name: 'Night crews',
  description: null,
  createdBy: BY,
  createdAt: NOW,
};
const memberIn = (state: PoolMember['state']): PoolMember => {
  return { id: 'pool-1:nypd', state, poolId: 'pool-1', operator: 'nypd', addedBy: BY, addedAt: NOW };
};
const ADDING = { operator: 'nypd', by: BY, now: NOW };

describe('a pool', () => {
  test('is created', () => {
    const { state: _, ...command } = POOL;
    expect(createPool(command)).toEqual(fact('pool', 'pool_created', POOL));
  });

  const name = { field: 'name', limit: '1 to 200 characters' };
  test.each([
    [{ name: ' ' }, name],
    [{ name: 'x'.repeat(201) }, name],
    [{ description: 'x'.repeat(2_001) }, { field: 'description', limit: '2000 characters' }],
  ])('not as %o', (change, details) => {
    expect(createPool({ ...POOL, ...change })).toEqual(refuse('LIMIT_EXCEEDED', details));
  });

  test.each([{ name: 'x'.repeat(200) }, { description: 'x'.repeat(2_000) }])('just within its limits: %o', (change) => {
    expect(createPool({ ...POOL, ...change })).toMatchObject([{ after: change }]);
  });

  test.each([undefined, memberIn('REMOVED')])('takes an active operator in that is not there: %o', (existing) => {
    const decision = addMember(POOL, existing, ADDING, { operator: 'ACTIVE' });
    expect(decision).toEqual(fact('pool_member', 'pool_member_added', memberIn('ACTIVE')));
  });

  test.each([
    [memberIn('ACTIVE'), 'ACTIVE', 'WRONG_STATE', { member: 'ACTIVE' }],
    [undefined, null, 'OPERATOR_UNKNOWN', { operator: 'nypd' }],
    [undefined, 'SUSPENDED', 'OPERATOR_NOT_ACTIVE', { operator: 'nypd', state: 'SUSPENDED' }],
  ] as const)('refuses %o where the operator is %s: %s', (existing, operator, code, details) => {
    expect(addMember(POOL, existing, ADDING, { operator })).toEqual(refuse(code, details as never));
  });

  test('lets one go that is in, and no other', () => {
    const removed = fact('pool_member', 'pool_member_removed', memberIn('REMOVED'));
    expect(removeMember(memberIn('ACTIVE'))).toEqual(removed);
    expect(removeMember(undefined)).toEqual(refuse('WRONG_STATE', { member: 'NONE' }));
    expect(removeMember(memberIn('REMOVED'))).toEqual(refuse('WRONG_STATE', { member: 'REMOVED' }));
  });
});

const grantIn = (state: RoleGrant['state']): RoleGrant => {
  return { id: 'i:auditor', state, identityId: 'i', role: 'auditor', grantedBy: BY, grantedAt: NOW };
};
const GRANTING = { identityId: 'i', role: 'auditor', by: BY, now: NOW };
const KNOWN = { identityKnown: true };

describe('a role', () => {
  test.each([undefined, grantIn('REVOKED')])('is given where it is not held: %o', (existing) => {
    expect(grant(existing, GRANTING, KNOWN)).toEqual(fact('role_grant', 'role_granted', grantIn('ACTIVE')));
  });

  test('is one of the network', () => {
    expect(ROLES).toEqual(['requester', 'admin_governor', 'clo_reviewer', 'auditor', 'executive', 'super_admin']);
    for (const role of ROLES) expect(isRefusal(grant(undefined, { ...GRANTING, role }, KNOWN))).toBe(false);
    const holder = grant(undefined, { ...GRANTING, role: 'holder' }, KNOWN);
    expect(holder).toEqual(refuse('ROLE_UNKNOWN', { role: 'holder' }));
  });

  test('is not given twice, nor to nobody', () => {
    expect(grant(grantIn('ACTIVE'), GRANTING, KNOWN)).toEqual(refuse('WRONG_STATE', { grant: 'ACTIVE' }));
    const unknown = grant(undefined, GRANTING, { identityKnown: false });
    expect(unknown).toEqual(refuse('IDENTITY_UNKNOWN', { identityId: 'i' }));
  });

  test('is taken back from whom holds it', () => {
    expect(revoke(grantIn('ACTIVE'))).toEqual(fact('role_grant', 'role_revoked', grantIn('REVOKED')));
    expect(revoke(undefined)).toEqual(refuse('WRONG_STATE', { grant: 'NONE' }));
    expect(revoke(grantIn('REVOKED'))).toEqual(refuse('WRONG_STATE', { grant: 'REVOKED' }));
  });
});
