import { type Decision, type DomainEvent, event, type Refusal, refuse } from '@qtm/service-kit/domain';
import { againstEntry, againstOther, type Outline, transferContradiction } from './import-agreement.ts';
import type { ImportedFile, ImportRefusalCode } from './import-entry.ts';
import type { TransferFile } from './layout.ts';
import type { RegisterEntry } from './register-entry.ts';
import { isActive, type Transfer } from './transfer.ts';

export type ImportTransferEvent = DomainEvent<'transfer', 'transfer_imported', Transfer>;
export type ImportTransferRefusalCode = ImportRefusalCode | 'ENTRY_NOT_IMPORTED' | 'TRANSFER_ACTIVE';

export interface ImportTransferFacts {
  /** State of the import; undefined where there is no such one. */
  readonly importState: string | undefined;
  readonly classKnown: boolean;
  /** What the register says of its object. */
  readonly entry: RegisterEntry | undefined;
  /** What the file of the entry said had set it; undefined where no file did. */
  readonly entrySetBy: string | undefined;
  /** The hash of the file from which a transfer of this id is there; null where it was proposed here. Undefined: there is none. */
  readonly there: string | null | undefined;
  /** Every other transfer of the object. */
  readonly others: readonly Outline[];
  /** A reference of the file that leads to somebody's words here. */
  readonly knownReference: string | undefined;
}

/** Takes in a transfer as it stood, with every transition that it made. Its reasons stay where they were given: they come without words. */
export function importTransfer(
  file: TransferFile,
  { importId, path, sha256 }: ImportedFile,
  facts: ImportTransferFacts,
  now: string,
): Decision<ImportTransferEvent, Refusal<ImportTransferRefusalCode>> {
  const { importState, classKnown, entry, entrySetBy, there, others, knownReference } = facts;
  const { transferId, transitions, ...said } = file;
  const contradicts = (what: string) => refuse('FILE_CONTRADICTS', { path, what });
  if (importState !== 'OPEN') return refuse('IMPORT_NOT_OPEN', { importId, path });
  if (!classKnown) return refuse('OBJECT_CLASS_UNKNOWN', { objectClass: said.objectClass, path });
  const within = transferContradiction(file, now);
  if (within !== undefined) return contradicts(within);
  if (there === sha256) return refuse('ALREADY_IMPORTED', { path });
  if (there !== undefined) return contradicts(`there is a transfer ${transferId} already`);
  if (entry?.setBy !== 'import' || entrySetBy === undefined) {
    return refuse('ENTRY_NOT_IMPORTED', { path, objectClass: said.objectClass, objectId: said.objectId });
  }
  if (knownReference !== undefined) return contradicts(`${knownReference} refers to a reason that was given here`);
  const active = isActive(said) ? others.find(isActive) : undefined;
  if (active !== undefined) return refuse('TRANSFER_ACTIVE', { path, transferId: active.transferId });
  const { holderIdentityId: identityId, registerVersion, since: updatedAt } = entry;
  const what =
    againstEntry(file, { identityId, registerVersion, setBy: entrySetBy, updatedAt }) ??
    others.map((other) => againstOther(file, other)).find((one) => one !== undefined);
  if (what !== undefined) return contradicts(what);
  const imported: Transfer = { ...said, id: transferId, importedFrom: sha256 };
  return [event('transfer_imported', 'transfer', imported, { importId, path, transitions })];
}
