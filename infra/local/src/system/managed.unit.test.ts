import { expect, test } from 'vitest';
import { lastWords } from './managed.ts';

test.each([
  ['{"level":30,"msg":"started"}\n{"level":60,"msg":"no database"}', 'no database'],
  ['{"msg":"started"}\nSyntaxError: x', 'SyntaxError: x'],
  ['{"msg":"started"}\n{"level":30}\n', 'started'],
  ['{"level":"fatal","msg":"no database"}\n{"level":"warn","msg":"a part did not stop cleanly"}', 'no database'],
  ['', 'it wrote nothing'],
])('of %j', (log, words) => {
  expect(lastWords(log)).toBe(words);
});
