import { not_oneself } from '@qtm/relations';
import { command, known, locked, withReason } from '@qtm/service-kit';
import type { RoleGrant } from '../domain/role-grant.ts';
import * as rules from '../domain/role-grant.ts';
import type { GrantRoleInput, RevokeRoleInput } from '../generated/graphql.ts';
import { roleGrants } from '../store.ts';

type RoleInput = { readonly identityId: string; readonly role: string };

const grantFacts = ({ identityId, role }: RoleInput) => ({
  existing: locked(roleGrants, rules.grantId(identityId, role)),
  identity: known('operator', 'identity', identityId),
});
type GrantFacts = ReturnType<typeof grantFacts>;

export const grantRole = command<GrantRoleInput, RoleGrant, GrantFacts>({
  transition: 'role_grant.grant',
  aggregate: roleGrants,
  subject: null,
  facts: grantFacts,
  conditions: { not_oneself },
  decide: ({ input: { identityId, role }, facts, by, now }) =>
    rules.grant(facts.existing?.value, { identityId, role, by, now }, { identityKnown: facts.identity !== undefined }),
});

export const revokeRole = command<RevokeRoleInput, RoleGrant, GrantFacts, 'reason'>({
  transition: 'role_grant.revoke',
  aggregate: roleGrants,
  subject: null,
  facts: grantFacts,
  conditions: { not_oneself },
  ...withReason,
  decide: ({ facts }) => rules.revoke(facts.existing?.value),
});
