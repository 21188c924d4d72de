import { audiencesOf, GOVERNS, SEES, viewerOf } from '@qtm/relations';
import { type Context, type Ground, listOf, rowsOf, sql, texts, uuids, whereGiven } from '@qtm/service-kit';
import type { ServiceEvent } from '../domain/service-event.ts';
import type {
  QueryPacksArgs,
  QueryRecordsArgs,
  QueryServiceEventsArgs,
  RecordFilter,
  ServiceEventFilter,
} from '../generated/graphql.ts';
import { packs, records, serviceEvents } from '../store.ts';

async function surfacesOf({ db }: Context): Promise<readonly string[]> {
  const rows = await rowsOf<{ surface: string }>(db, sql`select distinct surface from pack`);
  return rows.map((row) => row.surface);
}

/** On what a session sees executions and records, each in the order of an index (`migrations/0002-lists.sql`). */
async function groundsOf(
  context: Context,
  filter: ServiceEventFilter & RecordFilter,
  phase: Ground,
): Promise<readonly Ground[]> {
  const viewer = await viewerOf(context);
  const surfaces = filter.surface == null ? await surfacesOf(context) : [filter.surface];
  return [
    [texts('operator', viewer.activeOperators(SEES)), ...phase],
    [texts('surface', surfaces), texts('audience', audiencesOf(viewer)), ...phase],
    [texts('governed_by', viewer.operators(GOVERNS)), ...phase],
    [uuids('submitted_by', asksForDetail(filter) ? [] : [viewer.identityId]), ...phase],
  ];
}

/** What a submitter does not see cannot be found out by filtering for it either. */
function asksForDetail({ operator, stage, outcome }: ServiceEventFilter & RecordFilter): boolean {
  return operator != null || stage != null || outcome != null;
}

const PHASES: Readonly<Record<ServiceEvent['state'], string>> = {
  STARTED: 'LIVE',
  IN_STAGE: 'LIVE',
  COMPLETED: 'COMPLETED',
  ABORTED: 'ABORTED',
};

function phasesOf({ states }: ServiceEventFilter): readonly string[] {
  return [...new Set((states ?? (Object.keys(PHASES) as ServiceEvent['state'][])).map((state) => PHASES[state]))];
}

export async function listServiceEvents(context: Context, args: QueryServiceEventsArgs) {
  const filter = args.filter ?? {};
  return listOf(context, {
    of: serviceEvents,
    grounds: await groundsOf(context, filter, [texts('phase', phasesOf(filter))]),
    where: [
      ...whereGiven(filter.states, (states) => sql`state = any(${[...states]})`),
      ...whereGiven(filter.surface, (surface) => sql`surface = ${surface}`),
      ...whereGiven(filter.operator, (operator) => sql`operator = ${operator}`),
      ...whereGiven(filter.stage, (stage) => sql`stage = ${stage}`),
      ...whereGiven(filter.outcome, (outcome) => sql`outcome = ${outcome}`),
      ...whereGiven(filter.jobId, (job) => sql`job_id = ${job}`),
      ...whereGiven(filter.intakeId, (intake) => sql`intake_id = ${intake}`),
      ...whereGiven(filter.taskId, (task) => sql`task_id = ${task}`),
      ...whereGiven(filter.startedFrom, (from) => sql`started_at >= ${from}`),
      ...whereGiven(filter.startedBefore, (before) => sql`started_at < ${before}`),
      ...whereGiven(filter.completedFrom, (from) => sql`published ->> 'completed_at' >= ${from}`),
      ...whereGiven(filter.completedBefore, (before) => sql`published ->> 'completed_at' < ${before}`),
    ],
    orderBy: args.sort?.field === 'COMPLETED_AT' ? 'completed_order' : 'started_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { filter },
  });
}

export async function listRecords(context: Context, args: QueryRecordsArgs) {
  const filter = args.filter ?? {};
  return listOf(context, {
    of: records,
    grounds: await groundsOf(context, filter, []),
    where: [
      ...whereGiven(filter.surface, (surface) => sql`surface = ${surface}`),
      ...whereGiven(filter.operator, (operator) => sql`operator = ${operator}`),
      ...whereGiven(filter.outcome, (outcome) => sql`outcome = ${outcome}`),
      ...whereGiven(filter.serviceEventId, (serviceEvent) => sql`service_event_id = ${serviceEvent}`),
      ...whereGiven(filter.jobId, (job) => sql`job_id = ${job}`),
      ...whereGiven(filter.intakeId, (intake) => sql`intake_id = ${intake}`),
      ...whereGiven(filter.taskId, (task) => sql`task_id = ${task}`),
      ...whereGiven(filter.current, (current) => {
        const superseded = sql`exists (select 1 from record later where later.supersedes = record.id)`;
        return current ? sql`not ${superseded}` : superseded;
      }),
      ...whereGiven(filter.sealedFrom, (from) => sql`sealed_at >= ${from}`),
      ...whereGiven(filter.sealedBefore, (before) => sql`sealed_at < ${before}`),
    ],
    orderBy: 'sealed_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { filter },
  });
}

const newestOfItsSurface = sql`not exists (select 1 from pack newer
  where newer.surface = pack.surface and newer.pack_version > pack.pack_version)`;

export function listPacks(context: Context, args: QueryPacksArgs) {
  const filter = args.filter ?? {};
  return listOf(context, {
    of: packs,
    grounds: [[]],
    where: [
      ...whereGiven(filter.surface, (surface) => sql`surface = ${surface}`),
      ...whereGiven(filter.newest, (newest) => (newest ? newestOfItsSurface : sql`not ${newestOfItsSurface}`)),
    ],
    orderBy: args.sort?.field === 'PUBLISHED_AT' ? 'published_at' : 'surface_order',
    descending: args.sort?.direction === 'DESC',
    args,
    binding: { filter },
  });
}

/** The version of a surface's pack that was asked for, or its newest. */
export async function packOf(context: Context, surface: string, version: number | null | undefined) {
  const [row] = await rowsOf<{ id: string }>(
    context.db,
    sql`select id from pack where surface = ${surface} and pack_version = coalesce(${version ?? null}, pack_version)
      order by pack_version desc limit 1`,
  );
  return row === undefined ? null : context.load(packs, row.id);
}
