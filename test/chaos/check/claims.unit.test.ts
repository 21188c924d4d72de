import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Act } from '../load/acts.ts';
import { claimsLinearizable } from './claims.ts';
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
const seen = (sentMs: number, endedMs: number, state: string, version: number) => ({
  jobId: 'job-1',
  sentMs,
  endedMs,
  state,
  version,
});
const findingsOf = (acts: readonly Act[], sightings: readonly ReturnType<typeof seen>[] = []) =>
  claimsLinearizable(acts, sightings).findings;

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
  fc.assert(fc.property(commands, (some) => isLinearizable({ operations: honest(some) })));
});

test('an acknowledged claim more than there were is always missed', () => {
  const property = fc.property(commands, (some) => {
    const operations = honest(some.map(({ kind }) => ({ kind, spreadMs: 0 })));
    const claimed = operations.findIndex(({ kind, happened }) => kind === 'claim' && happened === 'done');
    fc.pre(claimed >= 0);
    const { fromMs, toMs } = operations[claimed] as Operation;
    const second: Operation = { kind: 'claim', happened: 'done', fromMs: fromMs + 0.6, toMs: toMs + 0.4 };
    return !isLinearizable({ operations: [...operations, second] });
  });
  fc.assert(property);
});
