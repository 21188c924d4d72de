import type { Act } from '../load/acts.ts';
import type { JournalRow, Verdict } from './facts.ts';

/**
 * Every acknowledged command is in its journal exactly once, as what it was; what was refused, or was never asked for, is not there.
 * A command and its journal rows are matched by the trace that its client chose.
 *
 * A refusal after an attempt whose answer was lost decides nothing about that attempt: it may still come true, once.
 */
export function acknowledgedOnce(acts: readonly Act[], journals: readonly JournalRow[]): Verdict {
  const rows = Map.groupBy(
    journals.filter(({ commanded }) => commanded),
    ({ trace }) => trace,
  );
  const findings = acts.flatMap((act) => {
    const found = rows.get(act.trace) ?? [];
    rows.delete(act.trace);
    const fault = faultOf(act, found);
    return fault === undefined ? [] : [`${act.transition} of ${act.subjectId ?? '?'} (trace ${act.trace}): ${fault}`];
  });
  for (const [trace, [row]] of rows)
    findings.push(`${row?.transition} of ${row?.aggregateId} (trace ${trace}): nobody asked for it`);
  return { invariant: 'every acknowledged command is in the journal exactly once', checked: acts.length, findings };
}

function faultOf(
  { transition, actorId, subjectId, attempts, outcome }: Act,
  rows: readonly JournalRow[],
): string | undefined {
  const transactions = new Set(rows.map(({ transactionId }) => transactionId)).size;
  if (transactions > 1) return `it was made ${transactions} times`;
  const dark = attempts.some((attempt) => attempt.dark);
  if (transactions === 0) return outcome.kind === 'accepted' ? 'it was acknowledged and is in no journal' : undefined;
  if (outcome.kind !== 'accepted' && !dark) return `it was answered ${wordOf(outcome)} and is in the journal`;
  const other = rows.find((row) => row.transition !== transition || row.actorId !== actorId);
  if (other !== undefined) return `the journal says ${other.transition} by ${other.actorId}`;
  if (subjectId !== undefined && !rows.some(({ aggregateId }) => aggregateId === subjectId))
    return 'the journal names another subject';
  return undefined;
}

const wordOf = (outcome: Act['outcome']) => (outcome.kind === 'refused' ? outcome.code : outcome.kind);
