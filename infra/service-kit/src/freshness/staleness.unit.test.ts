import { describe, expect, test } from 'vitest';
import { fact } from '../command/fact.ts';
import { sql } from '../database/statement.ts';
import { staleSources, watched } from './staleness.ts';

const NOW = '2026-01-01T12:00:00.000000Z';
const HEARD = [
  { follows: 'fresh', as_of: '2026-01-01T11:59:59.500000Z' },
  { follows: 'stale', as_of: '2026-01-01T11:59:00.000000Z' },
];
const FOLLOWED = { sources: new Set(['fresh', 'stale', 'unheard']), maxAgeMs: 1_000 };
const STALE = staleSources(FOLLOWED, HEARD, NOW);

const of = (...sources: readonly string[]) => fact(sql`select`, () => undefined, ...sources);
const FACTS = {
  own: of(),
  fresh: of('fresh'),
  stale: of('stale'),
  both: of('fresh', 'stale'),
  unheard: of('fresh', 'unheard'),
};
const VALUES = { own: 1, fresh: 2, stale: 3, both: 4, unheard: 5 };

test('a source is too old past the limit, and where nothing was heard of it', () => {
  expect([...STALE.values()]).toEqual([
    { source: 'stale', ageMs: 60_000 },
    { source: 'unheard', ageMs: null },
  ]);
});

test('nothing is too old where no limit is set', () => {
  expect(staleSources({ ...FOLLOWED, maxAgeMs: Number.POSITIVE_INFINITY }, [], NOW).size).toBe(0);
});

describe('a value that is read', () => {
  test.each([
    ['own', undefined],
    ['fresh', undefined],
    ['stale', 'stale'],
    ['both', 'stale'],
    ['unheard', 'unheard'],
  ] as const)('%s is what it is, and rests on a source too old: %s', (name, source) => {
    const { values, touched } = watched(FACTS, VALUES, STALE);
    expect(values[name]).toBe(VALUES[name]);
    expect(touched()?.source).toBe(source);
    expect(touched()).toBeUndefined();
  });
});

test('what nobody read is too old for nobody', () => {
  expect(watched(FACTS, VALUES, STALE).touched()).toBeUndefined();
});
