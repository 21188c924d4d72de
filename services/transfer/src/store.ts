import { hasAnyRole, notSuspended, operatorsOf, orAgent, SEES } from '@qtm/relations';
import { aggregate, type Session, type Sql, sql } from '@qtm/service-kit';
import type { RegisterEntry } from './domain/register-entry.ts';
import type { RegisterImport } from './domain/register-import.ts';
import type { Transfer } from './domain/transfer.ts';
import type { TransferPolicy } from './domain/transfer-policy.ts';

/** What this service owns, and who sees it. */

/** Roles that see every transfer and who holds what. */
export const OVERSEERS = ['super_admin', 'clo_reviewer', 'auditor', 'executive'];
/** The same and those who admit operators: for the register alone. */
export const REGISTRARS = [...OVERSEERS, 'admin_governor'];

// Agents read how authority stands and moves, and never why in words (S2:89).

export const registerEntries = aggregate<RegisterEntry>({
  type: 'register_entry',
  ids: 'text',
  agentsSee: true,
  visibleTo: (session) =>
    orAgent(
      session,
      sql`(holder_identity_id = ${session.identityId} and ${notSuspended(session)}) or ${hasAnyRole(session, REGISTRARS)}
        or (object_class = 'operator' and object_id in ${operatorsOf(session, SEES)})`,
    ),
});

/** To suspend an identity is to revoke its sessions: they read no more than they do. */
const takesPart = (session: Session): Sql =>
  sql`((from_identity_id = ${session.identityId} or to_identity_id = ${session.identityId}
    or proposed_by = ${session.identityId}) and ${notSuspended(session)})`;

export const transfers = aggregate<Transfer>({
  type: 'transfer',
  agentsSee: true,
  visibleTo: (session) => orAgent(session, sql`${takesPart(session)} or ${hasAnyRole(session, OVERSEERS)}`),
  personalTo: (session) => sql`${takesPart(session)} or ${hasAnyRole(session, ['super_admin'])}`,
});

/** What may vary, and how it stands, is no secret from anybody who has a session. */
export const transferPolicies = aggregate<TransferPolicy>({
  type: 'transfer_policy',
  ids: 'text',
  agentsSee: true,
  visibleTo: (session) => orAgent(session, sql`true`),
});

export const registerImports = aggregate<RegisterImport>({
  type: 'register_import',
  visibleTo: (session) => hasAnyRole(session, ['super_admin', 'auditor']),
});
