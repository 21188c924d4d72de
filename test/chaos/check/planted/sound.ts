import type { Act, Outcome } from '../../load/acts.ts';
import type { JournalRow, TopicEvent } from '../facts.ts';

/** A small run in which nothing went wrong, for tests that plant a fault in it. */

export function actOf(change: Partial<Act> & { readonly outcome?: Outcome } = {}): Act {
  return {
    transition: 'job.claim',
    actorId: 'ann',
    trace: 'trace-1',
    subjectId: 'job-1',
    attempts: [{ sentMs: 0, endedMs: 1, dark: false }],
    outcome: { kind: 'accepted' },
    ...change,
  };
}

export function rowOf(change: Partial<JournalRow> = {}): JournalRow {
  return {
    service: 'jobs',
    eventId: 'event-1',
    sha256: 'bytes of event-1',
    aggregateType: 'job',
    aggregateId: 'job-1',
    transition: 'job.claim',
    actorId: 'ann',
    commanded: true,
    trace: 'trace-1',
    transactionId: 'transaction-1',
    ...change,
  };
}

export function eventOf(change: Partial<TopicEvent> = {}): TopicEvent {
  const { eventId = 'event-1' } = change;
  return {
    service: 'jobs',
    partition: 0,
    offset: 0n,
    eventId,
    name: 'job_created',
    aggregateType: 'job',
    aggregateId: 'job-1',
    version: 1,
    epoch: 1,
    transition: 'job.create',
    priorState: null,
    newState: 'QUEUED',
    causationId: null,
    actorId: 'ann',
    clause: 'holder',
    basis: [],
    trace: `trace of ${eventId}`,
    sha256: `bytes of ${eventId}`,
    stateHash: 'state',
    links: {},
    sealed: null,
    state: null,
    ...change,
  };
}
