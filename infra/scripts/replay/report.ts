import type { ReplayResult } from './run.ts';

const MAX_REJECTED_SHOWN = 20;

/** The outcome for a person to read. */
export function report({ rows, rejected, counts, unchanged, seconds, latencies }: ReplayResult): string {
  const lines = [
    `${rows} rows in ${seconds.toFixed(1)} s, ${(rows / seconds).toFixed(1)} rows/s; ${rejected.length} rejected`,
    unchanged ? 'nothing was changed: everything had been replayed before' : '',
    ...rejected.slice(0, MAX_REJECTED_SHOWN).map(({ line, reason }) => `  line ${line}: ${reason}`),
    rejected.length > MAX_REJECTED_SHOWN ? `  and ${rejected.length - MAX_REJECTED_SHOWN} more` : '',
    '',
    ...[...counts.states].sort().map(([what, count]) => `  ${what.padEnd(28)} ${String(count).padStart(7)}`),
    '',
    ...aligned([['mutation', 'number', 'again', 'p50 ms', 'p95 ms', 'p99 ms'], ...latencies.table()]),
  ];
  return lines.filter((line, index) => line !== '' || lines[index - 1] !== '').join('\n');
}

/** The outcome for a program, in one line. */
export function reportJson({ rows, rejected, counts, seconds }: ReplayResult): string {
  const { states: _, ...numbers } = counts;
  return JSON.stringify({
    rows,
    rejected: rejected.length,
    ...numbers,
    seconds: Number(seconds.toFixed(2)),
    perSecond: Number((rows / seconds).toFixed(2)),
  });
}

function aligned(table: readonly (readonly string[])[]): readonly string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map(
    (row) =>
      `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`,
  );
}
