import { expect, test } from 'vitest';
import { slugFault } from './slug.ts';

test.each(['nypd', 'north-crew', 'a1b', 'x2-y3-z4', 'a'.repeat(40)])('%s is a slug', (slug) => {
  expect(slugFault(slug)).toBeUndefined();
});

test.each([
  ['ab', 'LENGTH'],
  ['a'.repeat(41), 'LENGTH'],
  ['1abc', 'FORM'],
  ['-abc', 'FORM'],
  ['abc-', 'FORM'],
  ['a--b', 'FORM'],
  ['Abc', 'FORM'],
  ['a_b', 'FORM'],
  ['nуpd', 'FORM'], // a Cyrillic letter
  ...['admin', 'api', 'graphql', 'null', 'operator', 'qtm', 'root', 'system', 'unknown'].map((word) => [
    word,
    'RESERVED',
  ]),
])('%s is none: %s', (slug, fault) => {
  expect(slugFault(slug)).toBe(fault);
});
