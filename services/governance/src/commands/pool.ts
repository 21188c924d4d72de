import { operatorOf } from '@qtm/relations';
import { command, locked, withReason } from '@qtm/service-kit';
import type { Pool } from '../domain/pool.ts';
import * as rules from '../domain/pool.ts';
import type { AddPoolMemberInput, CreatePoolInput, RemovePoolMemberInput } from '../generated/graphql.ts';
import { poolMembers, pools } from '../store.ts';

export const createPool = command<CreatePoolInput, Pool>({
  transition: 'pool.create',
  aggregate: pools,
  subject: null,
  decide: ({ input: { name, description }, by, now, newId }) =>
    rules.createPool({ id: newId(), name, description: description ?? null, createdBy: by, createdAt: now }),
});

const memberFacts = ({ poolId, operator }: { readonly poolId: string; readonly operator: string }) => ({
  existing: locked(poolMembers, rules.memberId(poolId, operator)),
  operator: operatorOf(operator),
});

export const addPoolMember = command<AddPoolMemberInput, Pool, ReturnType<typeof memberFacts>>({
  transition: 'pool_member.add',
  aggregate: pools,
  subject: ({ poolId }) => poolId,
  facts: memberFacts,
  decide: ({ state, input, facts: { existing, operator }, by, now }) =>
    rules.addMember(
      state as Pool,
      existing?.value,
      { operator: input.operator, by, now },
      { operator: operator === undefined || operator.unknown ? null : operator.value.state },
    ),
});

export const removePoolMember = command<RemovePoolMemberInput, Pool, ReturnType<typeof memberFacts>, 'reason'>({
  transition: 'pool_member.remove',
  aggregate: pools,
  subject: ({ poolId }) => poolId,
  facts: memberFacts,
  ...withReason,
  decide: ({ facts }) => rules.removeMember(facts.existing?.value),
});
