import type { RefusalText } from '@qtm/service-kit/domain';
import type { GovernanceTaskRefusalCode } from './governance-task.ts';
import type { PoolRefusalCode } from './pool.ts';
import type { RoleGrantRefusalCode } from './role-grant.ts';
import type { TaskRefusalCode } from './task.ts';

type RefusalCode = TaskRefusalCode | PoolRefusalCode | RoleGrantRefusalCode | GovernanceTaskRefusalCode;

/** Every refusal of this service: what it tells the client, and whether the same command may be accepted later. */
export const REFUSALS: Readonly<Record<RefusalCode, RefusalText>> = {
  WRONG_STATE: { message: 'its state does not allow this', retryable: false },
  ASSIGNEE_NOT_ONE: { message: 'a task is assigned to one operator or to one pool', retryable: false },
  ALREADY_ASSIGNED: { message: 'the task is assigned; withdraw that assignment first', retryable: false },
  ALREADY_HANDED_OFF: {
    message: 'the assignment was handed off to a job; the task can be assigned again once that job is canceled',
    retryable: true,
  },
  OPERATOR_UNKNOWN: { message: 'the operator is not known here', retryable: true },
  OPERATOR_NOT_ACTIVE: { message: 'the operator is not active', retryable: true },
  POOL_UNKNOWN: { message: 'there is no such pool', retryable: false },
  POOL_EMPTY: { message: 'the pool has no active member', retryable: true },
  POOL_NAME_TAKEN: { message: 'another pool has this name', retryable: false },
  LIMIT_EXCEEDED: {
    message: 'a value is beyond its limit; the details say which and what the limit is',
    retryable: false,
  },
  ROLE_UNKNOWN: { message: 'there is no such role', retryable: false },
  IDENTITY_UNKNOWN: { message: 'no identity of this id is registered', retryable: true },
};
