import { expect, test } from 'vitest';
import { OneAtATime } from './one-at-a-time.ts';

/** Readings that end when they are told to, and the order in which they began. */
function readings() {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const read = (name: string) => () => {
    begun.push(name);
    const end = Promise.withResolvers<string>();
    ends.set(name, end);
    return end.promise;
  };
  return { begun, ends, read };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('one begins when the one before it has ended', async () => {
  const { begun, ends, read } = readings();
  const queue = new OneAtATime<string>();
  const [first, second] = [queue.run('a', read('first')), queue.run('b', read('second'))];
  await settled();
  expect(begun).toEqual(['first']);
  ends.get('first')?.resolve('of a');
  expect(await first).toBe('of a');
  await settled();
  expect(begun).toEqual(['first', 'second']);
  ends.get('second')?.resolve('of b');
  expect(await second).toBe('of b');
});

test('who asks the same gets the same, be it under way or waited for; once it has ended it is read anew', async () => {
  const { begun, ends, read } = readings();
  const queue = new OneAtATime<string>();
  const under = [queue.run('a', read('first')), queue.run('a', read('again'))];
  const waiting = [queue.run('b', read('second')), queue.run('b', read('second again'))];
  await settled();
  ends.get('first')?.resolve('of a');
  expect(await Promise.all(under)).toEqual(['of a', 'of a']);
  await settled();
  ends.get('second')?.resolve('of b');
  expect(await Promise.all(waiting)).toEqual(['of b', 'of b']);
  const anew = queue.run('a', read('third'));
  await settled();
  ends.get('third')?.resolve('of a, later');
  expect(await anew).toBe('of a, later');
  expect(begun).toEqual(['first', 'second', 'third']);
});

test('one that fails fails for those who asked for it, and keeps nobody else', async () => {
  const { ends, read } = readings();
  const queue = new OneAtATime<string>();
  const failing = Promise.allSettled([queue.run('a', read('first')), queue.run('a', read('again'))]);
  const next = queue.run('b', read('second'));
  await settled();
  ends.get('first')?.reject(new Error('away'));
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await settled();
  ends.get('second')?.resolve('of b');
  expect(await next).toBe('of b');
});
