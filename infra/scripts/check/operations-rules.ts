import { isTest, type SourceFile } from './source-files.ts';

export const OPERATIONS = 'docs/OPERATIONS.md';

/** Where a part of a process says why it is not ready: `block('relay', …)`, or `part: 'kafka'` of what insists. */
const PART = /\bblock\('([a-z ]+)'|\bpart: '([a-z ]+)'/g;

/** Reasons of unreadiness that nobody explains to those who run the process, one line each. */
export function unexplainedReasons(files: readonly SourceFile[], operations: string): string[] {
  const rows = operations.split('\n').filter((line) => line.startsWith('| `'));
  const explained = (part: string) => rows.some((row) => (row.split('|')[1] ?? '').includes(`\`${part}\``));
  const found = files
    .filter(({ path }) => !isTest(path) && !path.startsWith('infra/scripts/'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(PART)].map(([, blocked, insisting]) => ({ path, part: blocked ?? insisting ?? '' })),
    );
  return found
    .filter(({ part }) => !explained(part))
    .map(({ path, part }) => `${path}: ${OPERATIONS} does not say what to do when '${part}' is not ready`);
}
