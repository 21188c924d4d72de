import { aggregateKey, type Shown, type TopicEvent, type Verdict, withoutRepeats } from './facts.ts';

/**
 * The facts of an aggregate lead from one state to the next, and the last one to the state that clients are shown; the history they are
 * shown is those facts. A record shown is the content it was sealed with.
 */
export function foldsToShown(shown: readonly Shown[], events: readonly TopicEvent[]): Verdict {
  const facts = Map.groupBy(withoutRepeats(events), ({ aggregateType, aggregateId }) =>
    aggregateKey(aggregateType, aggregateId),
  );
  const findings: string[] = [];
  for (const [key, all] of facts) {
    all.reduce<string | null>((state, { version, priorState, newState }) => {
      if (priorState !== state)
        findings.push(`${key}: version ${version} leads from ${priorState}, the one before to ${state}`);
      return newState;
    }, null);
  }
  for (const one of shown) {
    const fault = faultOf(one, facts.get(aggregateKey(one.type, one.id)) ?? []);
    if (fault !== undefined) findings.push(`${aggregateKey(one.type, one.id)}: ${fault}`);
  }
  return { invariant: 'records and histories fold to the state shown', checked: shown.length, findings };
}

function faultOf(
  { state, version, history, record, transitions }: Shown,
  facts: readonly TopicEvent[],
): string | undefined {
  const last = facts.at(-1);
  if (last === undefined) return 'it is shown, and no fact tells of it';
  if (last.newState !== state || last.version !== version) {
    return `shown as ${state} in version ${version}, its facts lead to ${last.newState} in ${last.version}`;
  }
  const told = facts.map(({ eventId, version, transition }) => `${eventId} ${version} ${transition}`);
  const seen = history.map(({ eventId, version, transition }) => `${eventId} ${version} ${transition}`);
  if (told.join() !== seen.join())
    return `its history shows ${seen.length} entries that are not its ${told.length} facts`;
  if (transitions !== undefined && transitions.join() !== facts.map(({ eventId }) => eventId).join()) {
    return `its record shows ${transitions.length} transitions that are not its ${facts.length} facts`;
  }
  if (record !== undefined && (record.sha256 !== record.ofContent || record.sha256 !== last.sealed)) {
    return 'its content is not what was sealed';
  }
  return undefined;
}
