import type { Delegation } from '../delegation.ts';
import type { Identity } from '../identity.ts';
import type { Operator, OperatorState } from '../operator.ts';
import type { WorkspaceMembership } from '../workspace-membership.ts';

/** What the tests of the rules begin with. */
export const NOW = '2026-01-05T10:00:00.123456Z';
export const HOLDER = '8c6d1f5e-0f39-5b2a-8a40-7e9b61c0a1d2';
export const GOVERNOR = '0d7f3c52-68e5-5a0f-8f1c-52a1d4e5b6c7';
export const OTHER = '3a7f2d60-51ee-5d4c-9b1f-24c5b8d9e0f3';

export const personal = (text: string) => ({ ref: `ref of ${text}`, hash: `hash of ${text}` });

export function identityIn(state: Identity['state']): Identity {
  return {
    id: OTHER,
    state,
    kind: 'HUMAN',
    subject: personal('subject'),
    displayName: null,
    registeredAt: NOW,
    registeredBy: OTHER,
  };
}

export function operatorIn(state: OperatorState): Operator {
  return {
    id: 'nypd',
    state,
    name: personal('NYPD'),
    type: 'AGENCY',
    surfaces: ['municipal'],
    readiness: 'NOT_READY',
    holderIdentityId: HOLDER,
    registerVersion: 1,
    onboardedBy: GOVERNOR,
    onboardedAt: NOW,
    activatedBy: state === 'ONBOARDING' ? null : OTHER,
    activatedAt: state === 'ONBOARDING' ? null : NOW,
  };
}

export function delegationIn(state: Delegation['state'], registerVersion = 1): Delegation {
  return {
    id: `nypd:${OTHER}:EXECUTE`,
    state,
    operator: 'nypd',
    identityId: OTHER,
    power: 'EXECUTE',
    registerVersion,
    delegatedBy: HOLDER,
    delegatedAt: NOW,
  };
}

export function membershipIn(state: WorkspaceMembership['state'], registerVersion = 1): WorkspaceMembership {
  return {
    id: `nypd:${OTHER}`,
    state,
    operator: 'nypd',
    identityId: OTHER,
    registerVersion,
    addedBy: HOLDER,
    addedAt: NOW,
  };
}
