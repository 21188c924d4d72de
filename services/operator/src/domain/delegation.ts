import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';
import type { Operator } from './operator.ts';

export type Power = 'EXECUTE' | 'GOVERN';

/** Power that a holder gives an identity for one operator; void once the register moves on. */
export interface Delegation {
  readonly id: string;
  readonly state: 'ACTIVE' | 'REVOKED';
  readonly operator: string;
  readonly identityId: string;
  readonly power: Power;
  readonly registerVersion: number;
  readonly delegatedBy: string;
  readonly delegatedAt: string;
}

/** NONE: this identity was never given this power for this operator. */
export const TRANSITIONS = {
  NONE: { grant: 'ACTIVE' },
  ACTIVE: { revoke: 'REVOKED' },
  REVOKED: { grant: 'ACTIVE' },
} as const satisfies TransitionTable<Delegation['state'] | 'NONE', 'grant' | 'revoke'>;

export type DelegationEvent = DomainEvent<'delegation', 'delegation_granted' | 'delegation_revoked', Delegation>;
export type DelegationRefusalCode = 'WRONG_STATE' | 'IDENTITY_UNKNOWN' | 'NOT_TO_ONESELF' | 'OPERATOR_RETIRED';
type DelegationDecision = Decision<DelegationEvent, Refusal<DelegationRefusalCode>>;

/** Found again by operator, identity and power, so that giving it again continues its history. */
export function delegationId(operator: string, identityId: string, power: Power): string {
  return `${operator}:${identityId}:${power}`;
}

export interface Grant {
  readonly identityId: string;
  readonly power: Power;
  readonly by: string;
  readonly now: string;
}

/** What an operator gives people, it gives under the register version that is in force. */
export interface GivingFacts {
  readonly identityKnown: boolean;
  readonly registerVersion: number;
}

/** By the holder. One that was given under an earlier register version is void, so it can be given anew. */
export function grant(
  operator: Operator,
  existing: Delegation | undefined,
  { identityId, power, by, now }: Grant,
  { identityKnown, registerVersion }: GivingFacts,
): DelegationDecision {
  if (operator.state === 'RETIRED') return refuse('OPERATOR_RETIRED');
  if (identityId === by) return refuse('NOT_TO_ONESELF');
  if (!identityKnown) return refuse('IDENTITY_UNKNOWN', { identityId });
  const inForce = existing !== undefined && existing.registerVersion === registerVersion;
  if (inForce && next<Delegation['state'], 'grant' | 'revoke'>(TRANSITIONS, existing.state, 'grant') === undefined) {
    return refuse('WRONG_STATE', { delegation: existing.state });
  }
  const delegation: Delegation = {
    id: delegationId(operator.id, identityId, power),
    state: 'ACTIVE',
    operator: operator.id,
    identityId,
    power,
    registerVersion,
    delegatedBy: by,
    delegatedAt: now,
  };
  return [event('delegation_granted', 'delegation', delegation)];
}

export function revoke(existing: Delegation | undefined): DelegationDecision {
  const from = existing?.state ?? 'NONE';
  const to = next<Delegation['state'] | 'NONE', 'grant' | 'revoke'>(TRANSITIONS, from, 'revoke');
  if (existing === undefined || to === undefined) return refuse('WRONG_STATE', { delegation: from });
  return [event('delegation_revoked', 'delegation', { ...existing, state: 'REVOKED' })];
}
