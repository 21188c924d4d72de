import fc from 'fast-check';

/** Draws values of an arbitrary, the same ones for the same seed. */
export type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T;

/** @param seed from 0 to 2³² - 1 */
export function drawFrom(seed: number): Draw {
  const [generator] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  if (generator === undefined) throw new Error('fast-check made no generator');
  return <T>(arbitrary: fc.Arbitrary<T>): T => generator(() => arbitrary);
}

/** One of several; undefined where there are none. */
export function oneOf<T>(draw: Draw, items: readonly T[]): T | undefined {
  return items.length === 0 ? undefined : items[draw(fc.nat({ max: items.length - 1 }))];
}

/** True with this probability, in hundredths. */
export function chance(draw: Draw, percent: number): boolean {
  return draw(fc.nat({ max: 99 })) < percent;
}

/** All of them, in another order. */
export function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
}
