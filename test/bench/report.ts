import type { Histogram } from 'hdr-histogram-js';
import type { Measured } from './load.ts';
import type { Usage } from './measure/processes.ts';
import { type Buckets, quantile } from './measure/scrape.ts';
import type { StatementUse, Written } from './measure/storage.ts';

/** Everything that is looked at before and after. */
export interface Snapshot {
  readonly usage: ReadonlyMap<string, Usage>;
  readonly written: Written;
  readonly relayLag: Buckets;
  readonly consumerLag: Buckets;
  /** The statements that took most time, where they were asked for. */
  readonly costliest: readonly StatementUse[];
}

const US_PER_MS = 1_000;

/** The result of one measurement for a person to read, and for docs/PERFORMANCE.md. */
export function report(title: string, measured: Measured, before: Snapshot, after: Snapshot): string {
  const { times, failures, seconds, shed } = measured;
  const commands = [...times].reduce(
    (sum, [name, { totalCount }]) => sum + (name.startsWith('read') ? 0 : totalCount),
    0,
  );
  const per = (amount: number) => (commands === 0 ? '-' : (amount / commands).toFixed(1));
  const { written } = after;
  return [
    `## ${title}`,
    '',
    ...timesTable(measured),
    ...(shed > 0 ? ['', `not sent, since too many were open: ${shed}`] : []),
    ...[...failures].map(([reason, number]) => `failed: ${number} × ${reason}`),
    '',
    `${commands} commands in ${seconds.toFixed(1)} s: ${(commands / seconds).toFixed(1)}/s`,
    `per command: ${per(after.relayLag.get(Number.POSITIVE_INFINITY) ?? 0)} facts, ${per(written.statements - before.written.statements)} statements, ` +
      `${per(written.walBytes - before.written.walBytes)} bytes of WAL, ` +
      `${per(written.topicBytes - before.written.topicBytes)} bytes of topics`,
    `from the commit of a fact to its acknowledgement by Kafka: ${lag(after.relayLag)}; from the fact to its effect elsewhere: ${lag(after.consumerLag)}`,
    '',
    ...table([['process', '% of a core', 'ms per command', 'MiB'], ...usageRows(before, after, seconds, commands)]),
    '',
    ...after.costliest.map(({ database, calls, ms, text }) => {
      return `${database.padEnd(10)} ${per(calls).padStart(6)} calls, ${(ms / Math.max(1, commands)).toFixed(3)} ms per command: ${text}`;
    }),
  ].join('\n');
}

/** How long each act took. */
export function timesTable({ times, seconds }: Measured): string[] {
  const acts = [...times].map(([name, histogram]) => actRow(name, histogram, seconds));
  return table([['act', 'number', 'per s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'most ms'], ...acts]);
}

function actRow(name: string, histogram: Histogram, seconds: number): string[] {
  const at = (percentile: number) => (histogram.getValueAtPercentile(percentile) / US_PER_MS).toFixed(1);
  const { totalCount, maxValue } = histogram;
  const perSecond = (totalCount / seconds).toFixed(1);
  return [name, String(totalCount), perSecond, at(50), at(99), at(99.9), (maxValue / US_PER_MS).toFixed(1)];
}

function usageRows(before: Snapshot, after: Snapshot, seconds: number, commands: number): string[][] {
  return [...after.usage].map(([name, { cpuSeconds, memoryMiB }]) => {
    const used = cpuSeconds - (before.usage.get(name)?.cpuSeconds ?? 0);
    const each = commands === 0 ? '-' : ((used * 1_000) / commands).toFixed(2);
    return [name, ((used / seconds) * 100).toFixed(0), each, memoryMiB.toFixed(0)];
  });
}

/** The bounds of the buckets in which the median and the 99th of a hundred lie. */
function lag(buckets: Buckets): string {
  const bound = (part: number) => {
    const seconds = quantile(buckets, part);
    return seconds === undefined ? '-' : `≤ ${seconds * 1_000} ms`;
  };
  return `p50 ${bound(0.5)}, p99 ${bound(0.99)}`;
}

/** A table as Markdown writes it. */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)];
}
