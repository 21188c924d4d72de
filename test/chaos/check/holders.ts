import type { Act } from '../load/acts.ts';
import { type TopicEvent, type Verdict, withoutRepeats } from './facts.ts';
import { entryTold, factsOf } from './told.ts';

/** `transfer/register_entry/<class>:<object>@<epoch>.<version>`, as a fact names what it rests on. */
const ENTRY = /^transfer\/register_entry\/(.+)@\d+\.(\d+)$/;

/**
 * Whoever acts as the holder of an operator holds it, in the version of the register that the fact rests on; and whoever had been told
 * of a version is not judged by an earlier one.
 */
export function holdersAct(acts: readonly Act[], events: readonly TopicEvent[]): Verdict {
  const entries = factsOf(events, 'register_entry');
  const saw = new Map(
    acts.flatMap(({ trace, sawRegister }) => (sawRegister === undefined ? [] : [[trace, sawRegister]])),
  );
  const findings: string[] = [];
  let checked = 0;
  for (const fact of withoutRepeats(events)) {
    if (fact.aggregateType !== 'operator' || fact.clause !== 'holder') continue;
    const { name, aggregateId, actorId, eventId, trace } = fact;
    const object = `operator:${aggregateId}`;
    const version = versionOf(fact, object);
    const seen = saw.get(trace) ?? 0;
    // Where no entry was heard of yet the onboarding says who holds it: its first version.
    if (version === undefined && seen <= 1) continue;
    checked += 1;
    const entry = entries.get(object)?.find((one) => one.version === version);
    const { holder, registerVersion } = entry === undefined ? {} : entryTold(entry);
    if (registerVersion === undefined)
      findings.push(`${name} ${eventId} rests on ${object} in no version that there is`);
    else if (holder !== actorId)
      findings.push(`${name} ${eventId} by ${actorId}, ${holder} held ${object} at ${registerVersion}`);
    else if (registerVersion < seen)
      findings.push(`${name} ${eventId} rests on ${object} at ${registerVersion}, its actor knew ${seen}`);
  }
  return { invariant: 'whoever acts as the holder of an operator is its holder', checked, findings };
}

/** In which version of the register's entry the fact rests on it. */
function versionOf({ basis }: TopicEvent, object: string): number | undefined {
  const rests = basis.map((one) => ENTRY.exec(one)).find((found) => found?.[1] === object);
  return rests == null ? undefined : Number(rests[2]);
}
