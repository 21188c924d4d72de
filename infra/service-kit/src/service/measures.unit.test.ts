import { Registry } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';
import { exposeMeasures } from './measures.ts';

const NO_DATABASE = { query: () => Promise.reject(new Error('not asked here')) } as never;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A figure whose readings end when they are told to, and a clock that stands still. */
function figure() {
  const registry = new Registry();
  const readings: PromiseWithResolvers<number>[] = [];
  const read = () => {
    const reading = Promise.withResolvers<number>();
    readings.push(reading);
    return reading.promise;
  };
  const error = vi.fn();
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
  exposeMeasures(registry, NO_DATABASE, [{ name: 'qtm_things', help: 'things there are', read }], { error });
  return {
    readings,
    error,
    /** What whoever looks is told. */
    async look() {
      const shown = /^qtm_things (\S+)$/m.exec(await registry.metrics())?.[1];
      return Number(shown);
    },
    async end(reading: number, outcome: number | Error) {
      if (typeof outcome === 'number') readings[reading]?.resolve(outcome);
      else readings[reading]?.reject(outcome);
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass: (ms: number) => clock.mockReturnValue(performance.now() + ms),
  };
}

test('a figure is unknown until it was read, which nobody who looks waits for', async () => {
  const { readings, look, end } = figure();
  expect(readings).toHaveLength(0);
  expect(await look()).toBeNaN();
  expect(await look()).toBeNaN();
  expect(readings, 'one at a time').toHaveLength(1);
  await end(0, 10);
  expect(await look()).toBe(10);
});

test('it is not read again for a while; then the last one is told while it is', async () => {
  const { readings, look, end, pass } = figure();
  await look();
  await end(0, 10);
  pass(59_999);
  expect(await look()).toBe(10);
  expect(readings).toHaveLength(1);
  pass(1);
  expect(await look()).toBe(10);
  expect(readings).toHaveLength(2);
  await end(1, 20);
  expect(await look()).toBe(20);
});

test('where it cannot be read it is unknown, the log says why, and the next look tries again', async () => {
  const { readings, error, look, end, pass } = figure();
  await look();
  await end(0, 10);
  pass(60_000);
  await look();
  const away = new Error('away');
  await end(1, away);
  expect(error.mock.calls).toEqual([[{ err: away, measure: 'qtm_things' }, 'a figure cannot be read']]);
  expect(await look()).toBeNaN();
  expect(readings).toHaveLength(3);
  await end(2, 7);
  expect(await look()).toBe(7);
});
