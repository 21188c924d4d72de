import { actions, history, mutationsOf } from '@qtm/service-kit';
import { delegationActions, identityActions, membershipActions, operatorActions } from '../actions.ts';
import * as commands from '../commands/index.ts';
import type {
  DelegationResolvers,
  IdentityResolvers,
  MutationResolvers,
  OperatorResolvers,
  QueryResolvers,
  Resolvers,
  WorkspaceMembershipResolvers,
} from '../generated/graphql.ts';
import { delegations, identities, memberships, operators } from '../store.ts';
import { listDelegations, listIdentities, listMembers, listOperators } from './lists.ts';
import { me } from './me.ts';

const Query: QueryResolvers = {
  me: (_, _args, context) => me(context),
  identity: (_, { id }, context) => context.load(identities, id),
  identities: (_, args, context) => listIdentities(context, args),
  operator: (_, { slug }, context) => context.load(operators, slug),
  operators: (_, args, context) => listOperators(context, args),
};

const Mutation: MutationResolvers = mutationsOf(commands);

const Identity: IdentityResolvers = {
  __resolveReference: ({ id }, context) => context.load(identities, id),
  subject: (identity, _, context) => context.personal(identities, identity.id, identity.subject),
  displayName: (identity, _, context) => context.personal(identities, identity.id, identity.displayName),
  actions: actions(identityActions),
  history: history(identities),
};

const Operator: OperatorResolvers = {
  __resolveReference: ({ slug }, context) => context.load(operators, slug),
  slug: (operator) => operator.id,
  name: (operator, _, context) => context.personal(operators, operator.id, operator.name),
  holder: (operator, _, context) => context.load(identities, operator.holderIdentityId),
  onboardedBy: (operator, _, context) => context.load(identities, operator.onboardedBy),
  activatedBy: (operator, _, context) => context.load(identities, operator.activatedBy),
  delegations: (operator, args, context) => listDelegations(context, operator.id, args),
  members: (operator, args, context) => listMembers(context, operator.id, args),
  actions: actions(operatorActions),
  history: history(operators),
};

const Delegation: DelegationResolvers = {
  __resolveReference: ({ id }, context) => context.load(delegations, id),
  operator: (delegation, _, context) => context.load(operators, delegation.operator),
  identity: (delegation, _, context) => context.load(identities, delegation.identityId),
  delegatedBy: (delegation, _, context) => context.load(identities, delegation.delegatedBy),
  actions: actions(delegationActions),
  history: history(delegations),
};

const WorkspaceMembership: WorkspaceMembershipResolvers = {
  __resolveReference: ({ id }, context) => context.load(memberships, id),
  operator: (membership, _, context) => context.load(operators, membership.operator),
  identity: (membership, _, context) => context.load(identities, membership.identityId),
  addedBy: (membership, _, context) => context.load(identities, membership.addedBy),
  actions: actions(membershipActions),
  history: history(memberships),
};

export const resolvers: Resolvers = { Query, Mutation, Identity, Operator, Delegation, WorkspaceMembership };
