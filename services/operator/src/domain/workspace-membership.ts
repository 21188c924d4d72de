import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';
import type { GivingFacts } from './delegation.ts';
import type { Operator } from './operator.ts';

/** That an identity may see the workspace of an operator; seeing is not acting (S2:48). */
export interface WorkspaceMembership {
  readonly id: string;
  readonly state: 'ACTIVE' | 'REMOVED';
  readonly operator: string;
  readonly identityId: string;
  readonly registerVersion: number;
  readonly addedBy: string;
  readonly addedAt: string;
}

/** NONE: this identity was never a member. */
export const TRANSITIONS = {
  NONE: { add: 'ACTIVE' },
  ACTIVE: { remove: 'REMOVED' },
  REMOVED: { add: 'ACTIVE' },
} as const satisfies TransitionTable<WorkspaceMembership['state'] | 'NONE', 'add' | 'remove'>;

export type MembershipEvent = DomainEvent<
  'workspace_membership',
  'workspace_member_added' | 'workspace_member_removed',
  WorkspaceMembership
>;
export type MembershipRefusalCode = 'WRONG_STATE' | 'IDENTITY_UNKNOWN' | 'OPERATOR_RETIRED';
type MembershipDecision = Decision<MembershipEvent, Refusal<MembershipRefusalCode>>;

/** Found again by operator and identity. */
export function membershipId(operator: string, identityId: string): string {
  return `${operator}:${identityId}`;
}

/** One that was given under an earlier register version is void, so it can be given anew. */
export function add(
  operator: Operator,
  existing: WorkspaceMembership | undefined,
  { identityId, by, now }: { readonly identityId: string; readonly by: string; readonly now: string },
  { identityKnown, registerVersion }: GivingFacts,
): MembershipDecision {
  if (operator.state === 'RETIRED') return refuse('OPERATOR_RETIRED');
  if (!identityKnown) return refuse('IDENTITY_UNKNOWN', { identityId });
  const inForce = existing !== undefined && existing.registerVersion === registerVersion;
  if (
    inForce &&
    next<WorkspaceMembership['state'], 'add' | 'remove'>(TRANSITIONS, existing.state, 'add') === undefined
  ) {
    return refuse('WRONG_STATE', { membership: existing.state });
  }
  const membership: WorkspaceMembership = {
    id: membershipId(operator.id, identityId),
    state: 'ACTIVE',
    operator: operator.id,
    identityId,
    registerVersion,
    addedBy: by,
    addedAt: now,
  };
  return [event('workspace_member_added', 'workspace_membership', membership)];
}

export function remove(existing: WorkspaceMembership | undefined): MembershipDecision {
  const from = existing?.state ?? 'NONE';
  const to = next<WorkspaceMembership['state'] | 'NONE', 'add' | 'remove'>(TRANSITIONS, from, 'remove');
  if (existing === undefined || to === undefined) return refuse('WRONG_STATE', { membership: from });
  return [event('workspace_member_removed', 'workspace_membership', { ...existing, state: 'REMOVED' })];
}
