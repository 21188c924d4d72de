import { audiencesOf, GOVERNS, SEES, viewerOf } from '@qtm/relations';
import {
  type Context,
  type Ground,
  listOf,
  mapNodes,
  rowsOf,
  type Sql,
  sql,
  texts,
  uuids,
  whereGiven,
} from '@qtm/service-kit';
import type { Job } from '../domain/job.ts';
import type {
  IntakeFilter,
  JobFilter,
  QueryIntakesArgs,
  QueryJobsArgs,
  QueryRequestsArgs,
} from '../generated/graphql.ts';
import { intakes, jobs, requests } from '../store.ts';

/** Surfaces are known by the packs that were published for them. */
export async function surfacesOf({ db }: Pick<Context, 'db'>): Promise<readonly string[]> {
  const rows = await rowsOf<{ surface: string }>(
    db,
    sql`select distinct published ->> 'surface' as surface from known_aggregate where source = 'workflow' and type = 'pack'`,
  );
  return rows.map((row) => row.surface);
}

async function poolsOf({ db }: Pick<Context, 'db'>, operators: readonly string[]): Promise<readonly string[]> {
  if (operators.length === 0) return [];
  const rows = await rowsOf<{ pool_id: string }>(
    db,
    sql`select distinct published ->> 'pool_id' as pool_id from known_aggregate where source = 'governance'
      and type = 'pool_member' and state = 'ACTIVE' and not unknown and published ->> 'operator' = any(${[...operators]})`,
  );
  return rows.map((row) => row.pool_id);
}

const PHASES: Readonly<Record<Job['state'], string>> = {
  QUEUED: 'LIVE',
  CLAIMED: 'LIVE',
  STARTED: 'LIVE',
  COMPLETED: 'COMPLETED',
  CANCELED: 'CANCELED',
};

/** On what a session sees jobs, each in the order of an index (`migrations/0002-lists.sql`). */
export async function jobGrounds(context: Context, filter: JobFilter): Promise<readonly Ground[]> {
  const viewer = await viewerOf(context);
  const active = viewer.activeOperators(SEES);
  const surfaces = filter.surface == null ? await surfacesOf(context) : [filter.surface];
  const states = filter.states ?? (Object.keys(PHASES) as Job['state'][]);
  const phases = [...new Set(states.map((state) => PHASES[state]))];
  const phase = texts('phase', phases);
  return [
    [texts('worker', active), phase],
    [uuids('claimable_pool', phases.includes('LIVE') ? await poolsOf(context, active) : [])],
    [texts('surface', surfaces), texts('audience', audiencesOf(viewer)), phase],
    [texts('governed_by', viewer.operators(GOVERNS)), phase],
    [uuids('submitted_by', asksForDetail(filter) ? [] : [viewer.identityId]), phase],
  ];
}

/** A submitter does not see who does the work, nor how it was given out; so no filter may find that out. */
function asksForDetail({ operator, mode, poolId }: JobFilter): boolean {
  return operator != null || mode != null || poolId != null;
}

export function jobPredicates(filter: JobFilter): readonly Sql[] {
  return [
    ...whereGiven(filter.states, (states) => sql`state = any(${[...states]})`),
    ...whereGiven(filter.surface, (surface) => sql`surface = ${surface}`),
    ...whereGiven(filter.mode, (mode) => sql`published ->> 'mode' = ${mode}`),
    ...whereGiven(filter.operator, (operator) => sql`worker = ${operator}`),
    ...whereGiven(filter.poolId, (pool) => sql`claimable_pool = ${pool}`),
    ...whereGiven(filter.taskId, (task) => sql`task_id = ${task}`),
    ...whereGiven(filter.category, (category) => sql`published -> 'intake_snapshot' ->> 'category' = ${category}`),
    ...whereGiven(filter.dueBefore, (before) => sql`published ->> 'due_at' < ${before}`),
    ...whereGiven(filter.createdFrom, (from) => sql`created_at >= ${from}`),
    ...whereGiven(filter.createdBefore, (before) => sql`created_at < ${before}`),
  ];
}

export async function listJobs(context: Context, args: QueryJobsArgs) {
  const filter = args.filter ?? {};
  return listOf<Job>(context, {
    of: jobs,
    grounds: await jobGrounds(context, filter),
    where: jobPredicates(filter),
    orderBy: args.sort?.field === 'DUE_AT' ? 'due_order' : 'created_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { filter },
  });
}

/** On what a session sees intakes, and with them their requests. */
async function intakeGrounds(context: Context, surface: string | null | undefined, phases: readonly string[]) {
  const viewer = await viewerOf(context);
  const phase = texts('phase', phases);
  const ofJobs = sql`select distinct intake_id from job where worker = any(${[...viewer.activeOperators(SEES)]})`;
  const surfaces = surface == null ? await surfacesOf(context) : [surface];
  return [
    [uuids('submitted_by', [viewer.identityId]), phase],
    [texts('surface', surfaces), texts('audience', viewer.hasAnyRole('admin_governor') ? ['ADMIN'] : []), phase],
    [texts('governed_by', viewer.operators(GOVERNS)), phase],
    [uuids('id', ofJobs), phase],
  ];
}

const PHASES_OF_INTAKES = ['OPEN', 'CLOSED'];

function phasesOf(states: IntakeFilter['states']): readonly string[] {
  if (states == null) return PHASES_OF_INTAKES;
  return [...new Set(states.map((state) => (state === 'CLOSED' ? 'CLOSED' : 'OPEN')))];
}

export async function listIntakes(context: Context, args: QueryIntakesArgs) {
  const filter = args.filter ?? {};
  return listOf(context, {
    of: intakes,
    grounds: await intakeGrounds(context, filter.surface, phasesOf(filter.states)),
    where: [
      ...whereGiven(filter.states, (states) => sql`state = any(${[...states]})`),
      ...whereGiven(filter.surface, (surface) => sql`surface = ${surface}`),
      ...whereGiven(filter.channel, (channel) => sql`published ->> 'channel' = ${channel}`),
      ...whereGiven(filter.category, (category) => sql`published ->> 'category' = ${category}`),
      ...whereGiven(filter.routingOrigin, (slug) => sql`published ->> 'routing_origin' = ${slug}`),
      ...whereGiven(filter.receivedFrom, (from) => sql`received_at >= ${from}`),
      ...whereGiven(filter.receivedBefore, (before) => sql`received_at < ${before}`),
    ],
    orderBy: args.sort?.field === 'DUE_AT' ? 'due_order' : 'received_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { filter },
  });
}

/** A request is one to one with its intake, of the same time, submitter and surface: the list walks the intakes. */
export async function listRequests(context: Context, args: QueryRequestsArgs) {
  const filter = args.filter ?? {};
  const mine = args.mine ?? false;
  const own: Ground = [uuids('submitted_by', [context.session.identityId]), texts('phase', PHASES_OF_INTAKES)];
  const page = await listOf(context, {
    of: intakes,
    grounds: mine ? [own] : await intakeGrounds(context, filter.surface, PHASES_OF_INTAKES),
    where: [
      ...whereGiven(filter.surface, (surface) => sql`surface = ${surface}`),
      ...whereGiven(filter.channel, (channel) => sql`published ->> 'channel' = ${channel}`),
      ...whereGiven(filter.origin, (origin) => sql`published ->> 'origin' = ${origin}`),
      ...whereGiven(filter.routingOrigin, (slug) => sql`published ->> 'routing_origin' = ${slug}`),
      ...whereGiven(filter.actorId, (actor) => sql`actor_id = ${actor}`),
      ...whereGiven(filter.submittedFrom, (from) => sql`received_at >= ${from}`),
      ...whereGiven(filter.submittedBefore, (before) => sql`received_at < ${before}`),
    ],
    orderBy: 'received_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { list: 'requests', mine, filter },
  });
  return mapNodes(page, (intake) => context.load(requests, intake.requestId));
}
