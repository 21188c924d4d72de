import { createHash } from 'node:crypto';
import type { Checked, FoundEntry, FoundTransfer, Note } from './layout.ts';
import { inForce, objectOf, type RunningEntry, type RunningMembership, type RunningTransfer } from './running.ts';

/** The running system, as far as an import must know it. */
export interface Running {
  readonly entries: readonly RunningEntry[];
  readonly transfers: readonly RunningTransfer[];
  /** Operators that are onboarded there. */
  readonly slugs: ReadonlySet<string>;
  readonly memberships: readonly RunningMembership[];
  /** Identities, among those of the memberships, that are registered there. */
  readonly registered: ReadonlySet<string>;
}

/** That an identity may see the workspace of an operator, as a file says it. */
export interface Membership {
  readonly path: string;
  readonly content: string;
  readonly operator: string;
  readonly identityId: string;
}

/** What remains to be done so that the running system has what the files say. */
export interface Plan {
  readonly entries: readonly FoundEntry[];
  readonly transfers: readonly FoundTransfer[];
  readonly memberships: readonly Membership[];
  /** Memberships that cannot be given yet, with what they wait for. */
  readonly waiting: readonly Note[];
  /** Entries and transfers that an earlier run took in. */
  readonly before: number;
  /** Why the files cannot be taken over there. */
  readonly faults: readonly Note[];
}

export const sha256Of = (content: string): string => createHash('sha256').update(content, 'utf8').digest('hex');

/** Holds what the files say against the running system. */
export function planOf(checked: Checked, running: Running): Plan {
  const there = new Map(running.entries.map((entry) => [objectOf(entry), entry]));
  const imported = new Map(running.transfers.map(({ state }) => [state.id, state.importedFrom]));
  const isIn = (entry: FoundEntry) => there.get(objectOf(entry))?.importedFrom === sha256Of(entry.content);
  const entries = checked.entries.filter((entry) => !isIn(entry));
  const transfers = checked.transfers.filter(
    ({ file, content }) => imported.get(file.transferId) !== sha256Of(content),
  );
  const isDone = entries.length + transfers.length === 0;
  return {
    entries,
    transfers,
    ...membershipsOf(checked, running),
    before: checked.entries.length + checked.transfers.length - entries.length - transfers.length,
    // Once everything is in, the register goes on, and only memberships may still be missing.
    faults: isDone ? [] : [...entries.flatMap((entry) => entryFaults(entry, there)), ...strangers(checked, running)],
  };
}

/** An object that is there already may only have been onboarded, by the holder that the file names. */
function entryFaults(entry: FoundEntry, there: ReadonlyMap<string, RunningEntry>): Note[] {
  const found = there.get(objectOf(entry));
  if (found === undefined) return [];
  const { path, file } = entry;
  if (found.setBy !== 'onboarding')
    return [{ path, what: `the running register has the object by ${found.setBy} already` }];
  if (found.state === 'LOCKED') return [{ path, what: 'its holder locked it in the running register' }];
  if (found.holderIdentityId === file.identityId) return [];
  return [
    { path, what: `the running register names another holder, ${found.holderIdentityId}: that takes a transfer` },
  ];
}

/** What the running register has that is of no file: it is not empty. */
function strangers(checked: Checked, { entries, transfers }: Running): Note[] {
  const files = new Map(
    checked.transfers.map(({ file, content, path }) => [file.transferId, { path, sha256: sha256Of(content) }]),
  );
  const paths = new Set(checked.entries.map(objectOf));
  return [
    ...transfers.flatMap(({ state }) => {
      const file = files.get(state.id);
      if (file !== undefined && state.importedFrom === file.sha256) return [];
      return [{ path: file?.path ?? 'no file', what: `the running register has another transfer ${state.id}` }];
    }),
    ...entries.flatMap((entry) => {
      if (paths.has(objectOf(entry)) || entry.setBy === 'onboarding') return [];
      return [{ path: 'no file', what: `the running register has ${objectOf(entry)} by ${entry.setBy}` }];
    }),
  ];
}

function membershipsOf(checked: Checked, running: Running): Pick<Plan, 'memberships' | 'waiting'> {
  const versions = new Map(checked.entries.map((entry) => [objectOf(entry), entry.file.registerVersion]));
  const given = new Set(
    inForce(running.memberships, versions).map(({ operator, identityId }) => `${operator}:${identityId}`),
  );
  const memberships: Membership[] = [];
  const waiting: Note[] = [];
  for (const { path, content, identityId, file } of checked.memberships) {
    for (const operator of file.operatorSlugs) {
      if (given.has(`${operator}:${identityId}`)) continue;
      if (!running.slugs.has(operator)) waiting.push({ path, what: `the operator ${operator} is not onboarded there` });
      else if (!running.registered.has(identityId))
        waiting.push({ path, what: 'the identity is not registered there' });
      else memberships.push({ path, content, operator, identityId });
    }
  }
  return { memberships, waiting };
}
