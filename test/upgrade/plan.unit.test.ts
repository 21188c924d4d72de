import { describe, expect, test } from 'vitest';
import { type Contents, obstacles, planOf } from './plan.ts';

const adds = (name: string) => ({ name, breaks: null });
const breaks = (name: string) => ({ name, breaks: `${name} moves what was kept` });
const release = (contents: Record<string, ReturnType<typeof adds | typeof breaks>[]>): Contents =>
  new Map(Object.entries(contents));

describe('the plan of an upgrade', () => {
  test('a service that is new comes up before the others, which are upgraded in their order', () => {
    const plan = planOf(release({ a: [], c: [] }), release({ a: [], b: [], c: [], d: [] }));
    expect(plan).toEqual({ added: ['b', 'd'], upgraded: ['a', 'c'], breaking: new Map() });
  });

  test('what only adds is no obstacle, and neither is what the release before has itself', () => {
    const plan = planOf(release({ a: [breaks('1')] }), release({ a: [breaks('1'), adds('2')] }));
    expect(plan.breaking.size).toBe(0);
    expect(obstacles(plan)).toEqual([]);
  });

  test('a migration that breaks older releases is one, on every database that the release before had', () => {
    const now = release({ a: [adds('1'), breaks('2')], b: [breaks('2')], c: [adds('1'), breaks('2'), breaks('3')] });
    const plan = planOf(release({ a: [adds('1')], c: [adds('1')] }), now);
    expect([...plan.breaking.keys()]).toEqual(['a', 'c']);
    expect(obstacles(plan)).toEqual(['2 (a, c): 2 moves what was kept', '3 (c): 3 moves what was kept']);
  });
});
