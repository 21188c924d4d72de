import { describe, expect, test } from 'vitest';
import { LocalStackFault } from './fault.ts';
import { firstOpen, given, type Way } from './ways.ts';

const open =
  (name: string): Way<string> =>
  async () => ({ start: async () => name });
const closed =
  (needs: string): Way<string> =>
  async () => ({ closed: needs });

describe('firstOpen', () => {
  test('takes the first that is open, and asks no further', async () => {
    const never: Way<string> = () => Promise.reject(new Error('asked'));
    const start = await firstOpen('Kafka', [closed('a broker'), open('java'), never]);
    expect(await start()).toBe('java');
  });

  test('starts nothing by itself', async () => {
    let started = 0;
    const start = await firstOpen('Kafka', [async () => ({ start: async () => ++started })]);
    expect(started).toBe(0);
    await start();
    expect(started).toBe(1);
  });

  test('says in one line what each way needs where none is open', async () => {
    const none = firstOpen('Kafka', [closed('a broker'), closed('Java 17')]);
    await expect(none).rejects.toThrow(new LocalStackFault('Kafka needs one of: a broker; Java 17'));
  });
});

test('what a setting names is open where the setting is there', async () => {
  const start = async (address: string) => `at ${address}`;
  expect(await given<string, string>(undefined, 'an address', start)()).toEqual({ closed: 'an address' });
  expect(await (await firstOpen('Kafka', [given('here', 'an address', start)]))()).toBe('at here');
});
