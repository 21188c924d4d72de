import type { ObjectClass } from '../object-classes.ts';
import { completion } from './completion.ts';
import { closeRegisterImport, entryImport, openRegisterImport, transferImport } from './import.ts';
import { acceptTransfer, addTransferEvidence, cancelTransfer, rejectTransfer, voidTransfer } from './moves.ts';
import { setTransferPolicy } from './policy.ts';
import { proposal } from './proposal.ts';
import { lockObject, unlockObject } from './register.ts';

/** Every mutation by its name. Which classes of objects there are is data; no command knows one by name. */
export function mutationsFor(classes: readonly ObjectClass[]) {
  const byName = new Map(classes.map((of) => [of.class, of]));
  return {
    proposeTransfer: proposal(byName),
    acceptTransfer,
    rejectTransfer,
    cancelTransfer,
    completeTransfer: completion(byName),
    voidTransfer,
    addTransferEvidence,
    lockObject,
    unlockObject,
    setTransferPolicy,
    openRegisterImport,
    importRegisterEntry: entryImport(byName),
    importTransfer: transferImport(byName),
    closeRegisterImport,
  };
}
export type Mutations = ReturnType<typeof mutationsFor>;
