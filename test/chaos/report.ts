import { type Blow, type CampaignResult, RECOVERY_LIMIT_S } from './campaign.ts';
import type { Verdict } from './check/facts.ts';
import type { ActLog } from './load/acts.ts';

const MAX_SHOWN = 10;

export interface Outcome {
  readonly campaign: CampaignResult;
  readonly log: ActLog;
  readonly verdicts: readonly Verdict[];
}

/** Everything that must not be, in one list. */
export function findingsOf({ campaign, log, verdicts }: Outcome, rate: number): readonly string[] {
  const perSecond = rateOf(campaign);
  const slow = perSecond < rate ? [`${perSecond.toFixed(1)} commands/s between faults, fewer than ${rate}`] : [];
  const astray = log.astray.map((reason) => `a walk went astray: ${reason}`);
  const broken = verdicts.flatMap(({ invariant, findings }) => findings.map((finding) => `${invariant}: ${finding}`));
  const unforeseen = log.passing.get('INTERNAL') ?? 0;
  const internal = unforeseen > 0 ? [`${unforeseen} answers were INTERNAL: faults that nobody foresaw`] : [];
  return [...campaign.findings, ...slow, ...internal, ...astray, ...broken];
}

const rateOf = ({ calm }: CampaignResult) => (calm.seconds === 0 ? 0 : calm.accepted / calm.seconds);

/** The outcome for a person to read. */
export function report(outcome: Outcome, findings: readonly string[]): string {
  const { campaign, log, verdicts } = outcome;
  const undecided = log.acts.filter(({ outcome }) => outcome.kind === 'undecided').length;
  const late = log.acts.filter(
    ({ outcome, attempts }) => outcome.kind === 'refused' && attempts.some(({ dark }) => dark),
  ).length;
  const passing = [...log.passing].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  const lines = [
    '',
    ...faultTable(campaign.blows),
    '',
    `${log.acts.length} commands asked for, ${log.accepted} acknowledged, ${undecided} undecided at the end, ` +
      `${late} refused after an answer was lost; ${rateOf(campaign).toFixed(1)}/s between faults`,
    `answers that decided nothing: ${passing.slice(0, MAX_SHOWN).join(', ') || 'none'}`,
    '',
    ...verdicts.map(
      ({ invariant, checked, findings }) => `${findings.length === 0 ? 'holds' : 'BROKEN'}  ${invariant} (${checked})`,
    ),
    '',
    findings.length === 0 ? 'no findings' : `${findings.length} findings:`,
    ...findings.slice(0, MAX_SHOWN).map((finding) => `  ${finding}`),
    ...(findings.length > MAX_SHOWN ? [`  and ${findings.length - MAX_SHOWN} more`] : []),
  ];
  return lines.join('\n');
}

function faultTable(blows: readonly Blow[]): readonly string[] {
  const kinds = Map.groupBy(blows, ({ kind }) => kind);
  const rows = [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, some]) => {
      const ready = some.map(({ readySeconds }) => readySeconds);
      const lag = some.map(({ lagSeconds }) => lagSeconds);
      const late = lag.filter((seconds) => seconds > RECOVERY_LIMIT_S).length;
      const targets = new Set(some.map(({ target }) => target)).size;
      const numbers = [some.length, targets, median(ready), Math.max(...ready), median(lag), Math.max(...lag), late];
      return [kind, ...numbers.map((one) => (Number.isInteger(one) ? String(one) : one.toFixed(1)))];
    });
  const head = [
    'fault',
    'times',
    'targets',
    'ready p50 s',
    'max s',
    'all arrived p50 s',
    'max s',
    `> ${RECOVERY_LIMIT_S} s`,
  ];
  const table = [head, ...rows, ['all', String(blows.length)]];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
