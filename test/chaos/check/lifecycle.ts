import type { Act } from '../load/acts.ts';
import type { TopicEvent, Verdict } from './facts.ts';
import { factsOf } from './told.ts';

interface Step {
  readonly from: readonly (string | null)[];
  readonly to: string;
  readonly event: string;
}

/** The lifecycle of the doctrine and its two extensions, typed here once more. */
const LIFE: Readonly<Record<string, Step>> = {
  'transfer.propose': { from: [null], to: 'proposed', event: 'transfer_proposed' },
  'transfer.accept': { from: ['proposed'], to: 'accepted', event: 'transfer_accepted' },
  'transfer.complete': { from: ['accepted'], to: 'completed', event: 'transfer_completed' },
  'transfer.reject': { from: ['proposed'], to: 'rejected', event: 'transfer_rejected' },
  'transfer.cancel': { from: ['proposed'], to: 'canceled', event: 'transfer_canceled' },
  'transfer.expire': { from: ['proposed', 'accepted'], to: 'expired', event: 'transfer_expired' },
  'transfer.void': { from: ['accepted'], to: 'voided', event: 'transfer_voided' },
};

/** Every transfer takes steps of its lifecycle and no others; what was acknowledged is one of them, by whoever it was acknowledged to. */
export function lifecycleKept(acts: readonly Act[], events: readonly TopicEvent[]): Verdict {
  const histories = factsOf(events, 'transfer');
  const findings = [...histories].flatMap(([id, facts]) => strayOf(facts).map((fault) => `transfer ${id}: ${fault}`));
  const byTrace = Map.groupBy([...histories.values()].flat(), ({ trace }) => trace);
  const acknowledged = acts.filter(
    ({ transition, outcome }) => transition.startsWith('transfer.') && outcome.kind === 'accepted',
  );
  for (const act of acknowledged) {
    const fault = missingOf(act, byTrace.get(act.trace) ?? []);
    if (fault !== undefined) findings.push(`transfer ${act.subjectId ?? '?'}: ${fault} (trace ${act.trace})`);
  }
  return {
    invariant: 'transfers take the steps of their lifecycle, and each that was acknowledged once',
    checked: histories.size + acknowledged.length,
    findings,
  };
}

function strayOf(facts: readonly TopicEvent[]): readonly string[] {
  return facts.flatMap(({ version, transition, name, priorState, newState }, index) => {
    const step = LIFE[transition];
    const before = facts[index - 1]?.newState ?? null;
    const known = step?.to === newState && step.event === name && step.from.includes(priorState);
    return known && priorState === before
      ? []
      : [`version ${version} is ${name}, ${transition} from ${priorState} to ${newState}, behind ${before}`];
  });
}

function missingOf({ transition, actorId, subjectId }: Act, facts: readonly TopicEvent[]): string | undefined {
  if (facts.length !== 1) return `${transition} was acknowledged and is ${facts.length} times in its history`;
  const [fact] = facts;
  if (fact?.transition !== transition || fact.actorId !== actorId || fact.aggregateId !== subjectId) {
    return `${transition} by ${actorId} is ${fact?.transition} of ${fact?.aggregateId} by ${fact?.actorId}`;
  }
  return undefined;
}
