import { expect, test } from 'vitest';
import { askAll } from './ask-all.ts';
import type { Asked, Confirmed } from './confirmed.ts';
import { type Owners, OwnerUnavailable } from './owners.ts';

const ASKS = new Map<string, Asked>([
  ['person', { service: 'people', type: 'person', id: 'ada' }],
  ['house', { service: 'houses', type: 'house', id: 'one' }],
]);
const ADA: Confirmed = { version: 3, epoch: 1, value: {} };
const BEHALF = { authorization: 'Bearer a', trace: { traceparent: 't' } };

test('everything is asked before anything is answered, on behalf of the caller', async () => {
  const asked: [string, unknown][] = [];
  const { promise: all, resolve: answerAll } = Promise.withResolvers<void>();
  const owners: Owners = {
    async ask({ id }, behalf) {
      asked.push([id, behalf]);
      if (asked.length === ASKS.size) answerAll();
      await all;
      return id === 'ada' ? ADA : undefined;
    },
  };
  expect(await askAll(owners, ASKS, BEHALF)).toEqual(
    new Map([
      ['person', { asked: ASKS.get('person'), confirmed: ADA }],
      ['house', { asked: ASKS.get('house'), confirmed: undefined }],
    ]),
  );
  expect(asked).toEqual([
    ['ada', BEHALF],
    ['one', BEHALF],
  ]);
});

test.each([
  [['house'], { name: 'house', service: 'houses', reason: 'one is away' }],
  [['person', 'house'], { name: 'person', service: 'people', reason: 'ada is away' }],
])(
  'where no answer comes for %j it says which that is, the first in the order of the row',
  async (away, unanswered) => {
    const owners: Owners = {
      async ask({ type, id }) {
        if (away.includes(type)) throw new OwnerUnavailable(`${id} is away`);
        return ADA;
      },
    };
    expect(await askAll(owners, ASKS, BEHALF)).toEqual(unanswered);
  },
);

test('a fault of this code is none of the owner', async () => {
  const owners: Owners = { ask: () => Promise.reject(new TypeError('a bug')) };
  await expect(askAll(owners, ASKS, BEHALF)).rejects.toThrow(TypeError);
});
