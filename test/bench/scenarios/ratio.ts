import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createLogger } from '@qtm/service-kit/process';
import { runCommand } from '../../../infra/service-kit/src/command/run.ts';
import { createPool } from '../../../infra/service-kit/src/database/pool.ts';
import { chassisHere, newTrace } from '../../harness/in-process.ts';
import { loadService } from '../../harness/services.ts';
import { sessionOf } from '../../harness/sessions.ts';
import { type Clones, cloneJobs } from '../clones.ts';
import { Graph } from '../graph.ts';
import type { Measured } from '../load.ts';
import { hasPgbench, pgbench } from '../pgbench.ts';
import { recording, type Sent } from '../recorder.ts';
import type { Scenario } from '../scenario.ts';
import { connectTo, relayAtEnd, type World } from '../world.ts';
import { claiming, claims } from './acts.ts';

/** As many as a service has for its requests. */
const CONNECTIONS = 10;

/** The same claim three ways, while the slot is read: its SQL by pgbench, the command in this process, and through the gateway. */
export const ratio: Scenario = {
  about: 'claims as SQL by pgbench, as a command in this process, and through the gateway: the ratios',
  defaults: { rate: 0, clients: 16, seconds: 10, warmup: 5, jobs: 60_000, operators: 100 },
  async run(world, options, measure, log) {
    if (!hasPgbench()) throw new Error('this machine has no pgbench, against which claims are measured here');
    const clones = await cloneJobs(world, options, log);
    const graph = new Graph(world.system.endpoint);
    // Whole rounds of the operators, so that the second half begins with the first of them, too.
    const half = Math.floor(clones.jobs.length / 2 / options.operators) * options.operators;
    const first = { ...clones, jobs: clones.jobs.slice(0, half) };
    const gateway = perSecond(await measure('claims through the gateway', claims(graph, first, 'ratio')));
    await graph.close();
    const { inProcess, recorded } = await commandsHere(world, { ...clones, jobs: clones.jobs.slice(half) }, measure);
    const sql = await sameSql(world, recorded);
    log(`${recorded.length} claims recorded, of ${recorded[0]?.length} statements each; again by pgbench:`);
    log(
      `pgbench          ${sql.perSecond.toFixed(0)}/s at ${sql.latencyMs} ms, ${CONNECTIONS} clients, prepared, pipelined`,
    );
    log(`in this process  ${inProcess.toFixed(0)}/s: ${(inProcess / sql.perSecond).toFixed(2)} of pgbench`);
    log(`through gateway  ${gateway.toFixed(0)}/s: ${(gateway / sql.perSecond).toFixed(2)} of pgbench`);
  },
};

function perSecond({ times, seconds }: Measured): number {
  return (times.get('claimJob')?.totalCount ?? 0) / seconds;
}

/** Claims in this process, over as many connections as a service has; what each sent is kept. */
async function commandsHere(
  world: World,
  clones: Clones,
  measure: Parameters<Scenario['run']>[2],
): Promise<{ readonly inProcess: number; readonly recorded: readonly (readonly Sent[])[] }> {
  await asSuperuser(world, (db) => db.query(REMEMBER));
  const definition = await loadService('jobs');
  const command = definition.commands.find(({ transition }) => transition === 'job.claim');
  if (command === undefined) throw new Error('jobs has no command that claims');
  const url = world.system.databases.get('jobs')?.appUrl ?? '';
  const pool = createPool({ url, name: 'bench', size: CONNECTIONS, logger: createLogger('bench', 'warn') });
  const chassis = await chassisHere(definition, pool, Number.POSITIVE_INFINITY);
  const recorded: (readonly Sent[])[] = [];
  const noting = recording(pool, (sent) => recorded.push(sent));
  const next = claiming(clones, async (jobId, { slug, identityId }) => {
    const input = { idempotencyKey: randomUUID(), jobId, asOperator: slug };
    const payload = await runCommand(chassis, command, input, {
      session: { ...sessionOf(slug), identityId },
      pool: noting,
      trace: newTrace(),
      upToDate: true,
      wrote: () => undefined,
    });
    if (payload.refusal) throw new Error(payload.refusal.code);
  });
  const inProcess = perSecond(await measure('the same command in this process', next));
  await pool.end();
  return { inProcess, recorded };
}

async function asSuperuser<T>(
  world: World,
  work: (db: Awaited<ReturnType<typeof connectTo>>) => Promise<T>,
): Promise<T> {
  const db = await connectTo(world, 'jobs');
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

/** Takes back what was recorded and has pgbench do it again. */
async function sameSql(world: World, recorded: readonly (readonly Sent[])[]) {
  await relayAtEnd(world, 'jobs');
  return asSuperuser(world, async (db) => {
    await db.query(TAKE_BACK);
    await db.query('vacuum (analyze) job, journal, idempotency');
    const url = world.system.databases.get('jobs')?.appUrl ?? '';
    const file = join(world.dataDir, 'claim.pgbench');
    const numbers = (recorded[0] ?? []).map((_, number) => number);
    // The decision lies between the two flights; the second one is the writing statement and its commit.
    return pgbench({ db, url, clients: CONNECTIONS, file }, recorded, [numbers.slice(0, -2), numbers.slice(-2)]);
  });
}

const REMEMBER = `create schema bench;
  create table bench.key as select identity_id, transition, key from idempotency;
  create table bench.job as select id, version, state, published, occurred_at, last_event_id from job where state = 'QUEUED'`;

const TAKE_BACK = `
  update job set version = b.version, state = b.state, published = b.published, occurred_at = b.occurred_at,
    last_event_id = b.last_event_id from bench.job b where b.id = job.id and job.version > b.version;
  delete from journal using bench.job b where aggregate_type = 'job' and aggregate_id = b.id::text and aggregate_version > b.version;
  delete from idempotency i where not exists (
    select 1 from bench.key k where k.identity_id = i.identity_id and k.transition = i.transition and k.key = i.key)`;
