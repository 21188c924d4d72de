import type { Act, Sighting } from '../load/acts.ts';
import type { Verdict } from './facts.ts';
import { type History, isLinearizable, type Operation } from './search.ts';

/** By what is acted on: transitions that are operations on it, and what must hold. */
const KINDS = {
  job: {
    invariant: 'histories of claims are linearizable',
    transitions: {
      'job.claim': 'claim',
      'job.release': 'release',
      'job.start': 'start',
      'job.complete': 'complete',
      'job.cancel': 'cancel',
    },
  },
  transfer: {
    invariant: 'histories of transfers are linearizable',
    transitions: {
      'transfer.propose': 'propose',
      'transfer.accept': 'accept',
      'transfer.reject': 'reject',
      'transfer.cancel': 'cancel',
      'transfer.complete': 'complete',
      'transfer.void': 'void',
    },
  },
} as const;

/**
 * What everybody was told of each job, or of each transfer, fits one order of events, in which each lies between the request and its
 * answer: no two hold a job at a time, a transfer ends once, and nobody is told of a state that it was not in.
 */
export function linearizable(of: History['of'], acts: readonly Act[], sightings: readonly Sighting[]): Verdict {
  const histories = historiesOf(of, acts, sightings);
  const findings = histories
    .filter((history) => !isLinearizable(history))
    .map(
      ({ id, operations }) => `${of} ${id}: no order of its ${operations.length} operations explains what was answered`,
    );
  return { invariant: KINDS[of].invariant, checked: histories.length, findings };
}

/** The operations on each job, or on each transfer, as its clients saw them. */
export function historiesOf(
  of: History['of'],
  acts: readonly Act[],
  sightings: readonly Sighting[],
): readonly History[] {
  const operations = new Map<string, Operation[]>();
  const on = (id: string) => {
    const known = operations.get(id) ?? [];
    operations.set(id, known);
    return known;
  };
  const kinds: Readonly<Record<string, string>> = KINDS[of].transitions;
  for (const act of acts) {
    const kind = kinds[act.transition];
    if (kind !== undefined && act.subjectId !== undefined) on(act.subjectId).push(...operationsOf(act, kind));
  }
  for (const { id, sentMs, endedMs, state, version } of sightings.filter((sighting) => sighting.of === of)) {
    on(id).push({ kind: 'read', fromMs: sentMs, toMs: endedMs, happened: 'told', state, version });
  }
  return [...operations].map(([id, all]) => ({ of, id, operations: of === 'transfer' ? begun(all) : all }));
}

/** Somebody proposed it whose answer was lost, where nobody was told of having proposed it. */
function begun(operations: readonly Operation[]): readonly Operation[] {
  if (operations.some(({ kind }) => kind === 'propose')) return operations;
  return [{ kind: 'propose', fromMs: 0, toMs: Number.POSITIVE_INFINITY, happened: 'maybe' }, ...operations];
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
