import { signToken } from '@qtm/local';
import { identityId } from '@qtm/service-kit/process';
import { Client, Memory } from '../../infra/scripts/replay/client.ts';
import { Latencies } from '../../infra/scripts/replay/latencies.ts';
import { connectTo, relayAtEnd, type World } from './world.ts';

/** Jobs beyond those that came through the system, and who may claim them. */
export interface Clones {
  /** Ids of jobs that wait, in the order in which they were made; job `n` is for operator `n mod operators`. */
  readonly jobs: readonly string[];
  readonly operators: readonly { readonly slug: string; readonly identityId: string; readonly token: string }[];
}

const AT_A_TIME = 10_000;
const TOKEN_SECONDS = 15 * 60;

/**
 * Fills the tables of jobs with copies of one chain that came through the gateway: requests, intakes and jobs that wait, each under
 * ids of its own, for so many operators. They are written by SQL while the service is stopped, not by commands: they have no journal
 * rows, are on no topic, and no other service knows of them.
 */
export async function cloneJobs(
  world: World,
  wanted: { readonly jobs: number; readonly operators: number },
  log: (line: string) => void,
): Promise<Clones> {
  const template = await handedOff(world);
  const service = world.system.services.get('jobs') ?? [];
  await Promise.all(service.map((one) => one.stop()));
  const db = await connectTo(world, 'jobs');
  try {
    const operators = await cloneOperators(world, db, wanted.operators);
    const { rows } = await db.query<{ count: number }>('select count(*)::integer as count from job');
    for (let from = rows[0]?.count ?? 0; from < wanted.jobs; from += AT_A_TIME) {
      await db.query(CLONE, [template, from, Math.min(from + AT_A_TIME, wanted.jobs) - 1, wanted.operators]);
      if (from % (10 * AT_A_TIME) === 0) log(`${from} of ${wanted.jobs} jobs`);
    }
    await db.query('vacuum (analyze) request, intake, job, foreign_aggregate');
    const ids = await db.query<{ id: string; operator: string }>(
      `select id, operator from job where state = 'QUEUED' and operator like 'bench-%' order by created_at, id`,
    );
    return { jobs: inOrderOfOperators(ids.rows, wanted.operators), operators };
  } finally {
    await db.end();
    for (const one of service) await one.start();
    await Promise.all(service.map((one) => one.ready()));
    await relayAtEnd(world, 'jobs');
  }
}

/** A chain through the gateway, up to a job that waits. */
async function handedOff({ system, people, agencies }: World): Promise<string> {
  const client = new Client(system.endpoint, new Latencies());
  const [agency] = agencies.values();
  const memory = new Memory(agency?.tokens);
  const step = <T>(as: World['people']['governor'], field: string, selection: string, input: object) =>
    client.mutate<T>(as, memory, field, selection, { idempotencyKey: `bench:template:${field}`, ...input });
  const { governor, requester } = people;
  const { task } = await step<{ task: { id: string } }>(requester, 'submitRequest', 'task { id }', {
    surface: 'municipal',
    what: 'Noise - Residential: Loud Music/Party',
    channel: 'PHONE',
    category: 'Noise - Residential',
    actor: { reference: 'bench' },
    routingOrigin: agency?.slug,
  });
  const taskId = task.id;
  await step(governor, 'reviewTask', 'task { state }', { taskId, risk: 'LOW' });
  await step(governor, 'approveTask', 'task { state }', { taskId });
  await step(governor, 'assignTask', 'assignment { id }', { taskId, operator: agency?.slug });
  return (await step<{ job: { id: string } }>(governor, 'createJob', 'job { id }', { taskId })).job.id;
}

type Database = Awaited<ReturnType<typeof connectTo>>;

async function cloneOperators(world: World, db: Database, number: number): Promise<Clones['operators']> {
  const { issuer } = world.stack.issuer;
  const people = Array.from({ length: number }, (_, index) => {
    const subject = `bench-holder-${index}`;
    return { slug: slugOf(index), subject, id: identityId(issuer, subject) };
  });
  await db.query(COPIES, [JSON.stringify(people)]);
  return Promise.all(
    people.map(async ({ slug, subject, id }) => {
      return {
        slug,
        identityId: id,
        token: await signToken(world.key, { subject, roles: [], ttlSeconds: TOKEN_SECONDS }),
      };
    }),
  );
}

const slugOf = (index: number) => `bench-${index}`;

/** Job `n` for operator `n mod operators`, whatever the order of ids within one instant. */
function inOrderOfOperators(rows: readonly { id: string; operator: string }[], operators: number): string[] {
  const waiting = Array.from({ length: operators }, (): string[] => []);
  for (const { id, operator } of rows) waiting[Number(operator.slice('bench-'.length))]?.push(id);
  const jobs: string[] = [];
  for (let round = 0; waiting.every((own) => own[round] !== undefined); round++) {
    for (const own of waiting) jobs.push(own[round] as string);
  }
  return jobs;
}

const COPIES = `
  with person as (select * from json_to_recordset($1::json) as p(slug text, id text)),
  identity as (select * from foreign_aggregate where source = 'operator' and type = 'identity' limit 1),
  operator as (select * from foreign_aggregate where source = 'operator' and type = 'operator' and state = 'ACTIVE' limit 1)
  insert into foreign_aggregate (source, type, id, epoch, version, state, published, published_hash, occurred_at, event_id)
  select t.source, t.type, p.id, t.epoch, t.version, t.state, t.published || jsonb_build_object('id', p.id),
      t.published_hash, t.occurred_at, t.event_id from identity t, person p
  union all
  select t.source, t.type, p.slug, t.epoch, t.version, t.state,
      t.published || jsonb_build_object('id', p.slug, 'holder_identity_id', p.id), t.published_hash, t.occurred_at, t.event_id
    from operator t, person p
  on conflict do nothing`;

const CLONE = `
  with template as (
    select j.published as job, i.published as intake, r.published as request, j.occurred_at, j.last_event_id
      from job j join intake i on i.id = j.intake_id join request r on r.id = i.request_id where j.id = $1),
  number as materialized (
    select n, 'bench-' || n % $4 as operator, gen_random_uuid()::text as request_id, gen_random_uuid()::text as intake_id,
        gen_random_uuid()::text as task_id, gen_random_uuid()::text as job_id, gen_random_uuid()::text as assignment_id,
        to_char(timestamp '2026-01-05 00:00' + n * interval '1 ms', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
      from generate_series($2::integer, $3::integer) as n),
  intakes as (
    insert into intake (id, version, state, published, occurred_at, last_event_id)
    select intake_id::uuid, 1, 'TASKED', t.intake || jsonb_build_object('id', intake_id, 'state', 'TASKED', 'request_id', request_id,
        'task_id', task_id, 'received_at', at), t.occurred_at, t.last_event_id from number, template t),
  requests as (
    insert into request (id, version, state, published, occurred_at, last_event_id)
    select request_id::uuid, 1, 'CONVERTED', t.request || jsonb_build_object('id', request_id, 'intake_id', intake_id),
        t.occurred_at, t.last_event_id from number, template t)
  insert into job (id, version, state, published, occurred_at, last_event_id)
  select job_id::uuid, 1, 'QUEUED', t.job || jsonb_build_object('id', job_id, 'state', 'QUEUED', 'intake_id', intake_id,
      'request_id', request_id, 'task_id', task_id, 'assignment_id', assignment_id, 'operator', operator, 'created_at', at,
      'intake_snapshot', t.job -> 'intake_snapshot' || jsonb_build_object('id', intake_id, 'request_id', request_id,
        'task_id', task_id)), t.occurred_at, t.last_event_id from number, template t`;
