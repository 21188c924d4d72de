import { expect, test } from 'vitest';
import type { CompletedTransfer, Held } from './fold.ts';
import { importedDivergence } from './import-history.ts';
import { ENTRY, FILES } from './test/layouts.ts';

const { first, second } = FILES;
const HELD: Held = {
  holderIdentityId: ENTRY.identityId,
  registerVersion: ENTRY.registerVersion,
  setBy: 'import',
  setById: 'f'.repeat(64),
  since: ENTRY.updatedAt,
};
const COMPLETED = [second, first] as readonly unknown[] as readonly CompletedTransfer[];

test('transfers that lead to what the file of the entry said tell its history', () => {
  expect(importedDivergence(HELD, COMPLETED)).toBeUndefined();
  expect(importedDivergence({ ...HELD, registerVersion: 1 }, [])).toBeUndefined();
});

test('what came from no file has none', () => {
  expect(importedDivergence(undefined, COMPLETED)).toBeUndefined();
  expect(importedDivergence({ ...HELD, setBy: 'onboarding' }, [])).toBeUndefined();
});

test.each<[Held, readonly CompletedTransfer[], string]>([
  [HELD, [], 'no imported transfer tells'],
  [HELD, [COMPLETED[0] as CompletedTransfer], `transfer ${second.transferId} is of another version`],
  [HELD, [COMPLETED[1] as CompletedTransfer], 'the entry differs in holderIdentityId, registerVersion, since'],
  [{ ...HELD, registerVersion: 4 }, COMPLETED, 'the entry differs in registerVersion'],
  [{ ...HELD, since: first.proposedAt }, COMPLETED, 'the entry differs in since'],
  [
    HELD,
    [{ ...(COMPLETED[0] as CompletedTransfer), fromIdentityId: 'nobody' }, COMPLETED[1] as CompletedTransfer],
    'is not from who held it',
  ],
])('others diverge: %#', (held, transfers, what) => {
  expect(importedDivergence(held, transfers)).toContain(what);
});
