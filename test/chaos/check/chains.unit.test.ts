import { describe, expect, test } from 'vitest';
import { chainsWhole } from './chains.ts';
import type { TopicEvent } from './facts.ts';
import { eventOf } from './planted/sound.ts';

const handedOff = eventOf({
  eventId: 'hand-off',
  name: 'assignment_handed_off',
  aggregateId: 'assignment-1',
  links: { job_id: 'job-1' },
});
const created = eventOf({ eventId: 'created', causationId: 'hand-off' });
const started = eventOf({ eventId: 'started', name: 'job_started', links: { service_event_id: 'service-event-1' } });
const begun = eventOf({
  eventId: 'begun',
  name: 'service_event_started',
  aggregateId: 'service-event-1',
  causationId: 'started',
});
const whole = [handedOff, created, started, begun];
const findingsOf = (events: readonly TopicEvent[]) => chainsWhole(events).findings;

test('what follows has its cause, and repeats are no second one', () => {
  expect(findingsOf([...whole, ...whole])).toEqual([]);
});

describe('finds', () => {
  test.each([
    [
      'a job without its hand-off',
      whole.slice(1),
      'job_created of job-1: no assignment_handed_off for it, or a second one',
    ],
    ['a hand-off without its job', [handedOff, started, begun], 'assignment_handed_off, but no job_created of job-1'],
    [
      'a service event without its start',
      [handedOff, created, begun],
      'service_event_started of service-event-1: no job_started for it, or a second one',
    ],
    [
      'a start without its service event',
      whole.slice(0, 3),
      'job_started, but no service_event_started of service-event-1',
    ],
    [
      'two jobs of one hand-off',
      [...whole, { ...created, eventId: 'again' }],
      'job_created of job-1: no assignment_handed_off for it, or a second one',
    ],
    [
      'two hand-offs of one job',
      [...whole, { ...handedOff, eventId: 'again' }],
      'two assignment_handed_off name job-1',
    ],
    [
      'another cause',
      [handedOff, { ...created, causationId: 'x' }, started, begun],
      'job_created of job-1 names another cause',
    ],
    [
      'a hand-off that names no job',
      [{ ...handedOff, links: { job_id: null } }],
      'assignment_handed_off hand-off names no job_id',
    ],
  ])('%s', (_, events, finding) => {
    expect(findingsOf(events)).toContain(finding);
  });
});
