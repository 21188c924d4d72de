import { actions, byKey, history, mutationsOf, rowsOf, sql } from '@qtm/service-kit';
import { actionsOf } from '../actions.ts';
import type { Mutations } from '../commands/index.ts';
import { entryId } from '../domain/register-entry.ts';
import type {
  OperatorResolvers,
  QueryResolvers,
  RegisterEntryResolvers,
  RegisterImportResolvers,
  Resolvers,
  TransferPolicyResolvers,
} from '../generated/graphql.ts';
import { registerEntries, registerImports, transferPolicies, transfers } from '../store.ts';
import { authorityAt, verifyRegister } from './authority.ts';
import { importedEntryFields } from './import.ts';
import { listRegisterEntries, listTransfers } from './lists.ts';
import { activeTransfers, transferFields } from './transfer.ts';

const Query: QueryResolvers = {
  transfer: (_, { id }, context) => context.load(transfers, id),
  transfers: (_, args, context) => listTransfers(context, args),
  registerEntry: (_, { objectClass, objectId }, context) =>
    context.load(registerEntries, entryId(objectClass, objectId)),
  registerEntries: (_, args, context) => listRegisterEntries(context, args),
  authorityAt: (_, args, context) => authorityAt(context, args),
  verifyRegister: (_, args, context) => verifyRegister(context, args),
  async transferPolicies(_, _args, context) {
    const rows = await rowsOf<{ id: string }>(context.db, sql`select id from transfer_policy order by id`);
    const policies = await Promise.all(rows.map(({ id }) => context.load(transferPolicies, id)));
    return policies.filter((policy) => policy !== null);
  },
  registerImport: (_, { id }, context) => context.load(registerImports, id),
};

const RegisterEntry: RegisterEntryResolvers = {
  __resolveReference: ({ id }, context) => context.load(registerEntries, id),
  operator: ({ objectClass, objectId }) => (objectClass === 'operator' ? byKey('slug', objectId) : null),
  holder: (entry) => byKey('id', entry.holderIdentityId),
  setByTransfer: ({ setBy, setById }, _, context) => context.load(transfers, setBy === 'transfer' ? setById : null),
  activeTransfer: async ({ id }, _, context) => (await context.related(activeTransfers, id))[0] ?? null,
  history: history(registerEntries),
  ...importedEntryFields,
};

const TransferPolicy: TransferPolicyResolvers = {
  __resolveReference: ({ id }, context) => context.load(transferPolicies, id),
  setBy: (policy) => byKey('id', policy.setBy),
  proposedExpiresSeconds: (policy) => policy.proposedExpiresS,
  acceptedExpiresSeconds: (policy) => policy.acceptedExpiresS,
  coolOffSeconds: (policy) => policy.coolOffS,
  history: history(transferPolicies),
};

const RegisterImport: RegisterImportResolvers = {
  __resolveReference: ({ id }, context) => context.load(registerImports, id),
  openedBy: (one) => byKey('id', one.openedBy),
  history: history(registerImports),
};

/** What this service adds to an operator. */
const Operator: OperatorResolvers = {
  // The keys of `_entities` are of a scalar that checks nothing; what is no text is the key of nothing.
  __resolveReference: (operator) => (typeof operator.slug === 'string' ? operator : null),
  registerEntry: ({ slug }, _, context) => context.load(registerEntries, entryId('operator', slug)),
};

export function resolversFor(commands: Mutations): Resolvers {
  const offered = actionsOf(commands);
  return {
    Query,
    Mutation: mutationsOf(commands),
    Transfer: { ...transferFields, actions: actions(offered.transfer), history: history(transfers) },
    RegisterEntry: { ...RegisterEntry, actions: actions(offered.registerEntry) },
    TransferPolicy: { ...TransferPolicy, actions: actions(offered.transferPolicy) },
    RegisterImport: { ...RegisterImport, actions: actions(offered.registerImport) },
    Operator,
  };
}
