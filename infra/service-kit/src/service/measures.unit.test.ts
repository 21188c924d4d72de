import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { exposeMeasures } from './measures.ts';

const NO_DATABASE = { query: () => Promise.reject(new Error('not asked here')) } as never;

test('a figure is read when somebody looks, and not again for a while', async () => {
  const registry = new Registry();
  let reads = 0;
  const read = async () => {
    reads += 1;
    return reads * 10;
  };
  exposeMeasures(registry, NO_DATABASE, [{ name: 'qtm_things', help: 'things there are', read }]);
  expect(reads).toBe(0);
  for (let look = 0; look < 3; look++) expect(await registry.metrics()).toContain('qtm_things 10');
  expect(reads).toBe(1);
});

test('where it cannot be read the last one stands, and the next look tries again', async () => {
  const registry = new Registry();
  const outcomes = [() => Promise.reject(new Error('away')), async () => 7];
  const read = () => outcomes.shift()?.() ?? Promise.resolve(0);
  exposeMeasures(registry, NO_DATABASE, [{ name: 'qtm_things', help: 'things there are', read }]);
  expect(await registry.metrics()).toContain('qtm_things 0');
  expect(await registry.metrics()).toContain('qtm_things 7');
});
