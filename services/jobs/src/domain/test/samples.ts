import type { PersonalRef } from '@qtm/service-kit/domain';
import { createJob, type HandOff } from '../hand-off.ts';
import { type Intake, received } from '../intake.ts';
import type { Job, JobState, JobTarget } from '../job.ts';
import type { IntakeSnapshot } from '../snapshot.ts';
import type { Given, SubmitRequest } from '../submit-request.ts';

/** What the tests of the rules begin with: states as the rules themselves would have made them. */
export const NOW = '2026-01-05T10:00:00.123456Z';
export const LATER = '2026-01-05T11:00:00.123456Z';
export const BY = '0d7f3c52-68e5-5a0f-8f1c-52a1d4e5b6c7';

export const ASSIGNED: JobTarget = { mode: 'ASSIGNED', operator: 'nypd', poolId: null };
export const POOL: JobTarget = { mode: 'POOL', operator: null, poolId: 'pool-1' };

export function personal(text: string): PersonalRef {
  return { ref: `ref of ${text}`, hash: `hash of ${text}` };
}

export function given(value: string): Given {
  return { value, personal: personal(value) };
}

export const SNAPSHOT: IntakeSnapshot = {
  requestId: 'request-1',
  actorId: 'actor-1',
  taskId: 'task-1',
  surface: 'municipal',
  packVersion: 3,
  category: 'Noise',
  what: personal('loud music'),
  location: personal('{"city":"NEW YORK"}'),
  contact: null,
  attributes: [{ name: 'location_type', value: personal('Street') }],
  channel: 'PHONE',
  origin: 'ACTOR',
  routingOrigin: 'nypd',
  addressedTo: null,
  submittedBy: BY,
  receivedAt: NOW,
  dueAt: null,
};

export function newIntake(snapshot: Partial<IntakeSnapshot> = {}): Intake {
  return received('intake-1', { ...SNAPSHOT, ...snapshot }).after;
}

/** An intake in any state; closed ones by the completion of their job. */
export function intakeIn(state: Intake['state'], rest: Partial<Pick<Intake, 'jobId' | 'taskEndedAt'>> = {}): Intake {
  const intake = { ...newIntake(), audience: 'ADMIN', jobId: 'job-1', ...rest } as const;
  return state === 'CLOSED' ? { ...intake, state, closure: 'COMPLETED' } : { ...intake, state, closure: null };
}

export function handOff(rest: Partial<HandOff> = {}): HandOff {
  return {
    jobId: 'job-1',
    assignmentId: 'assignment-1',
    target: ASSIGNED,
    audience: 'ADMIN',
    reworkOf: null,
    dueAt: null,
    now: NOW,
    ...rest,
  };
}

export function newJob(rest: Partial<HandOff> = {}, snapshot: Partial<IntakeSnapshot> = {}): Job {
  const [created] = createJob(undefined, handOff(rest), newIntake(snapshot));
  if (created?.name !== 'job_created') throw new Error('no job was created');
  return created.after;
}

/** A job in any state, held where it is held by nypd. */
export function jobIn(state: JobState, target: JobTarget = ASSIGNED): Job {
  const queued = newJob({ target });
  const held = { heldBy: 'nypd', claimedBy: BY, claimedAt: NOW };
  const run = { startedAt: NOW, serviceEventId: 'service-event-1' };
  switch (state) {
    case 'QUEUED':
      return queued;
    case 'CLAIMED':
      return { ...queued, ...held, state, startedAt: null, serviceEventId: null, completedAt: null, canceledAt: null };
    case 'STARTED':
      return { ...queued, ...held, ...run, state, completedAt: null, canceledAt: null };
    case 'COMPLETED':
      return { ...queued, ...held, ...run, state, completedAt: NOW, canceledAt: null };
    case 'CANCELED':
      return { ...queued, ...held, ...run, state, completedAt: null, canceledAt: NOW };
  }
}

export const SUBMISSION: SubmitRequest = {
  type: 'submit',
  now: NOW,
  by: BY,
  ids: { request: 'request-1', intake: 'intake-1', task: 'task-1', actor: 'actor-new' },
  surface: 'municipal',
  what: given('loud music'),
  channel: 'PHONE',
  actor: { reference: given('caller-4711'), kind: 'PERSON', name: given('Ana'), contact: given('ana@example.org') },
  contact: given('ana@example.org, for the intake'),
  origin: 'ACTOR',
  category: 'Noise',
  location: {
    address: '865 Example Avenue',
    city: 'NEW YORK',
    postalCode: '10025',
    region: null,
    latitude: 40.79692992181987,
    longitude: -73.96455113216999,
    personal: personal('the place'),
  },
  attributes: [{ name: 'location_type', value: given('Street') }],
  routingOrigin: 'nypd',
  addressedTo: null,
  dueAt: LATER,
};
