import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';

/** Operators among whom one may claim what is assigned to all of them. */
export interface Pool {
  readonly id: string;
  readonly state: 'OPEN';
  readonly name: string;
  readonly description: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
}

/** An operator in a pool. */
export interface PoolMember {
  readonly id: string;
  readonly state: 'ACTIVE' | 'REMOVED';
  readonly poolId: string;
  readonly operator: string;
  readonly addedBy: string;
  readonly addedAt: string;
}

/** NONE: there is no such pool. What changes in one is its members. */
export const TRANSITIONS = {
  NONE: { create: 'OPEN' },
  OPEN: {},
} as const satisfies TransitionTable<Pool['state'] | 'NONE', 'create'>;

/** NONE: the operator was never in the pool. */
export const MEMBER_TRANSITIONS = {
  NONE: { add: 'ACTIVE' },
  ACTIVE: { remove: 'REMOVED' },
  REMOVED: { add: 'ACTIVE' },
} as const satisfies TransitionTable<PoolMember['state'] | 'NONE', 'add' | 'remove'>;

export type PoolEvent = DomainEvent<'pool', 'pool_created', Pool>;
export type PoolMemberEvent = DomainEvent<'pool_member', 'pool_member_added' | 'pool_member_removed', PoolMember>;
export type PoolRefusalCode =
  | 'WRONG_STATE'
  | 'LIMIT_EXCEEDED'
  | 'POOL_NAME_TAKEN'
  | 'OPERATOR_UNKNOWN'
  | 'OPERATOR_NOT_ACTIVE';

const MAX_NAME = 200;
const MAX_DESCRIPTION = 2_000;

/** Names and descriptions of pools are words of the network and stand in topics as they are. */
export function createPool(
  command: Omit<Pool, 'state'>,
): Decision<PoolEvent, Refusal<Extract<PoolRefusalCode, 'LIMIT_EXCEEDED'>>> {
  const { name, description } = command;
  if (name.trim() === '' || [...name].length > MAX_NAME) {
    return refuse('LIMIT_EXCEEDED', { field: 'name', limit: `1 to ${MAX_NAME} characters` });
  }
  if (description !== null && [...description].length > MAX_DESCRIPTION) {
    return refuse('LIMIT_EXCEEDED', { field: 'description', limit: `${MAX_DESCRIPTION} characters` });
  }
  return [event('pool_created', 'pool', { ...command, state: 'OPEN' })];
}

/** Found again by pool and operator. */
export function memberId(poolId: string, operator: string): string {
  return `${poolId}:${operator}`;
}

export interface Adding {
  readonly operator: string;
  readonly by: string;
  readonly now: string;
}

type MemberDecision = Decision<PoolMemberEvent, Refusal<PoolRefusalCode>>;

/** Only active operators; one that is suspended later stays in, and may not claim. */
export function addMember(
  pool: Pool,
  existing: PoolMember | undefined,
  { operator, by, now }: Adding,
  facts: { readonly operator: string | null },
): MemberDecision {
  if (facts.operator === null) return refuse('OPERATOR_UNKNOWN', { operator });
  if (facts.operator !== 'ACTIVE') return refuse('OPERATOR_NOT_ACTIVE', { operator, state: facts.operator });
  const from = existing?.state ?? 'NONE';
  if (next<PoolMember['state'] | 'NONE', 'add' | 'remove'>(MEMBER_TRANSITIONS, from, 'add') === undefined) {
    return refuse('WRONG_STATE', { member: from });
  }
  const member: PoolMember = {
    id: memberId(pool.id, operator),
    state: 'ACTIVE',
    poolId: pool.id,
    operator,
    addedBy: by,
    addedAt: now,
  };
  return [event('pool_member_added', 'pool_member', member)];
}

export function removeMember(existing: PoolMember | undefined): MemberDecision {
  const from = existing?.state ?? 'NONE';
  const to = next<PoolMember['state'] | 'NONE', 'add' | 'remove'>(MEMBER_TRANSITIONS, from, 'remove');
  if (existing === undefined || to === undefined) return refuse('WRONG_STATE', { member: from });
  return [event('pool_member_removed', 'pool_member', { ...existing, state: 'REMOVED' })];
}
