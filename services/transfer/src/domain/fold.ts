import type { RegisterEntry } from './register-entry.ts';

/** What a completed transfer says of the register. */
export interface CompletedTransfer {
  readonly transferId: string;
  readonly fromIdentityId: string;
  readonly toIdentityId: string;
  readonly fromRegisterVersion: number;
  readonly toRegisterVersion: number;
  readonly endedAt: string;
}

/** What an entry says, or said at its beginning, of who holds the object. */
export type Held = Pick<RegisterEntry, 'holderIdentityId' | 'registerVersion' | 'setBy' | 'setById' | 'since'>;

/** Named one by one: whoever hands over a whole entry does not have its lock compared. */
const COMPARED = ['holderIdentityId', 'registerVersion', 'setBy', 'setById', 'since'] as const satisfies (keyof Held)[];

/**
 * Folds the history of one object from its own transfers, not from its entry, and says where the entry is not what they make it
 * (T-TR-31). Undefined where it is.
 */
export function divergence(
  entry: Held | undefined,
  beginning: Held | undefined,
  transfers: readonly CompletedTransfer[],
): string | undefined {
  if (beginning === undefined) {
    if (transfers.length > 0)
      return `${transfers.length} completed transfers of an object that never entered the register`;
    return entry === undefined ? undefined : 'an entry without a beginning';
  }
  let held: Held = beginning;
  for (const one of [...transfers].sort((a, b) => a.toRegisterVersion - b.toRegisterVersion)) {
    if (one.fromIdentityId !== held.holderIdentityId) return `transfer ${one.transferId} is not from who held it`;
    if (one.fromRegisterVersion !== held.registerVersion) return `transfer ${one.transferId} is of another version`;
    if (one.toRegisterVersion !== one.fromRegisterVersion + 1) return `transfer ${one.transferId} skips a version`;
    held = {
      holderIdentityId: one.toIdentityId,
      registerVersion: one.toRegisterVersion,
      setBy: 'transfer',
      setById: one.transferId,
      since: one.endedAt,
    };
  }
  if (entry === undefined) return 'the register does not name it any more';
  const wrong = COMPARED.filter((key) => entry[key] !== held[key]);
  return wrong.length === 0 ? undefined : `the entry differs in ${wrong.join(', ')}`;
}

/** A row, and what the journal has of it. */
export interface Told {
  /** What the row is, in words. */
  readonly of: string;
  /** Version of the row; null where there is none. */
  readonly version: number | null;
  /** Version of its newest fact; null where no fact tells of it. */
  readonly told: number | null;
}

/**
 * The first row that is not as new as the journal, and what is wrong with it: a row that was put back says nothing that is false, and
 * yet the service goes on from it. Undefined where there is none.
 */
export function strayRow(rows: readonly Told[]): string | undefined {
  const stray = rows.find(({ version, told }) => version !== told);
  if (stray === undefined) return undefined;
  const { of, version, told } = stray;
  if (version === null) return `${of} has no row, though facts tell of it`;
  if (told === null) return `${of} has a row, though no fact tells of it`;
  return `the row of ${of} is of version ${version}, its newest fact of ${told}`;
}
