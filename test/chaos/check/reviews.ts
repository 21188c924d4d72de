import { type TopicEvent, type Verdict, withoutRepeats } from './facts.ts';

/** Events of transfers that the doctrine has reviewed; no others. */
const REVIEWED = ['transfer_proposed', 'transfer_accepted', 'transfer_completed'];

/** For each of these events there is one governance task, however often it was told, and there is no other. */
export function reviewedOnce(events: readonly TopicEvent[]): Verdict {
  const facts = withoutRepeats(events);
  const due = new Map(
    facts
      .filter(({ name }) => REVIEWED.includes(name))
      .map(({ aggregateId, name, eventId }) => [`${aggregateId}:${name}`, eventId]),
  );
  const created = facts.filter(({ name }) => name === 'governance_task_created');
  const found = new Set<string>();
  const findings = created.flatMap(({ aggregateId, causationId }) => {
    const cause = due.get(aggregateId);
    if (cause === undefined) return [`governance task ${aggregateId}: there is no such event`];
    if (found.has(aggregateId)) return [`governance task ${aggregateId}: a second one`];
    found.add(aggregateId);
    return causationId === cause ? [] : [`governance task ${aggregateId} names another cause`];
  });
  for (const id of due.keys()) if (!found.has(id)) findings.push(`governance task ${id}: it is missing`);
  return {
    invariant: 'one governance task for each proposed, accepted and completed transfer',
    checked: due.size,
    findings,
  };
}
