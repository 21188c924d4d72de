import { type CompletedTransfer, divergence, type Held } from './fold.ts';

/**
 * Folds the transfers that were imported with an entry, and says where they do not lead to what its file said. Undefined where they do,
 * or where it came from no file. Who held the object at its first version is whoever the first of them says.
 */
export function importedDivergence(
  imported: Held | undefined,
  transfers: readonly CompletedTransfer[],
): string | undefined {
  if (imported?.setBy !== 'import') return undefined;
  const ordered = transfers.toSorted((a, b) => a.toRegisterVersion - b.toRegisterVersion);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (first === undefined || last === undefined) {
    return imported.registerVersion === 1 ? undefined : 'no imported transfer tells how it came to its version';
  }
  const beginning: Held = { ...imported, holderIdentityId: first.fromIdentityId, registerVersion: 1 };
  const what = divergence({ ...imported, setBy: 'transfer', setById: last.transferId }, beginning, ordered);
  return what === undefined ? undefined : `as imported: ${what}`;
}
