import { principal, REMEDIES } from '@qtm/relations';
import type { ServiceDefinition } from '@qtm/service-kit';
import * as poolCommands from './commands/pool.ts';
import * as roleCommands from './commands/role-grant.ts';
import * as taskCommands from './commands/task.ts';
import { REFUSALS } from './domain/refusals.ts';
import { reactions } from './reactions.ts';
import { resolvers } from './resolvers/index.ts';
import { assignments, poolMembers, pools, roleGrants, tasks } from './store.ts';

/** Which rules apply, and who decided? Tasks, assignments, pools, granted roles. */
export const service: ServiceDefinition = {
  name: 'governance',
  aggregates: [tasks, assignments, pools, poolMembers, roleGrants],
  commands: [...Object.values(taskCommands), ...Object.values(poolCommands), ...Object.values(roleCommands)],
  resolvers,
  follows: {
    operator: ['identity', 'operator', 'delegation', 'workspace_membership'],
    jobs: ['intake', 'job'],
  },
  reactions,
  principal,
  refusals: REFUSALS,
  remedies: { ...REMEDIES, not_oneself: 'it takes another identity than the one it is about' },
  uniqueRules: {
    one_active_assignment_per_task: 'ALREADY_ASSIGNED',
    pool_name_once: 'POOL_NAME_TAKEN',
  },
};
