import { aggregateKey, type JournalRow, type TopicEvent, type Verdict, withoutRepeats } from './facts.ts';

/**
 * Every journal row is on its service's topic with the same bytes, and nothing else is; repeats dropped, each aggregate's facts come in
 * the order of its versions, from 1 and without a gap, in one partition.
 * @param events in the order of their partitions
 */
export function publishedInOrder(journals: readonly JournalRow[], events: readonly TopicEvent[]): Verdict {
  const findings: string[] = [];
  const rows = new Map(journals.map((row) => [row.eventId, row]));
  const bytes = new Map<string, string>();
  for (const { eventId, sha256 } of events) {
    if ((bytes.get(eventId) ?? sha256) !== sha256) findings.push(`two contents for the event ${eventId}`);
    bytes.set(eventId, sha256);
  }
  const last = new Map<string, { readonly version: number; readonly partition: number }>();
  for (const event of withoutRepeats(events)) {
    const row = rows.get(event.eventId);
    rows.delete(event.eventId);
    if (row === undefined || row.service !== event.service)
      findings.push(`not in the journal of ${event.service}: ${event.eventId}`);
    else if (row.sha256 !== event.sha256) findings.push(`other bytes than the journal's: ${event.eventId}`);
    const key = aggregateKey(event.aggregateType, event.aggregateId);
    const { version, partition } = last.get(key) ?? { version: 0, partition: event.partition };
    if (event.version !== version + 1) findings.push(`${key}: version ${event.version} where ${version + 1} was due`);
    if (event.partition !== partition) findings.push(`${key}: in two partitions`);
    last.set(key, event);
  }
  for (const { eventId, service } of rows.values()) findings.push(`not on the topic of ${service}: ${eventId}`);
  return { invariant: 'every journal row is on its topic, in order per aggregate', checked: journals.length, findings };
}
