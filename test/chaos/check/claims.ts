import type { Act, Sighting } from '../load/acts.ts';
import type { Verdict } from './facts.ts';
import { type History, isLinearizable, type Operation } from './search.ts';

const KINDS = {
  'job.claim': 'claim',
  'job.release': 'release',
  'job.start': 'start',
  'job.complete': 'complete',
  'job.cancel': 'cancel',
} as const;

/**
 * What everybody was told of each job fits one order of events, in which each lies between the request and its answer: no two hold a
 * job at a time, and nobody is told of a state that it was not in.
 */
export function claimsLinearizable(acts: readonly Act[], sightings: readonly Sighting[]): Verdict {
  const histories = claimHistories(acts, sightings);
  const findings = histories
    .filter((history) => !isLinearizable(history))
    .map(
      ({ jobId, operations }) =>
        `job ${jobId}: no order of its ${operations.length} operations explains what was answered`,
    );
  return { invariant: 'histories of claims are linearizable', checked: histories.length, findings };
}

/** The operations on each job, as its clients saw them. */
export function claimHistories(acts: readonly Act[], sightings: readonly Sighting[]): readonly History[] {
  const operations = new Map<string, Operation[]>();
  const of = (jobId: string) => {
    const known = operations.get(jobId) ?? [];
    operations.set(jobId, known);
    return known;
  };
  for (const act of acts) {
    const kind = KINDS[act.transition as keyof typeof KINDS];
    if (kind !== undefined && act.subjectId !== undefined) of(act.subjectId).push(...operationsOf(act, kind));
  }
  for (const { jobId, sentMs, endedMs, state, version } of sightings) {
    of(jobId).push({ kind: 'read', fromMs: sentMs, toMs: endedMs, happened: 'told', state, version });
  }
  return [...operations].map(([jobId, all]) => ({ jobId, operations: all }));
}

function operationsOf({ attempts, outcome }: Act, kind: Operation['kind']): readonly Operation[] {
  const [first, last] = [attempts[0], attempts.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (outcome.kind === 'accepted') return [{ kind, fromMs: first.sentMs, toMs: last.endedMs, happened: 'done' }];
  // An attempt whose answer was lost may come true at any time, even after a later one was refused.
  const lost = attempts.find(({ dark }) => dark);
  const maybe: Operation[] =
    lost === undefined ? [] : [{ kind, fromMs: lost.sentMs, toMs: Number.POSITIVE_INFINITY, happened: 'maybe' }];
  if (outcome.kind === 'refused' && outcome.code === 'WRONG_STATE' && outcome.currentState !== null) {
    maybe.push({ kind, fromMs: last.sentMs, toMs: last.endedMs, happened: 'refused', state: outcome.currentState });
  }
  return maybe;
}
