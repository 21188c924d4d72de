import { describe, expect, test } from 'vitest';
import type { JournalRow, TopicEvent } from './facts.ts';
import { eventOf, rowOf } from './planted/sound.ts';
import { publishedInOrder } from './published.ts';

const created = eventOf();
const claimed = eventOf({ eventId: 'event-2', version: 2, offset: 1n });
const rows = [created, claimed].map(({ eventId, sha256 }) => rowOf({ eventId, sha256 }));
const findingsOf = (journals: readonly JournalRow[], events: readonly TopicEvent[]) =>
  publishedInOrder(journals, events).findings;

test('a topic that holds its journal, with repeats in any order behind the first occurrences', () => {
  expect(findingsOf(rows, [created, claimed, claimed, created])).toEqual([]);
});

describe('finds', () => {
  test.each([
    ['a row that was never sent', rows, [created], 'not on the topic of jobs: event-2'],
    ['a message that no journal holds', rows.slice(0, 1), [created, claimed], 'not in the journal of jobs: event-2'],
    ['other bytes', rows, [created, { ...claimed, sha256: 'other' }], "other bytes than the journal's: event-2"],
    [
      'two contents of one event',
      rows,
      [created, claimed, { ...created, sha256: 'other' }],
      'two contents for the event event-1',
    ],
    ['a first occurrence out of order', rows, [claimed, created], 'job/job-1: version 2 where 1 was due'],
    ['an aggregate in two partitions', rows, [created, { ...claimed, partition: 1 }], 'job/job-1: in two partitions'],
    [
      'an event on the topic of another',
      rows,
      [created, { ...claimed, service: 'workflow' }],
      'not in the journal of workflow: event-2',
    ],
  ])('%s', (_, journals, events, finding) => {
    expect(findingsOf(journals, events)).toContain(finding);
  });
});
