import type { EntryFile, TransferFile } from '../layout.ts';
import { filesOf, lived, type Register, type Step, seeded } from './histories.ts';
import { frozen } from './samples.ts';

const step = (command: Step['command'], by: number, to = 0): Step => {
  const reasonType = command === 'propose' ? 'sale' : null;
  return { command, object: 2, by, to, policy: {}, reasonType, words: 's3://deed' };
};

/** What happened to `nypd`: sold twice, rejected once, voided once, and accepted now; by four people, of whom the last completes. */
export function soldTwice(): Register {
  return lived(seeded(), [
    ...[step('propose', 2, 0), step('add_evidence', 2), step('accept', 0), step('complete', 3)],
    ...[step('propose', 0, 1), step('reject', 1)],
    ...[step('propose', 0, 1), step('accept', 1), step('complete', 3)],
    ...[step('propose', 1, 2), step('accept', 2), step('void', 3)],
    ...[step('propose', 1, 2), step('accept', 2)],
  ]);
}

const files = filesOf(soldTwice());
/** The files of it, by what each transfer became. */
export const ENTRY: EntryFile = frozen(files.entries.find(({ objectId }) => objectId === 'nypd')?.file as EntryFile);
const [first, rejected, second, voided, accepted] = files.transfers as [
  TransferFile,
  TransferFile,
  TransferFile,
  TransferFile,
  TransferFile,
];
export const FILES = frozen({ first, rejected, second, voided, accepted });
