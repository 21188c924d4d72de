import { principal, REMEDIES } from '@qtm/relations';
import type { ServiceDefinition } from '@qtm/service-kit';
import * as commands from './commands/index.ts';
import { REFUSALS } from './domain/refusals.ts';
import { reactions } from './reactions.ts';
import { resolvers } from './resolvers/index.ts';
import { actors, intakes, jobs, requests } from './store.ts';

/** Which live work is there? Actors, requests, intakes, jobs; desks as a view of jobs. */
export const service: ServiceDefinition = {
  name: 'jobs',
  aggregates: [actors, requests, intakes, jobs],
  commands: Object.values(commands),
  resolvers,
  follows: {
    operator: ['identity', 'operator', 'delegation', 'workspace_membership'],
    governance: ['task', 'assignment', 'pool_member', 'role_grant'],
    workflow: ['pack', 'service_event', 'record'],
    transfer: ['register_entry'],
  },
  reactions,
  principal,
  refusals: REFUSALS,
  remedies: {
    ...REMEDIES,
    system_origin: 'it takes a session of kind SERVICE, and origin SYSTEM',
    origin_fits_principal: 'origin must be ACTOR for a human, and SYSTEM for a service',
  },
};
