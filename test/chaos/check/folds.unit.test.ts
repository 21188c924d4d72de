import { describe, expect, test } from 'vitest';
import type { Shown } from './facts.ts';
import { foldsToShown } from './folds.ts';
import { eventOf } from './planted/sound.ts';

const created = eventOf();
const claimed = eventOf({
  eventId: 'event-2',
  version: 2,
  transition: 'job.claim',
  priorState: 'QUEUED',
  newState: 'CLAIMED',
});
const sealed = eventOf({
  eventId: 'event-3',
  aggregateType: 'record',
  aggregateId: 'record-1',
  newState: 'SEALED',
  sealed: 'hash',
});
const entry = (version: number, eventId: string, transition: string) => ({
  version,
  eventId,
  transition,
  priorState: null,
  newState: '',
});
const job: Shown = {
  type: 'job',
  id: 'job-1',
  state: 'CLAIMED',
  version: 2,
  history: [entry(1, 'event-1', 'job.create'), entry(2, 'event-2', 'job.claim')],
};
const record: Shown = {
  type: 'record',
  id: 'record-1',
  state: 'SEALED',
  version: 1,
  history: [entry(1, 'event-3', 'job.create')],
  record: { sha256: 'hash', ofContent: 'hash' },
};
const findingsOf = (shown: readonly Shown[], events = [created, claimed, created, sealed]) =>
  foldsToShown(shown, events).findings;

test('facts lead to what is shown, repeats or not', () => {
  expect(findingsOf([job, record])).toEqual([]);
});

describe('finds', () => {
  test.each([
    [
      'another state',
      { ...job, state: 'QUEUED' },
      'job/job-1: shown as QUEUED in version 2, its facts lead to CLAIMED in 2',
    ],
    [
      'another version',
      { ...job, version: 3 },
      'job/job-1: shown as CLAIMED in version 3, its facts lead to CLAIMED in 2',
    ],
    [
      'a history with a gap',
      { ...job, history: job.history.slice(1) },
      'job/job-1: its history shows 1 entries that are not its 2 facts',
    ],
    ['what no fact tells of', { ...job, id: 'job-2' }, 'job/job-2: it is shown, and no fact tells of it'],
    [
      'a record of transitions with a gap',
      { ...job, transitions: ['event-1'] },
      'job/job-1: its record shows 1 transitions that are not its 2 facts',
    ],
    [
      'changed content',
      { ...record, record: { sha256: 'hash', ofContent: 'other' } },
      'record/record-1: its content is not what was sealed',
    ],
    [
      'a record sealed as another',
      { ...record, record: { sha256: 'new', ofContent: 'new' } },
      'record/record-1: its content is not what was sealed',
    ],
  ])('%s', (_, planted, finding) => {
    expect(findingsOf([planted])).toEqual([finding]);
  });

  test('a fact that does not begin where the one before ended', () => {
    const astray = { ...claimed, priorState: 'STARTED' };
    expect(findingsOf([], [created, astray])).toEqual([
      'job/job-1: version 2 leads from STARTED, the one before to QUEUED',
    ]);
  });
});
