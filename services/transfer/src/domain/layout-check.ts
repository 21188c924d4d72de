import {
  againstEntry,
  againstOther,
  entryContradiction,
  settingTransfer,
  transferContradiction,
  untoldVersion,
} from './import-agreement.ts';
import {
  type EntryFile,
  type IndexFile,
  isIndexPath,
  type MembershipFile,
  type OfObject,
  type Place,
  pathOf,
  placeOf,
  readFile,
  type TransferFile,
  type Wire,
} from './layout.ts';
import { isActive } from './transfer.ts';

/** One file, and what there is to say of it. */
export interface Note {
  readonly path: string;
  readonly what: string;
}

/** A file that was read. */
export interface FoundFile<T> {
  readonly path: string;
  readonly content: string;
  readonly file: T;
}

/** A register as files, looked at as a whole. */
export interface Checked {
  readonly files: number;
  readonly entries: readonly (FoundFile<EntryFile> & OfObject)[];
  readonly transfers: readonly FoundFile<TransferFile>[];
  readonly memberships: readonly (FoundFile<MembershipFile> & { readonly identityId: string })[];
  /** Index files that name an active transfer of their object. */
  readonly indexes: number;
  /** Index files of which nothing is taken over: they name what has ended, or is not there (S2:52). */
  readonly stale: readonly Note[];
  /** Active transfers that no index file named: they hold their object all the same. */
  readonly recovered: readonly Note[];
  /** Index files that cannot be read, or do not belong to their object. */
  readonly broken: readonly Note[];
  /** Whatever stands in the way of an import. */
  readonly faults: readonly Note[];
}

/** A file as it was found: its text, or why it has none. */
export type Found = { readonly content: string } | { readonly fault: string };

/** Looks at every file alone and at all of them together. Nothing is left out: each is taken over, reported, or a fault. */
export function checkLayout(found: ReadonlyMap<string, Found>, now: string, wire: Wire): Checked {
  const sorted = sortOut(found, wire);
  const entries = new Map(sorted.entries.map((one) => [objectOf(one), one]));
  const ofObject = Map.groupBy(sorted.transfers, ({ file }) => objectOf(file));
  const faults = [
    ...sorted.faults,
    ...sorted.entries.flatMap((one) => noted(one, entryContradiction(one.file, now))),
    ...sorted.transfers.flatMap((one) => noted(one, transferContradiction(one.file, now))),
    ...[...ofObject].flatMap(([object, transfers]) => transferFaults(entries.get(object), transfers)),
    ...sorted.entries.flatMap((one) => historyFaults(one, ofObject.get(objectOf(one)) ?? [])),
    ...sorted.memberships.flatMap((one) => noted(one, unknownOperator(one.file, entries))),
  ];
  const { indexes, ...rest } = sorted;
  return {
    files: found.size,
    ...rest,
    faults: byPath(faults),
    ...checkIndexes(indexes, sorted.broken, sorted.transfers),
  };
}

type Index = FoundFile<IndexFile> & OfObject;
type Sorted = Pick<Checked, 'entries' | 'transfers' | 'memberships' | 'broken' | 'faults'> & {
  readonly indexes: readonly Index[];
};

const objectOf = ({ objectClass, objectId }: OfObject) => `${objectClass}:${objectId}`;
const noted = ({ path }: { readonly path: string }, what: string | undefined): Note[] =>
  what === undefined ? [] : [{ path, what }];
const byPath = (notes: readonly Note[]) => notes.toSorted((a, b) => (a.path < b.path ? -1 : 1));

/** Reads each file by what its path says it is. */
function sortOut(found: ReadonlyMap<string, Found>, wire: Wire): Sorted {
  const sorted = {
    entries: [] as (FoundFile<EntryFile> & OfObject)[],
    transfers: [] as FoundFile<TransferFile>[],
    memberships: [] as (FoundFile<MembershipFile> & { identityId: string })[],
    indexes: [] as Index[],
    broken: [] as Note[],
    faults: [] as Note[],
  };
  for (const [path, one] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const place = placeOf(path);
    const what =
      'fault' in one ? one.fault : place === undefined ? 'is no path of the layout' : take(place, path, one.content);
    if (what !== undefined) (isIndexPath(path) ? sorted.broken : sorted.faults).push({ path, what });
  }
  return sorted;

  function take(place: Place, path: string, content: string): string | undefined {
    const read = readFile(place, content, wire);
    if ('fault' in read) return read.fault;
    const one = { ...place, path, content, file: read.value };
    if (place.kind === 'entry') sorted.entries.push(one as never);
    else if (place.kind === 'history') sorted.transfers.push(one as never);
    else if (place.kind === 'membership') sorted.memberships.push(one as never);
    else sorted.indexes.push(one as never);
    return undefined;
  }
}

/** Of all transfers of one object: with its entry, and pair by pair. */
function transferFaults(
  entry: FoundFile<EntryFile> | undefined,
  transfers: readonly FoundFile<TransferFile>[],
): Note[] {
  return transfers.flatMap((one, index) => {
    if (entry === undefined) return noted(one, `there is no entry of ${objectOf(one.file)}`);
    const others = transfers.slice(0, index).map(({ file }) => againstOther(one.file, file));
    return noted(one, againstEntry(one.file, entry.file) ?? others.find((what) => what !== undefined));
  });
}

/** That the transfers tell how the entry came to its version. */
function historyFaults(entry: FoundFile<EntryFile>, transfers: readonly FoundFile<TransferFile>[]): Note[] {
  const setBy = settingTransfer(entry.file.setBy);
  if (setBy !== undefined && !transfers.some(({ file }) => file.transferId === setBy)) {
    return noted(entry, `there is no transfer ${setBy}, which set it`);
  }
  const version = untoldVersion(
    entry.file,
    transfers.map(({ file }) => file),
  );
  return version === undefined ? [] : noted(entry, `no completed transfer tells of its version ${version}`);
}

function unknownOperator({ operatorSlugs }: MembershipFile, entries: ReadonlyMap<string, unknown>): string | undefined {
  const unknown = operatorSlugs.find((slug) => !entries.has(objectOf({ objectClass: 'operator', objectId: slug })));
  return unknown === undefined ? undefined : `there is no entry of the operator ${unknown}`;
}

/** The mutex is what the transfers say; an index file can only agree with them, or be recovered (S2:52, S2:118). */
function checkIndexes(
  indexes: readonly Index[],
  unreadable: readonly Note[],
  transfers: readonly FoundFile<TransferFile>[],
): Pick<Checked, 'indexes' | 'stale' | 'recovered' | 'broken'> {
  const byId = new Map(transfers.map(({ file }) => [file.transferId, file]));
  const named = new Set<string>();
  const stale: Note[] = [];
  const broken = [...unreadable];
  for (const index of indexes) {
    const { transferId } = index.file;
    const transfer = byId.get(transferId);
    if (transfer === undefined) stale.push(...noted(index, `transfer ${transferId} is missing`));
    else if (objectOf(transfer) !== objectOf(index))
      broken.push(...noted(index, `transfer ${transferId} is of ${objectOf(transfer)}`));
    else if (!isActive(transfer)) stale.push(...noted(index, `transfer ${transferId} is ${transfer.state}`));
    else named.add(transferId);
  }
  const recovered = transfers.flatMap(({ file }) => {
    if (!isActive(file) || named.has(file.transferId)) return [];
    const path = pathOf({ kind: 'index', objectClass: file.objectClass, objectId: file.objectId });
    return noted({ path }, `transfer ${file.transferId} is ${file.state} and holds ${objectOf(file)}`);
  });
  return { indexes: named.size, stale, recovered: byPath(recovered), broken: byPath(broken) };
}
