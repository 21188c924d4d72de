import { type Action, action } from '@qtm/service-kit';
import * as identityCommands from './commands/identity.ts';
import * as operatorCommands from './commands/operator.ts';
import * as people from './commands/people.ts';
import type {
  VersionedDelegation,
  VersionedIdentity,
  VersionedOperator,
  VersionedWorkspaceMembership,
} from './generated/states.ts';

const ofIdentity = ({ id: identityId }: VersionedIdentity) => ({ identityId });

/** What one can do to an identity. */
export const identityActions: readonly Action<VersionedIdentity>[] = [
  action(identityCommands.suspendIdentity, ofIdentity),
  action(identityCommands.reinstateIdentity, ofIdentity),
];

const bySlug = ({ id: slug }: VersionedOperator) => ({ slug });
const ofOperator = ({ id: operator }: VersionedOperator) => ({ operator });

/** What one can do to an operator, and give to others for it. */
export const operatorActions: readonly Action<VersionedOperator>[] = [
  action(operatorCommands.activateOperator, bySlug),
  action(operatorCommands.suspendOperator, bySlug),
  action(operatorCommands.reinstateOperator, bySlug),
  action(operatorCommands.retireOperator, bySlug),
  action(operatorCommands.setReadiness, bySlug, { readiness: 'READY' }),
  action(people.delegate, ofOperator, { identityId: '', power: 'EXECUTE' }, ['IDENTITY_UNKNOWN']),
  action(people.addWorkspaceMember, ofOperator, { identityId: '' }, ['IDENTITY_UNKNOWN']),
];

const ofDelegation = ({ operator, identityId, power }: VersionedDelegation) => ({ operator, identityId, power });

/** What one can do to a delegation. */
export const delegationActions: readonly Action<VersionedDelegation>[] = [
  action(people.delegate, ofDelegation),
  action(people.revokeDelegation, ofDelegation),
];

const ofMembership = ({ operator, identityId }: VersionedWorkspaceMembership) => ({ operator, identityId });

/** What one can do to a membership. */
export const membershipActions: readonly Action<VersionedWorkspaceMembership>[] = [
  action(people.addWorkspaceMember, ofMembership),
  action(people.removeWorkspaceMember, ofMembership),
];
