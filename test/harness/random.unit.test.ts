import { expect, test } from 'vitest';
import { Bag, Random } from './random.ts';

const draws = (seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: 50 }, () => random.next());
};

test('the same seed gives the same numbers, another one others', () => {
  expect(draws(7)).toEqual(draws(7));
  expect(draws(7)).not.toEqual(draws(8));
  for (const value of draws(7)) expect(value >= 0 && value < 1).toBe(true);
});

test('whole numbers reach both bounds', () => {
  const random = new Random(1);
  const seen = new Set(Array.from({ length: 200 }, () => random.integer(3, 5)));
  expect([...seen].sort()).toEqual([3, 4, 5]);
});

test('durations stay within their bounds, and most are short', () => {
  const random = new Random(1);
  const durations = Array.from({ length: 1_000 }, () => random.duration(1_000, 30_000));
  expect(Math.min(...durations)).toBeGreaterThanOrEqual(1_000);
  expect(Math.max(...durations)).toBeLessThanOrEqual(30_000);
  expect(durations.filter((ms) => ms < 6_000).length).toBeGreaterThan(450);
});

test('a bag gives everything once before anything comes again', () => {
  const bag = new Bag(['a', 'b', 'c'], new Random(1));
  const rounds = Array.from({ length: 4 }, () => [bag.draw(), bag.draw(), bag.draw()]);
  for (const round of rounds) expect(round.sort()).toEqual(['a', 'b', 'c']);
});
