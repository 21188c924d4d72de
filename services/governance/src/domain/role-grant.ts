import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';

/** Roles of the network. None of them ever stands in for a holder or a delegate (T-SP-20). */
export const ROLES = ['requester', 'admin_governor', 'clo_reviewer', 'auditor', 'executive', 'super_admin'] as const;

/** A role given to an identity, beside those its issuer gives. */
export interface RoleGrant {
  readonly id: string;
  readonly state: 'ACTIVE' | 'REVOKED';
  readonly identityId: string;
  readonly role: string;
  readonly grantedBy: string;
  readonly grantedAt: string;
}

/** NONE: this identity was never given this role. */
export const TRANSITIONS = {
  NONE: { grant: 'ACTIVE' },
  ACTIVE: { revoke: 'REVOKED' },
  REVOKED: { grant: 'ACTIVE' },
} as const satisfies TransitionTable<RoleGrant['state'] | 'NONE', 'grant' | 'revoke'>;

export type RoleGrantEvent = DomainEvent<'role_grant', 'role_granted' | 'role_revoked', RoleGrant>;
export type RoleGrantRefusalCode = 'WRONG_STATE' | 'ROLE_UNKNOWN' | 'IDENTITY_UNKNOWN';
type RoleGrantDecision = Decision<RoleGrantEvent, Refusal<RoleGrantRefusalCode>>;

/** Found again by identity and role. */
export function grantId(identityId: string, role: string): string {
  return `${identityId}:${role}`;
}

export interface Granting {
  readonly identityId: string;
  readonly role: string;
  readonly by: string;
  readonly now: string;
}

export function grant(
  existing: RoleGrant | undefined,
  { identityId, role, by, now }: Granting,
  facts: { readonly identityKnown: boolean },
): RoleGrantDecision {
  if (!ROLES.some((known) => known === role)) return refuse('ROLE_UNKNOWN', { role });
  if (!facts.identityKnown) return refuse('IDENTITY_UNKNOWN', { identityId });
  const from = existing?.state ?? 'NONE';
  if (next<RoleGrant['state'] | 'NONE', 'grant' | 'revoke'>(TRANSITIONS, from, 'grant') === undefined) {
    return refuse('WRONG_STATE', { grant: from });
  }
  const after = { id: grantId(identityId, role), identityId, role, grantedBy: by, grantedAt: now };
  return [event('role_granted', 'role_grant', { ...after, state: 'ACTIVE' })];
}

export function revoke(existing: RoleGrant | undefined): RoleGrantDecision {
  const from = existing?.state ?? 'NONE';
  const to = next<RoleGrant['state'] | 'NONE', 'grant' | 'revoke'>(TRANSITIONS, from, 'revoke');
  if (existing === undefined || to === undefined) return refuse('WRONG_STATE', { grant: from });
  return [event('role_revoked', 'role_grant', { ...existing, state: 'REVOKED' })];
}
