import { command } from '@qtm/service-kit';
import type { GovernanceTask } from '../domain/governance-task.ts';
import * as rules from '../domain/governance-task.ts';
import type { ReviewGovernanceTaskInput } from '../generated/graphql.ts';
import { governanceTasks } from '../store.ts';

export const reviewGovernanceTask = command<ReviewGovernanceTaskInput, GovernanceTask, Record<never, never>, 'note'>({
  transition: 'governance_task.review',
  aggregate: governanceTasks,
  subject: ({ governanceTaskId }) => governanceTaskId,
  personal: ({ note }) => ({ note }),
  reason: 'note',
  decide: ({ state, by, now, personal: { note } }) => rules.review(state as GovernanceTask, { by, now, note }),
});
