import { expect, test } from 'vitest';
import { scoreOf, unexplained } from './score.ts';

const of = (...statuses: readonly string[]) => statuses.map((status) => ({ status }));

test('what was left out, or run by no test, counts as not noticed; what is no program does not count', () => {
  const mutants = of('Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'CompileError', 'RuntimeError');
  expect(scoreOf(mutants)).toEqual({ noticed: 2, survived: 3, percent: 40 });
});

test('nothing to change is no fault', () => {
  expect(scoreOf([]).percent).toBe(100);
});

test('whatever is left out says why', () => {
  const place = { fileName: 'a.ts', location: { start: { line: 3 } } };
  const ignored = (statusReason?: string) => ({ ...place, status: 'Ignored', statusReason });
  expect(unexplained([ignored('two names of one thing'), { ...place, status: 'Survived' }])).toEqual([]);
  for (const reason of [undefined, ' ', 'Ignored because of a comment']) {
    expect(unexplained([ignored(reason)])).toEqual(['a.ts:3: left out without a reason']);
  }
});
