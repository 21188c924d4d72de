import { byKey, type Context, history, relatedRows, sql } from '@qtm/service-kit';
import type { PersonalRef } from '@qtm/service-kit/domain';
import type { Job } from '../domain/job.ts';
import type { IntakeSnapshot } from '../domain/snapshot.ts';
import type { ActorResolvers, IntakeLocation, IntakeResolvers, RequestResolvers } from '../generated/graphql.ts';
import type { VersionedIntake } from '../generated/states.ts';
import { actors, intakes, jobs, requests } from '../store.ts';

/** Reads the personal values of what a submission fixed, as far as the session may see them through `of`. */
export function personalParts(
  snapshot: Pick<IntakeSnapshot, 'what' | 'location' | 'contact' | 'attributes'>,
  value: (ref: PersonalRef | null) => Promise<string | null>,
) {
  return {
    what: () => value(snapshot.what),
    contact: () => value(snapshot.contact),
    async location(): Promise<IntakeLocation | null> {
      const text = await value(snapshot.location);
      return text === null ? null : (JSON.parse(text) as IntakeLocation);
    },
    attributes: () =>
      Promise.all(snapshot.attributes.map(async (one) => ({ name: one.name, value: await value(one.value) }))),
  };
}

const partsOf = (intake: VersionedIntake, context: Context) =>
  personalParts(intake, (ref) => context.personal(intakes, intake.id, ref));

/** Jobs of intakes that the session may see, oldest first. */
export const jobsOfIntake = relatedRows<Job>(
  'jobs of an intake',
  (intakeIds, session) => sql`select intake_id as owner, id, version, published, occurred_at from job
    where intake_id = any(${intakeIds}::uuid[]) and (${jobs.visibleTo(session)}) order by created_at, id`,
);

export const Request: RequestResolvers = {
  __resolveReference: ({ id }, context) => context.load(requests, id),
  what: (request, _, context) => context.personal(requests, request.id, request.what),
  actor: (request, _, context) => context.load(actors, request.actorId),
  addressedTo: (request) => byKey('slug', request.addressedTo),
  submittedBy: (request) => byKey('id', request.submittedBy),
  intake: (request, _, context) => context.load(intakes, request.intakeId),
  history: history(requests),
};

export const Intake: IntakeResolvers = {
  __resolveReference: ({ id }, context) => context.load(intakes, id),
  request: (intake, _, context) => context.load(requests, intake.requestId),
  actor: (intake, _, context) => context.load(actors, intake.actorId),
  task: (intake) => byKey('id', intake.taskId),
  pack: (intake) => byKey('id', `${intake.surface}:${intake.packVersion}`),
  what: (intake, _, context) => partsOf(intake, context).what(),
  location: (intake, _, context) => partsOf(intake, context).location(),
  contact: (intake, _, context) => partsOf(intake, context).contact(),
  attributes: (intake, _, context) => partsOf(intake, context).attributes(),
  addressedTo: (intake) => byKey('slug', intake.addressedTo),
  submittedBy: (intake) => byKey('id', intake.submittedBy),
  job: (intake, _, context) => context.load(jobs, intake.jobId),
  jobs: (intake, _, context) => context.related(jobsOfIntake, intake.id),
  history: history(intakes),
};

export const Actor: ActorResolvers = {
  __resolveReference: ({ id }, context) => context.load(actors, id),
  reference: (actor, _, context) => context.personal(actors, actor.id, actor.reference),
  name: (actor, _, context) => context.personal(actors, actor.id, actor.name),
  contact: (actor, _, context) => context.personal(actors, actor.id, actor.contact),
  registeredBy: (actor) => byKey('id', actor.registeredBy),
  history: history(actors),
};
