import { describe, expect, test } from 'vitest';
import { copiesEqual } from './copies.ts';
import type { Copy } from './facts.ts';
import { eventOf } from './planted/sound.ts';

const events = [eventOf(), eventOf({ eventId: 'event-2', version: 2, stateHash: 'claimed' }), eventOf()];
const followed = new Map([['workflow', { jobs: ['job'] }]]);
const copy: Copy = {
  keeper: 'workflow',
  source: 'jobs',
  type: 'job',
  id: 'job-1',
  epoch: 1,
  version: 2,
  stateHash: 'claimed',
  unknown: false,
};
const findingsOf = (copies: readonly Copy[]) => copiesEqual(copies, events, followed).findings;

test('the newest of its source, although an older one was delivered again', () => {
  expect(findingsOf([copy])).toEqual([]);
});

test('what is not followed needs no copy', () => {
  expect(copiesEqual([copy], [...events, eventOf({ aggregateType: 'intake' })], followed).findings).toEqual([]);
});

describe('finds', () => {
  test.each([
    ['one that stayed behind', { ...copy, version: 1 }, "workflow's copy of jobs's job/job-1 is 1.1, its source 1.2"],
    ['one of another epoch', { ...copy, epoch: 2 }, "workflow's copy of jobs's job/job-1 is 2.2, its source 1.2"],
    [
      'another content',
      { ...copy, stateHash: 'other' },
      "workflow's copy of jobs's job/job-1 holds something else than its source",
    ],
    [
      'one that is not relied on',
      { ...copy, unknown: true },
      "workflow's copy of jobs's job/job-1 is marked as unknown",
    ],
    [
      'one that was made up',
      { ...copy, id: 'job-2' },
      "workflow's copy of jobs's job/job-2: its source never told of it",
    ],
  ])('%s', (_, planted, finding) => {
    expect(findingsOf([planted])).toContain(finding);
  });

  test('one that is missing', () => {
    expect(findingsOf([])).toEqual(['workflow has no copy of jobs/job/job-1']);
  });
});
