import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { grant, revoke } from './delegation.ts';
import { delegationIn, HOLDER, membershipIn, NOW, OTHER, operatorIn } from './test/samples.ts';
import { add, remove } from './workspace-membership.ts';

const GRANT = { identityId: OTHER, power: 'EXECUTE', by: HOLDER, now: NOW } as const;
const ADDING = { identityId: OTHER, by: HOLDER, now: NOW };
const KNOWN = { identityKnown: true, registerVersion: 1 };
/** A transfer was completed since; that the operator has not heard of it yet plays no part. */
const MOVED_ON = { identityKnown: true, registerVersion: 2 };

const fact = (name: string, after: object) => {
  const aggregate = name.startsWith('delegation') ? 'delegation' : 'workspace_membership';
  return [{ kind: 'event', name, aggregate, after, data: {} }];
};
const UNKNOWN = { identityId: OTHER };

describe('a delegation', () => {
  test.each([undefined, delegationIn('REVOKED')])('is given where there is none in force: %o', (existing) => {
    const decision = grant(operatorIn('ACTIVE'), existing, GRANT, KNOWN);
    expect(decision).toEqual(fact('delegation_granted', delegationIn('ACTIVE')));
  });

  test('is void once the register moved on, so it is given anew under the new version', () => {
    const decision = grant(operatorIn('ACTIVE'), delegationIn('ACTIVE'), GRANT, MOVED_ON);
    expect(decision).toEqual(fact('delegation_granted', delegationIn('ACTIVE', 2)));
  });

  test.each<[string, ReturnType<typeof grant>, string, Record<string, string>]>([
    [
      'where it is in force',
      grant(operatorIn('ACTIVE'), delegationIn('ACTIVE'), GRANT, KNOWN),
      'WRONG_STATE',
      { delegation: 'ACTIVE' },
    ],
    [
      'to oneself',
      grant(operatorIn('ACTIVE'), undefined, { ...GRANT, identityId: HOLDER }, KNOWN),
      'NOT_TO_ONESELF',
      {},
    ],
    [
      'to nobody',
      grant(operatorIn('ACTIVE'), undefined, GRANT, { ...KNOWN, identityKnown: false }),
      'IDENTITY_UNKNOWN',
      UNKNOWN,
    ],
    ['for a retired operator', grant(operatorIn('RETIRED'), undefined, GRANT, KNOWN), 'OPERATOR_RETIRED', {}],
    ['taken back where there is none', revoke(undefined), 'WRONG_STATE', { delegation: 'NONE' }],
    ['taken back twice', revoke(delegationIn('REVOKED')), 'WRONG_STATE', { delegation: 'REVOKED' }],
  ])('is not: %s', (_, decision, code, details) => {
    expect(decision).toEqual(refuse(code, details));
  });

  test('is taken back', () => {
    expect(revoke(delegationIn('ACTIVE'))).toEqual(fact('delegation_revoked', delegationIn('REVOKED')));
  });
});

describe('a membership', () => {
  test.each([undefined, membershipIn('REMOVED')])('is given where there is none in force: %o', (existing) => {
    const decision = add(operatorIn('ACTIVE'), existing, ADDING, KNOWN);
    expect(decision).toEqual(fact('workspace_member_added', membershipIn('ACTIVE')));
  });

  test('is void once the register moved on', () => {
    const decision = add(operatorIn('ACTIVE'), membershipIn('ACTIVE'), ADDING, MOVED_ON);
    expect(decision).toEqual(fact('workspace_member_added', membershipIn('ACTIVE', 2)));
  });

  test.each<[string, ReturnType<typeof add>, string, Record<string, string>]>([
    [
      'where it is in force',
      add(operatorIn('ACTIVE'), membershipIn('ACTIVE'), ADDING, KNOWN),
      'WRONG_STATE',
      { membership: 'ACTIVE' },
    ],
    [
      'of nobody',
      add(operatorIn('ACTIVE'), undefined, ADDING, { ...KNOWN, identityKnown: false }),
      'IDENTITY_UNKNOWN',
      UNKNOWN,
    ],
    ['of a retired operator', add(operatorIn('RETIRED'), undefined, ADDING, KNOWN), 'OPERATOR_RETIRED', {}],
    ['ended where there is none', remove(undefined), 'WRONG_STATE', { membership: 'NONE' }],
    ['ended twice', remove(membershipIn('REMOVED')), 'WRONG_STATE', { membership: 'REMOVED' }],
  ])('is not: %s', (_, decision, code, details) => {
    expect(decision).toEqual(refuse(code, details));
  });

  test('is ended', () => {
    expect(remove(membershipIn('ACTIVE'))).toEqual(fact('workspace_member_removed', membershipIn('REMOVED')));
  });
});
