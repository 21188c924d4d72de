import { principal, REMEDIES } from '@qtm/relations';
import type { ServiceDefinition } from '@qtm/service-kit';
import * as commands from './commands/index.ts';
import { REFUSALS } from './domain/refusals.ts';
import { publishPacks } from './publish-packs.ts';
import { reactions } from './reactions.ts';
import { resolvers } from './resolvers/index.ts';
import { evidence, packs, records, serviceEvents } from './store.ts';

/** How does work move? Packs, service events, evidence, records. */
export const service: ServiceDefinition = {
  name: 'workflow',
  aggregates: [packs, serviceEvents, evidence, records],
  commands: Object.values(commands),
  resolvers,
  follows: {
    operator: ['identity', 'operator', 'delegation', 'workspace_membership'],
    governance: ['role_grant'],
    jobs: ['job'],
    transfer: ['register_entry'],
  },
  reactions,
  principal,
  refusals: REFUSALS,
  remedies: REMEDIES,
  uniqueRules: {
    record_superseded_once: 'RECORD_SUPERSEDED',
    one_first_record_per_service_event: 'WRONG_STATE',
  },
  onStart: publishPacks,
};
