import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Act, Sighting } from '../load/acts.ts';
import { linearizable } from './histories.ts';
import { actOf } from './planted/sound.ts';
import { isLinearizable, type Operation } from './search.ts';

let traces = 0;
/** A command on the one job, answered once: sent at `from`, answered at `to`. */
function told(transition: string, from: number, to: number, refusedIn?: string): Act {
  const outcome =
    refusedIn === undefined
      ? ({ kind: 'accepted' } as const)
      : ({ kind: 'refused', code: 'WRONG_STATE', currentState: refusedIn } as const);
  return actOf({
    transition,
    trace: `trace-${++traces}`,
    attempts: [{ sentMs: from, endedMs: to, dark: false }],
    outcome,
  });
}
const seen = (sentMs: number, endedMs: number, state: string, version: number): Sighting => ({
  of: 'job',
  id: 'job-1',
  sentMs,
  endedMs,
  state,
  version,
});
const findingsOf = (acts: readonly Act[], sightings: readonly Sighting[] = []) =>
  linearizable('job', acts, sightings).findings;

describe('explains', () => {
  test('a race with one winner', () => {
    expect(
      findingsOf([told('job.claim', 0, 10), told('job.claim', 1, 9, 'CLAIMED'), told('job.claim', 2, 5, 'CLAIMED')]),
    ).toEqual([]);
  });

  test('claim, release, claim by another, and its run to the end', () => {
    const acts = [
      told('job.claim', 0, 10),
      told('job.release', 11, 20),
      told('job.claim', 12, 30),
      told('job.start', 31, 40),
      told('job.complete', 41, 50),
    ];
    expect(
      findingsOf(acts, [seen(13, 14, 'CLAIMED', 2), seen(15, 16, 'QUEUED', 3), seen(60, 61, 'COMPLETED', 6)]),
    ).toEqual([]);
  });

  test('a claim whose answer was lost, and that came true although its repetition was refused', () => {
    const ghost = actOf({
      trace: 'ghost',
      attempts: [
        { sentMs: 1, endedMs: 2, dark: true },
        { sentMs: 3, endedMs: 4, dark: false },
      ],
      outcome: { kind: 'refused', code: 'WRONG_STATE', currentState: 'CLAIMED' },
    });
    const acts = [told('job.claim', 0, 10), ghost, told('job.release', 11, 20)];
    expect(findingsOf(acts, [seen(30, 31, 'CLAIMED', 4)])).toEqual([]);
    expect(findingsOf(acts, [seen(30, 31, 'QUEUED', 3)])).toEqual([]);
  });
});

describe('finds', () => {
  test.each([
    ['two who hold it at once', [told('job.claim', 0, 10), told('job.claim', 5, 15)], []],
    ['a refusal before anybody had claimed it', [told('job.claim', 0, 5, 'CLAIMED'), told('job.claim', 10, 15)], []],
    ['a refusal that names a state it was not in', [told('job.claim', 0, 5), told('job.claim', 6, 7, 'STARTED')], []],
    ['a refusal where nothing stood in the way', [told('job.claim', 0, 5, 'QUEUED')], []],
    ['a start that nobody had claimed for', [told('job.start', 0, 5)], []],
    ['a claim after the cancelation', [told('job.cancel', 0, 5), told('job.claim', 6, 9)], []],
    ['a reader who is shown the past', [told('job.claim', 0, 5)], [seen(6, 7, 'QUEUED', 1)]],
    ['a reader who is shown what has not begun', [told('job.claim', 10, 15)], [seen(6, 7, 'CLAIMED', 2)]],
    [
      'two readers who see time run backwards',
      [told('job.claim', 0, 50)],
      [seen(10, 11, 'CLAIMED', 2), seen(20, 21, 'QUEUED', 1)],
    ],
  ])('%s', (_, acts, sightings) => {
    expect(findingsOf(acts, sightings)).toHaveLength(1);
  });
});

/** What an honest system answers to these commands, each at one moment within its time. */
function honest(
  commands: readonly { readonly kind: 'claim' | 'release' | 'start' | 'cancel'; readonly spreadMs: number }[],
): Operation[] {
  const next: Record<string, Record<string, string>> = {
    QUEUED: { claim: 'CLAIMED', cancel: 'CANCELED' },
    CLAIMED: { release: 'QUEUED', start: 'STARTED', cancel: 'CANCELED' },
  };
  let state = 'QUEUED';
  return commands.map(({ kind, spreadMs }, momentMs) => {
    const after = next[state]?.[kind];
    const times = { kind, fromMs: momentMs - spreadMs, toMs: momentMs + spreadMs + 0.5 };
    if (after === undefined) return { ...times, happened: 'refused', state };
    state = after;
    return { ...times, happened: 'done' };
  });
}

const commands = fc.array(
  fc.record({ kind: fc.constantFrom('claim', 'release', 'start', 'cancel'), spreadMs: fc.integer({ min: 0, max: 4 }) }),
  { minLength: 1, maxLength: 10 },
);

test('whatever an honest system answers, however requests overlap, is explained', () => {
  fc.assert(fc.property(commands, (some) => isLinearizable({ of: 'job', operations: honest(some) })));
});

test('an acknowledged claim more than there were is always missed', () => {
  const property = fc.property(commands, (some) => {
    const operations = honest(some.map(({ kind }) => ({ kind, spreadMs: 0 })));
    const claimed = operations.findIndex(({ kind, happened }) => kind === 'claim' && happened === 'done');
    fc.pre(claimed >= 0);
    const { fromMs, toMs } = operations[claimed] as Operation;
    const second: Operation = { kind: 'claim', happened: 'done', fromMs: fromMs + 0.6, toMs: toMs + 0.4 };
    return !isLinearizable({ of: 'job', operations: [...operations, second] });
  });
  fc.assert(property);
});

/** A command on the one transfer. */
const moved = (command: string, from: number, to: number, refusedIn?: string): Act => ({
  ...told(`transfer.${command}`, from, to, refusedIn),
  subjectId: 'transfer-1',
});
const shown = (sentMs: number, endedMs: number, state: string, version: number): Sighting => ({
  ...seen(sentMs, endedMs, state, version),
  of: 'transfer',
  id: 'transfer-1',
});
const faultsOf = (acts: readonly Act[], sightings: readonly Sighting[] = []) =>
  linearizable('transfer', acts, sightings).findings;
const proposed = moved('propose', 0, 5);

describe('explains of transfers', () => {
  test('a race of accept, reject and cancel with one winner, and its completion by one of two', () => {
    const race = [
      moved('accept', 6, 20),
      moved('reject', 6, 21, 'accepted'),
      moved('cancel', 7, 30, 'completed'),
      moved('complete', 8, 12, 'proposed'),
    ];
    const completions = [moved('complete', 21, 25), moved('complete', 21, 26, 'completed')];
    expect(faultsOf([proposed, ...race, ...completions], [shown(22, 23, 'accepted', 2)])).toEqual([]);
  });

  test('one whose proposer was never told of it', () => {
    expect(faultsOf([moved('accept', 6, 20)], [shown(22, 23, 'accepted', 2)])).toEqual([]);
  });

  test('a completion whose answer was lost, and that came true although its repetition was refused', () => {
    const lost = [
      { sentMs: 30, endedMs: 31, dark: true },
      { sentMs: 32, endedMs: 33, dark: false },
    ];
    const ghost = { ...moved('complete', 30, 33, 'proposed'), attempts: lost };
    const acts = [proposed, ghost, moved('accept', 10, 40)];
    for (const after of [shown(50, 51, 'completed', 3), shown(50, 51, 'accepted', 2)]) {
      expect(faultsOf(acts, [after])).toEqual([]);
    }
  });
});

describe('finds of transfers', () => {
  test.each([
    ['one that ended twice', [moved('reject', 6, 20), moved('cancel', 6, 20)], []],
    ['one that was completed twice', [moved('accept', 6, 7), moved('complete', 8, 9), moved('complete', 8, 9)], []],
    ['a completion without an acceptance', [moved('complete', 6, 9)], []],
    ['a rejection after the acceptance', [moved('accept', 6, 9), moved('reject', 10, 11)], []],
    ['a refusal although it was proposed', [moved('accept', 6, 9, 'proposed')], []],
    ['a reader who sees the future', [moved('accept', 10, 15)], [shown(6, 9, 'accepted', 2)]],
    [
      'a reader who sees it come back',
      [moved('accept', 6, 7), moved('complete', 8, 9)],
      [shown(10, 11, 'accepted', 2)],
    ],
    ['one that is shown before it was proposed', [], [shown(-5, -1, 'proposed', 1)]],
  ])('%s', (_, acts, sightings) => {
    expect(faultsOf([proposed, ...acts], sightings)).toHaveLength(1);
  });
});
