import { command, type Facts, type Grounds } from '@qtm/service-kit';
import * as rules from '../domain/register-entry.ts';
import { entryId, type RegisterEntry } from '../domain/register-entry.ts';
import type { LockObjectInput, UnlockObjectInput } from '../generated/graphql.ts';
import { registerEntries } from '../store.ts';
import { activeTransferOf, openImport, policyOf } from './facts.ts';

type OfObject = Pick<LockObjectInput, 'objectClass' | 'objectId'>;
const subject = ({ objectClass, objectId }: OfObject) => entryId(objectClass, objectId);

const holds_object = ({ state, session }: Pick<Grounds<unknown, RegisterEntry, Facts>, 'state' | 'session'>) =>
  state?.holderIdentityId === session.identityId;

const lockFacts = (input: OfObject) => ({
  policy: policyOf(input.objectClass),
  activeTransfer: activeTransferOf(subject(input)),
  openImport: openImport(),
});

export const lockObject = command<LockObjectInput, RegisterEntry, ReturnType<typeof lockFacts>>({
  transition: 'register_entry.lock',
  aggregate: registerEntries,
  subject,
  facts: lockFacts,
  conditions: { holds_object },
  decide: ({ state, facts: { policy, ...known } }) =>
    rules.lock(state as RegisterEntry, { lockable: policy?.lockable === true, ...known }),
});

export const unlockObject = command<UnlockObjectInput, RegisterEntry>({
  transition: 'register_entry.unlock',
  aggregate: registerEntries,
  subject,
  conditions: { holds_object },
  decide: ({ state }) => rules.unlock(state as RegisterEntry),
});
