import { principal, REMEDIES } from '@qtm/relations';
import type { ServiceDefinition } from '@qtm/service-kit';
import * as commands from './commands/index.ts';
import { REFUSALS } from './domain/refusals.ts';
import { reactions } from './reactions.ts';
import { resolvers } from './resolvers/index.ts';
import { delegations, identities, memberships, operators } from './store.ts';

/** Who is acting? Identities, operators, and what identities are to operators. */
export const service: ServiceDefinition = {
  name: 'operator',
  aggregates: [identities, operators, delegations, memberships],
  commands: Object.values(commands),
  resolvers,
  follows: { governance: ['role_grant'], transfer: ['register_entry'] },
  reactions,
  principal,
  refusals: REFUSALS,
  remedies: {
    ...REMEDIES,
    own_session: 'it takes the session of the identity itself',
    not_onboarder: 'it takes another identity than the one that onboarded the operator',
  },
  uniqueRules: {
    identity_pkey: 'ALREADY_REGISTERED',
    operator_pkey: 'SLUG_TAKEN',
    operator_looks_like_no_other: 'SLUG_TAKEN',
  },
};
