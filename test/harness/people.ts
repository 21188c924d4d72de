import type { Session } from '@qtm/service-kit';
import { type ForeignFact, foreignFact } from './foreign-facts.ts';

/** What the operator service tells of people and operators, and governance of roles, as other services learn it from the topics. */

export const registered = ({ identityId: id }: Session): ForeignFact =>
  foreignFact('operator', 'identity_registered', { id });

export const operatorHeldBy = (slug: string, { identityId }: Session): ForeignFact =>
  foreignFact('operator', 'operator_activated', { id: slug, holder_identity_id: identityId });

/** It is no longer ACTIVE. */
export const operatorSuspended = (slug: string, { identityId }: Session): ForeignFact =>
  foreignFact('operator', 'operator_suspended', { id: slug, holder_identity_id: identityId }, { aggregate_version: 9 });

export const delegated = (operator: string, { identityId }: Session, power: 'EXECUTE' | 'GOVERN'): ForeignFact =>
  foreignFact('operator', 'delegation_granted', {
    id: `${operator}:${identityId}:${power}`,
    operator,
    identity_id: identityId,
    power,
  });

export const memberOf = (operator: string, { identityId }: Session): ForeignFact =>
  foreignFact('operator', 'workspace_member_added', {
    id: `${operator}:${identityId}`,
    operator,
    identity_id: identityId,
  });

export const roleGranted = ({ identityId }: Session, role: string): ForeignFact =>
  foreignFact('governance', 'role_granted', { id: `${identityId}:${role}`, identity_id: identityId, role });
