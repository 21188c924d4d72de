import { expect, test } from 'vitest';
import { waitFor } from './wait.ts';

const soon = { timeoutMs: 1_000, everyMs: 1, what: 'it is there' };

test('asks until there is a value; an error means not yet', async () => {
  let asked = 0;
  const value = await waitFor(() => {
    asked++;
    if (asked === 1) throw new Error('not yet');
    return asked === 3 ? 'there' : undefined;
  }, soon);
  expect(value).toBe('there');
  expect(asked).toBe(3);
});

test('gives up after its time, and says what was waited for and the last error', async () => {
  const never = () => Promise.reject(new Error('no route'));
  await expect(waitFor(never, { ...soon, timeoutMs: 5 })).rejects.toThrow('it is there: not after 0.005 s (no route)');
  await expect(waitFor(() => undefined, { ...soon, timeoutMs: 5 })).rejects.toThrow(/^it is there: not after 0.005 s$/);
});
