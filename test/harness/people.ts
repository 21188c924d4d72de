import type { Session } from '@qtm/service-kit';
import { type ForeignFact, foreignFact } from './foreign-facts.ts';

/**
 * What the operator service tells of people and operators, governance of roles and transfer of who holds an operator, as other services
 * learn it from the topics.
 */

export const registered = ({ identityId: id }: Session): ForeignFact =>
  foreignFact('operator', 'identity_registered', { id });

export const operatorHeldBy = (slug: string, { identityId }: Session): ForeignFact =>
  foreignFact('operator', 'operator_activated', { id: slug, holder_identity_id: identityId });

/** It is no longer ACTIVE. */
export const operatorSuspended = (slug: string, { identityId }: Session): ForeignFact =>
  foreignFact('operator', 'operator_suspended', { id: slug, holder_identity_id: identityId }, { aggregate_version: 9 });

/** The register names its first holder: whoever the onboarding named. */
export const registerSeeded = (slug: string, holder: Session, epoch = 1): ForeignFact =>
  foreignFact('transfer', 'register_entry_seeded', entryOf(slug, holder, 1), { epoch });

/** A completed transfer made this identity the holder. */
export const operatorTransferred = (slug: string, holder: Session, registerVersion = 2, epoch = 1): ForeignFact =>
  foreignFact(
    'transfer',
    'operator_transferred',
    { ...entryOf(slug, holder, registerVersion), set_by: 'transfer' },
    { aggregate_version: registerVersion + epoch - 1, epoch },
  );

/** A file of an import says who holds it, and after how many transfers. */
export const registerImported = (slug: string, holder: Session, registerVersion: number): ForeignFact =>
  foreignFact('transfer', 'register_entry_imported', { ...entryOf(slug, holder, registerVersion), set_by: 'import' });

/** The register was restored from a backup, and this is how it stands: what was told of the entry since is lost. */
export const registerRestored = (slug: string, holder: Session, registerVersion: number): ForeignFact =>
  foreignFact('transfer', 'register_entry_seeded', entryOf(slug, holder, registerVersion), {
    event_type: 'x1.acquisition.aggregate_restored.v1',
    transition: 'register_entry.restore',
    prior_state: 'HELD',
    authority: 'service',
    aggregate_version: registerVersion + 1,
    epoch: 2,
    data: { lost: ['01976e2a-2f4c-7c11-8a33-0d6b6f5a1c0a'] },
  });

/** Its holder locked it, after as many transfers as that takes: another fact of the same entry, of which nothing follows anywhere. */
export const operatorLocked = (slug: string, holder: Session, registerVersion: number): ForeignFact =>
  foreignFact('transfer', 'object_locked', entryOf(slug, holder, registerVersion), {
    aggregate_version: registerVersion + 1,
  });

const entryOf = (slug: string, { identityId }: Session, registerVersion: number) => ({
  id: `operator:${slug}`,
  object_class: 'operator',
  object_id: slug,
  holder_identity_id: identityId,
  register_version: registerVersion,
});

export const delegated = (
  operator: string,
  { identityId }: Session,
  power: 'EXECUTE' | 'GOVERN',
  registerVersion = 1,
): ForeignFact =>
  foreignFact(
    'operator',
    'delegation_granted',
    {
      id: `${operator}:${identityId}:${power}`,
      operator,
      identity_id: identityId,
      power,
      register_version: registerVersion,
    },
    { aggregate_version: registerVersion },
  );

export const memberOf = (operator: string, { identityId }: Session, registerVersion = 1): ForeignFact =>
  foreignFact(
    'operator',
    'workspace_member_added',
    {
      id: `${operator}:${identityId}`,
      operator,
      identity_id: identityId,
      register_version: registerVersion,
    },
    { aggregate_version: registerVersion },
  );

export const roleGranted = ({ identityId }: Session, role: string): ForeignFact =>
  foreignFact('governance', 'role_granted', { id: `${identityId}:${role}`, identity_id: identityId, role });
