import { aggregateKey, type Copy, type TopicEvent, type Verdict } from './facts.ts';

/** What a service follows: types of aggregates by their source. */
export type Followed = ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;

/** Every copy is the newest of its source, whole and relied on, and none is missing or made up. */
export function copiesEqual(copies: readonly Copy[], events: readonly TopicEvent[], followed: Followed): Verdict {
  const findings: string[] = [];
  const newest = newestOf(events);
  const kept = new Set<string>();
  for (const copy of copies) {
    const where = `${copy.keeper}'s copy of ${copy.source}'s ${aggregateKey(copy.type, copy.id)}`;
    const source = newest.get(sourceKey(copy.source, copy.type, copy.id));
    kept.add(`${copy.keeper} ${sourceKey(copy.source, copy.type, copy.id)}`);
    if (source === undefined) findings.push(`${where}: its source never told of it`);
    else if (copy.epoch !== source.epoch || copy.version !== source.version) {
      findings.push(`${where} is ${copy.epoch}.${copy.version}, its source ${source.epoch}.${source.version}`);
    } else if (copy.stateHash !== source.stateHash) findings.push(`${where} holds something else than its source`);
    else if (copy.unknown) findings.push(`${where} is marked as unknown`);
  }
  for (const { service, aggregateType, aggregateId } of newest.values()) {
    for (const [keeper, sources] of followed) {
      if (!(sources[service]?.includes(aggregateType) ?? false)) continue;
      const key = sourceKey(service, aggregateType, aggregateId);
      if (!kept.has(`${keeper} ${key}`)) findings.push(`${keeper} has no copy of ${key}`);
    }
  }
  return { invariant: 'every copy equals its source', checked: copies.length, findings };
}

const sourceKey = (source: string, type: string, id: string) => `${source}/${aggregateKey(type, id)}`;

function newestOf(events: readonly TopicEvent[]): ReadonlyMap<string, TopicEvent> {
  const newest = new Map<string, TopicEvent>();
  for (const event of events) {
    const key = sourceKey(event.service, event.aggregateType, event.aggregateId);
    const other = newest.get(key);
    const newer =
      other === undefined ||
      event.epoch > other.epoch ||
      (event.epoch === other.epoch && event.version > other.version);
    if (newer) newest.set(key, event);
  }
  return newest;
}
