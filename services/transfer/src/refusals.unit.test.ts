import { expect, test } from 'vitest';
import { refusalsOnPage } from '../../../test/harness/refusal-page.ts';
import { REFUSALS } from './domain/refusals.ts';

test('what clients read of refusals is what they get', () => {
  expect(REFUSALS).toEqual(refusalsOnPage('transfer'));
});
