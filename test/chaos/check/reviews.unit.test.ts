import { describe, expect, test } from 'vitest';
import type { TopicEvent } from './facts.ts';
import { TOLD, taskOf } from './planted/transferred.ts';
import { reviewedOnce } from './reviews.ts';

const TASKS = [
  taskOf('t-1', 'transfer_proposed'),
  taskOf('t-1', 'transfer_accepted'),
  taskOf('t-1', 'transfer_completed'),
  taskOf('t-2', 'transfer_proposed'),
];
const findingsOf = (tasks: readonly TopicEvent[]) => reviewedOnce([...TOLD, ...tasks]).findings;

test('one for each proposal, acceptance and completion, none for a rejection, repeats or not', () => {
  expect(reviewedOnce([...TOLD, ...TASKS, ...TOLD, ...TASKS])).toMatchObject({ checked: 4, findings: [] });
});

describe('finds', () => {
  test.each<[string, readonly TopicEvent[], string]>([
    ['one that is missing', TASKS.slice(1), 'governance task t-1:transfer_proposed: it is missing'],
    [
      'a second one',
      [...TASKS, { ...taskOf('t-1', 'transfer_accepted'), eventId: 'again' }],
      'governance task t-1:transfer_accepted: a second one',
    ],
    [
      'one for what is not reviewed',
      [...TASKS, taskOf('t-2', 'transfer_rejected')],
      'governance task t-2:transfer_rejected: there is no such event',
    ],
    [
      'one for another cause',
      [...TASKS.slice(1), { ...taskOf('t-1', 'transfer_proposed'), causationId: 'x' }],
      'governance task t-1:transfer_proposed names another cause',
    ],
  ])('%s', (_, tasks, finding) => {
    expect(findingsOf(tasks)).toEqual([finding]);
  });
});
