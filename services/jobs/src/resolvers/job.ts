import { actions, byKey, type Context, history, inDetailOf, type Related, rowsOf, sql } from '@qtm/service-kit';
import { jobActions } from '../actions.ts';
import type { JobResolvers } from '../generated/graphql.ts';
import type { VersionedJob } from '../generated/states.ts';
import { actors, intakes, jobs, requests } from '../store.ts';
import { personalParts } from './intake.ts';

/** What a submitter does not see: who does the work, and how it was given out. */
const inDetail = inDetailOf<VersionedJob>(jobs);

/** Records of jobs as workflow told them: the sealed one, then each correction. */
const recordsOfJob: Related<readonly { readonly id: string }[]> = {
  name: 'records of a job',
  none: [],
  async read({ db }, ids) {
    const rows = await rowsOf<{ id: string; job_id: string }>(
      db,
      sql`select id, published ->> 'job_id' as job_id from foreign_aggregate
        where source = 'workflow' and type = 'record' and published ->> 'job_id' = any(${[...ids]}::text[])
        order by published ->> 'sealed_at', id`,
    );
    return Map.groupBy(rows, (row) => row.job_id);
  },
};

async function snapshotOf({ id, intakeSnapshot: snapshot }: VersionedJob, context: Context) {
  const parts = personalParts(snapshot, (ref) => context.personal(jobs, id, ref));
  const [what, location, contact, attributes] = await Promise.all([
    parts.what(),
    parts.location(),
    parts.contact(),
    parts.attributes(),
  ]);
  return {
    ...snapshot,
    what,
    location,
    contact,
    attributes,
    actor: await context.load(actors, snapshot.actorId),
    addressedTo: byKey('slug', snapshot.addressedTo),
    submittedBy: byKey('id', snapshot.submittedBy),
  };
}

export const Job: JobResolvers = {
  __resolveReference: ({ id }, context) => context.load(jobs, id),
  intake: (job, _, context) => context.load(intakes, job.intakeId),
  request: (job, _, context) => context.load(requests, job.requestId),
  task: (job) => byKey('id', job.taskId),
  pack: (job) => byKey('id', `${job.surface}:${job.packVersion}`),
  serviceEvent: (job) => byKey('id', job.serviceEventId),
  records: (job, _, context) => context.related(recordsOfJob, job.id),
  assignment: inDetail((job) => byKey('id', job.assignmentId)),
  mode: inDetail((job) => job.mode),
  operator: inDetail((job) => byKey('slug', job.operator)),
  pool: inDetail((job) => byKey('id', job.poolId)),
  heldBy: inDetail((job) => byKey('slug', job.heldBy)),
  claimedBy: inDetail((job) => byKey('id', job.claimedBy)),
  reworkOf: inDetail((job, context) => context.load(jobs, job.reworkOf)),
  selfGoverned: inDetail((job) => job.selfGoverned),
  audience: inDetail((job) => job.audience),
  intakeSnapshot: inDetail(snapshotOf),
  actions: inDetail((job, context) => actions(jobActions)(job, {}, context)),
  history: history(jobs),
};
