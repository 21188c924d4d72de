import { type Decision, event, next, type Refusal, refuse } from '@qtm/service-kit/domain';
import { entryContradiction } from './import-agreement.ts';
import type { EntryFile, OfObject } from './layout.ts';
import {
  entryId,
  type RegisterEntry,
  type RegisterEntryEvent,
  type RegisterEntryState,
  TRANSITIONS,
} from './register-entry.ts';

/** A file of an import, as it came. */
export interface ImportedFile {
  readonly importId: string;
  readonly path: string;
  readonly sha256: string;
}

export type ImportRefusalCode =
  | 'IMPORT_NOT_OPEN'
  | 'OBJECT_CLASS_UNKNOWN'
  | 'FILE_MALFORMED'
  | 'FILE_CONTRADICTS'
  | 'ALREADY_IMPORTED';
export type ImportEntryRefusalCode = ImportRefusalCode | 'HOLDER_DIFFERS' | 'REGISTER_NOT_EMPTY' | 'WRONG_STATE';

type Command = 'seed' | 'import' | 'lock' | 'unlock';

export interface ImportEntryFacts {
  /** State of the import; undefined where there is no such one. */
  readonly importState: string | undefined;
  readonly classKnown: boolean;
  /** What the register says of the object; undefined where it says nothing. */
  readonly entry: RegisterEntry | undefined;
  /** Transfers of the object, of whatever state. */
  readonly transfers: number;
}

/**
 * Takes in who holds an object. An import never moves authority: what the onboarding of an object said of its holder stands, and a file
 * adds to it how that came about, so that another holder takes a transfer.
 */
export function importEntry(
  { objectClass, objectId }: OfObject,
  file: EntryFile,
  { importId, path, sha256 }: ImportedFile,
  { importState, classKnown, entry, transfers }: ImportEntryFacts,
  now: string,
): Decision<RegisterEntryEvent, Refusal<ImportEntryRefusalCode>> {
  if (importState !== 'OPEN') return refuse('IMPORT_NOT_OPEN', { importId, path });
  if (!classKnown) return refuse('OBJECT_CLASS_UNKNOWN', { objectClass, path });
  const what = entryContradiction(file, now);
  if (what !== undefined) return refuse('FILE_CONTRADICTS', { path, what });
  if (entry?.setBy === 'import' && entry.setById === sha256) return refuse('ALREADY_IMPORTED', { path });
  if (entry?.setBy === 'import')
    return refuse('FILE_CONTRADICTS', { path, what: `${entry.id} came from another file` });
  if (transfers > 0 || entry?.setBy === 'transfer') {
    return refuse('REGISTER_NOT_EMPTY', { path, transfers: String(transfers) });
  }
  if (entry !== undefined && entry.holderIdentityId !== file.identityId) {
    return refuse('HOLDER_DIFFERS', { path, holder: entry.holderIdentityId });
  }
  // What was witnessed here stands: a file tells of the time before it.
  if (entry !== undefined && file.updatedAt > entry.since) {
    return refuse('FILE_CONTRADICTS', { path, what: `updated_at is later than the onboarding here, ${entry.since}` });
  }
  if (next<RegisterEntryState | 'NONE', Command>(TRANSITIONS, entry?.state ?? 'NONE', 'import') === undefined) {
    return refuse('WRONG_STATE', { path });
  }
  const imported: RegisterEntry = {
    id: entryId(objectClass, objectId),
    state: TRANSITIONS.NONE.import,
    objectClass,
    objectId,
    holderIdentityId: file.identityId,
    registerVersion: file.registerVersion,
    setBy: 'import',
    setById: sha256,
    since: file.updatedAt,
  };
  return [event('register_entry_imported', 'register_entry', imported, { importId, path, setBy: file.setBy })];
}
