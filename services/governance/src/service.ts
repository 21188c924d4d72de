import { principal, REMEDIES } from '@qtm/relations';
import type { ServiceDefinition } from '@qtm/service-kit';
import * as commands from './commands/index.ts';
import { REFUSALS } from './domain/refusals.ts';
import { reactions } from './reactions.ts';
import { resolvers } from './resolvers/index.ts';
import { assignments, governanceTasks, poolMembers, pools, roleGrants, tasks } from './store.ts';

/** Which rules apply, and who decided? Tasks, assignments, pools, granted roles, what is to be reviewed. */
export const service: ServiceDefinition = {
  name: 'governance',
  aggregates: [tasks, assignments, pools, poolMembers, roleGrants, governanceTasks],
  commands: Object.values(commands),
  resolvers,
  follows: {
    operator: ['identity', 'operator', 'delegation', 'workspace_membership'],
    jobs: ['intake', 'job'],
    transfer: ['register_entry', 'transfer'],
  },
  reactions,
  principal,
  refusals: REFUSALS,
  remedies: REMEDIES,
  uniqueRules: {
    one_active_assignment_per_task: 'ALREADY_ASSIGNED',
    pool_name_once: 'POOL_NAME_TAKEN',
    role_grant_pkey: 'WRONG_STATE',
  },
};
