import { isRefusal } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { type Delegation, grant, revoke } from './delegation.ts';
import { delegationIn, HOLDER, membershipIn, NOW, OTHER, operatorIn } from './test/samples.ts';
import { add, remove } from './workspace-membership.ts';

const GRANT = { identityId: OTHER, power: 'EXECUTE', by: HOLDER, now: NOW } as const;
const ADDING = { identityId: OTHER, by: HOLDER, now: NOW };
const KNOWN = { identityKnown: true };

describe('a delegation', () => {
  test.each([undefined, delegationIn('REVOKED')])('is given where there is none in force: %o', (existing) => {
    const decision = grant(operatorIn('ACTIVE'), existing, GRANT, KNOWN);
    expect(isRefusal(decision) ? decision : decision.map(({ after }) => after)).toEqual([delegationIn('ACTIVE')]);
  });

  test('is void once the register moved on, so it is given anew under the new version', () => {
    const operator = { ...operatorIn('ACTIVE'), registerVersion: 2 };
    const decision = grant(operator, delegationIn('ACTIVE'), GRANT, KNOWN);
    expect(isRefusal(decision) ? decision : decision.map(({ after }) => after)).toEqual([delegationIn('ACTIVE', 2)]);
  });

  test.each<[string, ReturnType<typeof grant>, string]>([
    ['where it is in force', grant(operatorIn('ACTIVE'), delegationIn('ACTIVE'), GRANT, KNOWN), 'WRONG_STATE'],
    ['to oneself', grant(operatorIn('ACTIVE'), undefined, { ...GRANT, identityId: HOLDER }, KNOWN), 'NOT_TO_ONESELF'],
    ['to nobody', grant(operatorIn('ACTIVE'), undefined, GRANT, { identityKnown: false }), 'IDENTITY_UNKNOWN'],
    ['for a retired operator', grant(operatorIn('RETIRED'), undefined, GRANT, KNOWN), 'OPERATOR_RETIRED'],
    ['taken back where there is none', revoke(undefined), 'WRONG_STATE'],
    ['taken back twice', revoke(delegationIn('REVOKED')), 'WRONG_STATE'],
  ])('is not: %s', (_, decision, code) => {
    expect(isRefusal(decision) && decision.code).toBe(code);
  });

  test('is taken back', () => {
    const decision = revoke(delegationIn('ACTIVE'));
    const after = isRefusal(decision) ? decision : (decision[0]?.after as Delegation);
    expect(after).toEqual(delegationIn('REVOKED'));
  });
});

describe('a membership', () => {
  test.each([undefined, membershipIn('REMOVED')])('is given where there is none in force: %o', (existing) => {
    const decision = add(operatorIn('ACTIVE'), existing, ADDING, KNOWN);
    expect(isRefusal(decision) ? decision : decision.map(({ after }) => after)).toEqual([membershipIn('ACTIVE')]);
  });

  test('is void once the register moved on', () => {
    const operator = { ...operatorIn('ACTIVE'), registerVersion: 2 };
    const decision = add(operator, membershipIn('ACTIVE'), ADDING, KNOWN);
    expect(isRefusal(decision) ? decision : decision.map(({ after }) => after)).toEqual([membershipIn('ACTIVE', 2)]);
  });

  test.each<[string, ReturnType<typeof add>, string]>([
    ['where it is in force', add(operatorIn('ACTIVE'), membershipIn('ACTIVE'), ADDING, KNOWN), 'WRONG_STATE'],
    ['of nobody', add(operatorIn('ACTIVE'), undefined, ADDING, { identityKnown: false }), 'IDENTITY_UNKNOWN'],
    ['of a retired operator', add(operatorIn('RETIRED'), undefined, ADDING, KNOWN), 'OPERATOR_RETIRED'],
    ['ended where there is none', remove(undefined), 'WRONG_STATE'],
    ['ended twice', remove(membershipIn('REMOVED')), 'WRONG_STATE'],
  ])('is not: %s', (_, decision, code) => {
    expect(isRefusal(decision) && decision.code).toBe(code);
  });

  test('is ended', () => {
    const decision = remove(membershipIn('ACTIVE'));
    expect(isRefusal(decision) ? decision : decision.map(({ after }) => after)).toEqual([membershipIn('REMOVED')]);
  });
});
