import type { Act } from '../load/acts.ts';
import type { TopicEvent, Verdict } from './facts.ts';
import { type TransferTold, transfersTold } from './told.ts';

/** Transitions that end a transfer. */
const ENDS = ['transfer.reject', 'transfer.cancel', 'transfer.complete', 'transfer.void', 'transfer.expire'];

/**
 * At no point two transfers of one object are proposed or accepted: neither in the order that their facts give them (version of the
 * register, then instants of the one database that decides), nor in what clients were told when.
 */
export function oneActive(acts: readonly Act[], events: readonly TopicEvent[]): Verdict {
  const byObject = Map.groupBy(transfersTold(events), ({ object }) => object);
  const spans = spansOf(acts);
  const findings = [...byObject].flatMap(([object, transfers]) => [
    ...overlaps(transfers).map((fault) => `${object}: ${fault}`),
    ...seenTogether(transfers.flatMap(({ id }) => spans.get(id) ?? [])).map((fault) => `${object}: ${fault}`),
  ]);
  const checked = [...byObject.values()].reduce((sum, { length }) => sum + length, 0);
  return { invariant: 'no two transfers of one object are active at a time', checked, findings };
}

/** One after the other: each ends before the next is proposed, on the version that the one before left. */
function overlaps(transfers: readonly TransferTold[]): readonly string[] {
  const inOrder = transfers.toSorted((a, b) => a.fromVersion - b.fromVersion || (a.proposedAt < b.proposedAt ? -1 : 1));
  return inOrder.flatMap((transfer, index) => {
    const before = inOrder[index - 1];
    const { id, fromVersion, proposedAt } = transfer;
    const left = before === undefined ? 1 : (before.toVersion ?? before.fromVersion);
    if (fromVersion !== left) return [`transfer ${id} was proposed on version ${fromVersion}, it stood at ${left}`];
    if (before === undefined || (before.endedAt !== null && before.endedAt <= proposedAt)) return [];
    return [`transfer ${id} was proposed at ${proposedAt}, ${before.id} ended ${before.endedAt ?? 'never'}`];
  });
}

/** While a transfer was active for certain. */
interface Span {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** From the moment somebody was told that it was proposed until somebody first asked for what may have ended it. */
function spansOf(acts: readonly Act[]): ReadonlyMap<string, Span> {
  const ends = new Map<string, number>();
  for (const { transition, subjectId, attempts, outcome } of acts) {
    if (subjectId === undefined || !ENDS.includes(transition)) continue;
    const [asked] = attempts.filter(({ dark }) => dark || outcome.kind === 'accepted');
    if (asked !== undefined)
      ends.set(subjectId, Math.min(asked.sentMs, ends.get(subjectId) ?? Number.POSITIVE_INFINITY));
  }
  const proposed = acts.filter(
    ({ transition, outcome }) => transition === 'transfer.propose' && outcome.kind === 'accepted',
  );
  return new Map(
    proposed.flatMap(({ subjectId: id, attempts }) => {
      const told = attempts.at(-1);
      if (id === undefined || told === undefined) return [];
      return [[id, { id, fromMs: told.endedMs, toMs: ends.get(id) ?? Number.POSITIVE_INFINITY }] as const];
    }),
  );
}

function seenTogether(spans: readonly Span[]): readonly string[] {
  const findings: string[] = [];
  let open: Span | undefined;
  for (const span of spans.filter(({ fromMs, toMs }) => fromMs < toMs).toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (open !== undefined && span.fromMs < open.toMs) findings.push(`${open.id} and ${span.id} were active together`);
    if (open === undefined || span.toMs > open.toMs) open = span;
  }
  return findings;
}
