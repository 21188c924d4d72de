import { expect, test } from 'vitest';
import { readArguments } from './options.ts';

const NOW = 1_234_567_890;

test('without anything, five minutes under a seed of the clock', () => {
  expect(readArguments([], NOW)).toEqual({
    mode: 'campaign',
    minutes: 5,
    seed: 567_890,
    only: [],
    walkers: 48,
    rate: 50,
  });
});

test('a run is repeated by its seed', () => {
  const read = readArguments(['--minutes', '0.5', '--seed', '7', '--only', 'kill,SIGSTOP'], NOW);
  expect(read).toMatchObject({ minutes: 0.5, seed: 7, only: ['kill', 'SIGSTOP'] });
});

test('with a file, a siege', () => {
  const read = readArguments(['a.csv', '--only', 'jobs'], NOW);
  expect(read).toEqual({ mode: 'siege', file: 'a.csv', concurrency: 48, only: 'jobs' });
});

test.each([
  [['--minutes', 'x'], '--minutes x: not from 0 to 600'],
  [['--minutes', '601'], '--minutes 601: not from 0 to 600'],
  [['--seed', '1.5'], '--seed 1.5: not a whole number'],
  [['--walkers', '0'], '--walkers 0: not from 1 to 256'],
  [['a.csv', '--concurrency', '1'], '--concurrency 1: not from 20 to 256'],
  [['--colour', 'red'], "Unknown option '--colour'"],
])('%j is refused', (args, message) => {
  expect(() => readArguments(args, NOW)).toThrow(message);
});
