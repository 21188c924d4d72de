import { GOVERNS, hasAnyRole, operatorsOf, SEES } from '@qtm/relations';
import { aggregate, raw, type Session, type Sql, sql } from '@qtm/service-kit';
import type { Delegation } from './domain/delegation.ts';
import type { Identity } from './domain/identity.ts';
import type { Operator } from './domain/operator.ts';
import type { WorkspaceMembership } from './domain/workspace-membership.ts';

/** What this service owns, and who sees it. */

/** Roles that see every identity, and who may act for whom. */
export const OVERSEERS = ['admin_governor', 'super_admin', 'auditor', 'executive'];
/** Of these, those that see what identities are called. */
const NAMES = ['admin_governor', 'super_admin'];

/**
 * Identities that act for the operators the session holds, or see their work; a sub-select of ids. That somebody is named as a
 * delegate or member takes nobody's consent, so it shows what they are to the operator and never what they are called.
 */
export function peopleOf(session: Session): Sql {
  const theirs = (table: string) => sql`select people.identity_id from ${raw(table)} people
    where people.operator in ${operatorsOf(session, ['HOLDER'])} and people.state = 'ACTIVE'
      and (people.published ->> 'register_version')::integer
        = (select register_version from operator_register where operator = people.published ->> 'operator')`;
  return sql`${theirs('delegation')} union ${theirs('workspace_membership')}`;
}

export const identities = aggregate<Identity>({
  type: 'identity',
  ids: 'text',
  visibleTo: (session) =>
    sql`identity.id = ${session.identityId} or ${hasAnyRole(session, OVERSEERS)} or identity.id in (${peopleOf(session)})`,
  personalTo: (session) => sql`identity.id = ${session.identityId} or ${hasAnyRole(session, NAMES)}`,
});

/** Why something was done to an operator or its people is for whoever holds it, and for those who admit people. */
const reasonsOf = (operator: Sql) => (session: Session) =>
  sql`${operator} in ${operatorsOf(session, ['HOLDER'])} or ${hasAnyRole(session, NAMES)}`;

/** Public profiles, their names too. */
export const operators = aggregate<Operator>({
  type: 'operator',
  ids: 'text',
  visibleTo: () => sql`true`,
  personalTo: () => sql`true`,
  reasonsTo: reasonsOf(sql`operator.id`),
});

export const delegations = aggregate<Delegation>({
  type: 'delegation',
  ids: 'text',
  visibleTo: (session) =>
    sql`identity_id = ${session.identityId} or operator in ${operatorsOf(session, GOVERNS)}
      or ${hasAnyRole(session, OVERSEERS)}`,
  reasonsTo: reasonsOf(sql`operator`),
});

export const memberships = aggregate<WorkspaceMembership>({
  type: 'workspace_membership',
  ids: 'text',
  visibleTo: (session) =>
    sql`identity_id = ${session.identityId} or operator in ${operatorsOf(session, SEES)} or ${hasAnyRole(session, OVERSEERS)}`,
  reasonsTo: reasonsOf(sql`operator`),
});
