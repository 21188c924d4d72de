import { GOVERNS, hasAnyRole, operatorsOf, SEES } from '@qtm/relations';
import { aggregate, type Session, type Sql, sql } from '@qtm/service-kit';
import type { Delegation } from './domain/delegation.ts';
import type { Identity } from './domain/identity.ts';
import type { Operator } from './domain/operator.ts';
import type { WorkspaceMembership } from './domain/workspace-membership.ts';

/** What this service owns, and who sees it. */

/** Roles that see every identity, and who may act for whom. */
export const OVERSEERS = ['admin_governor', 'super_admin', 'auditor', 'executive'];
/** Of these, those that see what identities are called. */
const NAMES = ['admin_governor', 'super_admin'];

const held = (session: Session): Sql => operatorsOf(session, ['HOLDER']);

const knownThroughMine = (session: Session): Sql => sql`exists (select 1 from delegation
    where delegation.identity_id = identity.id and delegation.operator in ${held(session)})
  or exists (select 1 from workspace_membership
    where workspace_membership.identity_id = identity.id and workspace_membership.operator in ${held(session)})`;

export const identities = aggregate<Identity>({
  type: 'identity',
  ids: 'text',
  visibleTo: (session) =>
    sql`identity.id = ${session.identityId} or ${hasAnyRole(session, OVERSEERS)} or ${knownThroughMine(session)}`,
  personalTo: (session) =>
    sql`identity.id = ${session.identityId} or ${hasAnyRole(session, NAMES)} or ${knownThroughMine(session)}`,
});

/** Public profiles, their names too. */
export const operators = aggregate<Operator>({
  type: 'operator',
  ids: 'text',
  visibleTo: () => sql`true`,
  personalTo: () => sql`true`,
});

export const delegations = aggregate<Delegation>({
  type: 'delegation',
  ids: 'text',
  visibleTo: (session) =>
    sql`identity_id = ${session.identityId} or operator in ${operatorsOf(session, GOVERNS)}
      or ${hasAnyRole(session, OVERSEERS)}`,
});

export const memberships = aggregate<WorkspaceMembership>({
  type: 'workspace_membership',
  ids: 'text',
  visibleTo: (session) =>
    sql`identity_id = ${session.identityId} or operator in ${operatorsOf(session, SEES)} or ${hasAnyRole(session, OVERSEERS)}`,
});
