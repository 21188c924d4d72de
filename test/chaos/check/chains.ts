import type { TopicEvent, Verdict } from './facts.ts';
import { withoutRepeats } from './facts.ts';

/** A fact of one service that another must follow from: it names the aggregate, whose id was allotted by whoever decided. */
interface Link {
  readonly cause: string;
  /** Field of the cause's state that names what follows. */
  readonly names: string;
  readonly effect: string;
}

const LINKS: readonly Link[] = [
  { cause: 'intake_received', names: 'task_id', effect: 'task_opened' },
  { cause: 'assignment_handed_off', names: 'job_id', effect: 'job_created' },
  { cause: 'job_started', names: 'service_event_id', effect: 'service_event_started' },
  { cause: 'service_event_completed', names: 'record_id', effect: 'record_sealed' },
];

/** No job without its hand-off, no service event without its start, and so on; none missing, and no two of any. */
export function chainsWhole(events: readonly TopicEvent[]): Verdict {
  const byName = Map.groupBy(withoutRepeats(events), ({ name }) => name);
  const findings = LINKS.flatMap((link) => faultsOf(link, byName));
  const checked = LINKS.reduce((sum, { effect }) => sum + (byName.get(effect)?.length ?? 0), 0);
  return { invariant: 'nothing follows without its cause, and nothing twice', checked, findings };
}

function faultsOf(
  { cause, names, effect }: Link,
  byName: ReadonlyMap<string, readonly TopicEvent[]>,
): readonly string[] {
  const findings: string[] = [];
  const causes = new Map<string, TopicEvent>();
  for (const event of byName.get(cause) ?? []) {
    const named = event.links[names];
    if (named == null) findings.push(`${cause} ${event.eventId} names no ${names}`);
    else if (causes.has(named)) findings.push(`two ${cause} name ${named}`);
    else causes.set(named, event);
  }
  for (const { aggregateId, causationId } of byName.get(effect) ?? []) {
    const origin = causes.get(aggregateId);
    causes.delete(aggregateId);
    if (origin === undefined) findings.push(`${effect} of ${aggregateId}: no ${cause} for it, or a second one`);
    else if (causationId !== null && causationId !== origin.eventId)
      findings.push(`${effect} of ${aggregateId} names another cause`);
  }
  for (const named of causes.keys()) findings.push(`${cause}, but no ${effect} of ${named}`);
  return findings;
}
