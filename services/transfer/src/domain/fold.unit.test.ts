import { isRefusal } from '@qtm/service-kit/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CompletedTransfer, divergence, type Held, strayRow } from './fold.ts';
import type { RegisterEntry } from './register-entry.ts';
import { entryWith, frozen, HOLDER, microsAfter, NOW, OTHER, SUPER_ADMIN, TARGET } from './test/samples.ts';
import { run } from './test/steps.ts';

const IDENTITIES = [HOLDER, TARGET, OTHER, SUPER_ADMIN];
const BEGINNING = entryWith({ registerVersion: 1 });

/** What the register came to by itself, and what it came from. */
interface History {
  readonly entry: RegisterEntry;
  readonly transfers: readonly CompletedTransfer[];
}

/** Transfers one after the other, each made by the rules: to whom each of these asks, those to the holder being refused. */
function historyOf(targets: readonly string[]): History {
  let entry = BEGINNING;
  const transfers: CompletedTransfer[] = [];
  for (const [index, toIdentityId] of targets.entries()) {
    const made = run(['accept', 'complete'], { id: `transfer-${index}`, toIdentityId }, { entry });
    entry = made.entry;
    if (made.transfer === undefined || made.decisions.some((decision) => isRefusal(decision))) continue;
    const { id: transferId, fromIdentityId, fromRegisterVersion, toRegisterVersion, endedAt } = made.transfer;
    transfers.push({
      transferId,
      fromIdentityId,
      toIdentityId,
      fromRegisterVersion,
      toRegisterVersion: toRegisterVersion as number,
      endedAt: endedAt as string,
    });
  }
  return frozen({ entry, transfers });
}

const targets = (minLength: number) => fc.array(fc.constantFrom(...IDENTITIES), { minLength, maxLength: 12 });
/** Histories of at least so many completed transfers. */
const histories = (least: number) =>
  targets(least)
    .map(historyOf)
    .filter(({ transfers }) => transfers.length >= least);

describe('the register', () => {
  test('T-TR-31 allow: is what its transfers make it, whoever asks for them in whatever order', () => {
    const shuffled = histories(0).chain((history) =>
      fc.tuple(
        fc.constant(history),
        fc.shuffledSubarray([...history.transfers], { minLength: history.transfers.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([{ entry, transfers }, mixed]) => {
        expect(entry.registerVersion).toBe(1 + transfers.length);
        expect(divergence(entry, BEGINNING, frozen(mixed))).toBeUndefined();
      }),
    );
  });

  test('T-TR-31 allow: whether an object is locked is no matter of its history', () => {
    expect(divergence(entryWith({ ...BEGINNING, state: 'LOCKED' }), BEGINNING, [])).toBeUndefined();
  });

  test('T-TR-31 allow: what never entered it is not in it', () => {
    expect(divergence(undefined, undefined, [])).toBeUndefined();
  });
});

/** What a hand that bypasses the rules could do, to a history of at least two transfers; `at` says to which of them. */
const DAMAGE: Readonly<
  Record<
    string,
    (history: History, at: number) => [Held | undefined, Held | undefined, readonly CompletedTransfer[], RegExp]
  >
> = {
  'another holder': ({ entry, transfers }) => [
    { ...entry, holderIdentityId: 'nobody' },
    BEGINNING,
    transfers,
    /^the entry differs in holderIdentityId$/,
  ],
  'another version': ({ entry, transfers }) => [
    { ...entry, registerVersion: entry.registerVersion + 1 },
    BEGINNING,
    transfers,
    /^the entry differs in registerVersion$/,
  ],
  'another origin': ({ entry, transfers }) => [
    { ...entry, setBy: 'import' },
    BEGINNING,
    transfers,
    /^the entry differs in setBy$/,
  ],
  'another transfer that is said to have set it': ({ entry, transfers }) => [
    { ...entry, setById: 'transfer-x' },
    BEGINNING,
    transfers,
    /^the entry differs in setById$/,
  ],
  'another time': ({ entry, transfers }) => [
    { ...entry, since: microsAfter(entry.since, 1) },
    BEGINNING,
    transfers,
    /^the entry differs in since$/,
  ],
  'several of these': ({ entry, transfers }) => [
    { ...entry, holderIdentityId: 'nobody', since: NOW },
    BEGINNING,
    transfers,
    /^the entry differs in holderIdentityId, since$/,
  ],
  'an entry that is gone': ({ transfers }) => [
    undefined,
    BEGINNING,
    transfers,
    /^the register does not name it any more$/,
  ],
  'a beginning that is gone': ({ entry, transfers }) => [
    entry,
    undefined,
    transfers,
    new RegExp(`^${transfers.length} completed transfers of an object that never entered the register$`),
  ],
  'another beginning': ({ entry, transfers }) => [
    entry,
    { ...BEGINNING, holderIdentityId: 'nobody' },
    transfers,
    /^transfer transfer-\d+ is not from who held it$/,
  ],
  'a beginning at another version': ({ entry, transfers }) => [
    entry,
    { ...BEGINNING, registerVersion: 2 },
    transfers,
    /^transfer transfer-\d+ is of another version$/,
  ],
  'the last transfer taken out': ({ entry, transfers }) => [
    entry,
    BEGINNING,
    transfers.slice(0, -1),
    /^the entry differs in .*registerVersion, .*setById/,
  ],
  'another transfer taken out': ({ entry, transfers }, at) => [
    entry,
    BEGINNING,
    transfers.filter((_, index) => index !== at % (transfers.length - 1)),
    /^transfer transfer-\d+ is (not from who held it|of another version)$/,
  ],
  'a transfer that is there twice': ({ entry, transfers }, at) => [
    entry,
    BEGINNING,
    [...transfers, transfers[at % transfers.length] as CompletedTransfer],
    /^transfer transfer-\d+ is (not from who held it|of another version)$/,
  ],
  'a transfer put at the end': ({ entry, transfers }) => [
    entry,
    BEGINNING,
    [
      ...transfers,
      {
        transferId: 'transfer-x',
        fromIdentityId: entry.holderIdentityId,
        toIdentityId: 'nobody',
        fromRegisterVersion: entry.registerVersion,
        toRegisterVersion: entry.registerVersion + 1,
        endedAt: NOW,
      },
    ],
    /^the entry differs in holderIdentityId, registerVersion, .*setById, since$/,
  ],
  'a transfer from somebody else': ({ entry, transfers }, at) => [
    entry,
    BEGINNING,
    changed(transfers, at, { fromIdentityId: 'nobody' }),
    /^transfer transfer-\d+ is not from who held it$/,
  ],
  'a transfer to somebody else': ({ entry, transfers }, at) => [
    entry,
    BEGINNING,
    changed(transfers, at, { toIdentityId: 'nobody' }),
    /^(transfer transfer-\d+ is not from who held it|the entry differs in holderIdentityId)$/,
  ],
  'a transfer on an earlier version': ({ entry, transfers }, at) => [
    entry,
    BEGINNING,
    changed(transfers, at, { fromRegisterVersion: 0 }),
    /^transfer transfer-\d+ is of another version$/,
  ],
};

function changed(transfers: readonly CompletedTransfer[], at: number, change: Partial<CompletedTransfer>) {
  return transfers.map((one, index) => (index === at % transfers.length ? { ...one, ...change } : one));
}

describe('damage', () => {
  test.each(Object.entries(DAMAGE))('T-TR-31 deny: %s is found', (_, damage) => {
    fc.assert(
      fc.property(histories(2), fc.nat(), (history, at) => {
        const [entry, beginning, transfers, says] = damage(history, at);
        expect(divergence(entry, beginning, transfers)).toMatch(says);
      }),
    );
  });

  test('T-TR-31 deny: a version that was skipped is found, though holder and entry agree with it', () => {
    const { entry, transfers } = historyOf([TARGET, OTHER]);
    const skipping = changed(transfers, 1, { toRegisterVersion: 9 });
    expect(divergence({ ...entry, registerVersion: 9 }, BEGINNING, skipping)).toBe(
      'transfer transfer-1 skips a version',
    );
  });

  test('T-TR-31 deny: an entry of an object that never entered is found', () => {
    expect(divergence(BEGINNING, undefined, [])).toBe('an entry without a beginning');
  });

  test('T-TR-31 deny: an entry that changed without a transfer is found', () => {
    expect(divergence({ ...BEGINNING, holderIdentityId: OTHER }, BEGINNING, [])).toBe(
      'the entry differs in holderIdentityId',
    );
  });
});

describe('rows beside what the journal has of them', () => {
  const row = (version: number | null, told: number | null) => ({ of: 'the entry', version, told });
  const transfer = (version: number | null, told: number | null) => ({ of: 'transfer t1', version, told });

  test('T-TR-31 allow: each of the version of its newest fact', () => {
    expect(strayRow([])).toBeUndefined();
    expect(strayRow([row(2, 2), transfer(3, 3)])).toBeUndefined();
  });

  test.each([
    ['put back', row(1, 2), 'the row of the entry is of version 1, its newest fact of 2'],
    ['ahead', row(3, 2), 'the row of the entry is of version 3, its newest fact of 2'],
    ['gone', transfer(null, 3), 'transfer t1 has no row, though facts tell of it'],
    ['made up', transfer(1, null), 'transfer t1 has a row, though no fact tells of it'],
  ])('T-TR-31 deny: one that is %s is found', (_, stray, says) => {
    expect(strayRow([row(2, 2), stray, transfer(1, 9)])).toBe(says);
  });
});
