import { cloneJobs } from '../clones.ts';
import { openReader } from '../measure/reader.ts';
import type { Scenario } from '../scenario.ts';
import { connectTo } from '../world.ts';

const BATCHES_PER_SECOND = 10;

/** Facts as journal rows that are written in batches, not by commands: how much relay, broker and followers can carry. */
export const rows: Scenario = {
  about: 'facts as journal rows written in batches by SQL, not by commands; --rate is facts per second',
  defaults: { rate: 5_000, jobs: 1_000, operators: 10 },
  async run(world, options, measure, log) {
    await cloneJobs(world, options, log);
    const db = await connectTo(world, 'jobs');
    await db.query(TEMPLATE);
    const batch = Math.ceil(options.rate / BATCHES_PER_SECOND);
    const next = () => ({
      name: `batch of ${batch} facts`,
      run: async () => {
        await db.query(FACTS, [batch]);
      },
    });
    const reader = await openReader(world, 'jobs');
    await measure('facts as journal rows', next, { rate: options.rate === 0 ? 0 : BATCHES_PER_SECOND, clients: 1 });
    log(await reader.close());
    await db.end();
  },
};

/** The fact that brought a job into being. */
const TEMPLATE = `
  create temporary table template as
    select * from journal where aggregate_type = 'job' and aggregate_version = 1 order by occurred_at limit 1`;

/** Copies of it, each of a job of its own and of this moment. */
const FACTS = `
  with made as materialized (
    select gen_random_uuid() as event_id, gen_random_uuid()::text as id, gen_random_uuid() as transaction_id,
        to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from generate_series(1, $1::integer))
  insert into journal (event_id, event_type, aggregate_type, aggregate_id, aggregate_version, transition, prior_state, new_state,
    actor_id, actor_kind, session_hash, authority, matrix_version, basis, correlation_id, causation_id, traceparent,
    transaction_id, transaction_index, transaction_size, epoch, occurred_at, payload)
  select m.event_id, t.event_type, t.aggregate_type, m.id, 1, t.transition, t.prior_state, t.new_state, t.actor_id, t.actor_kind,
    t.session_hash, t.authority, t.matrix_version, t.basis, t.correlation_id, t.causation_id, t.traceparent, m.transaction_id, 0, 1,
    t.epoch, m.at,
    replace(replace(replace(t.payload, t.aggregate_id, m.id), t.event_id::text, m.event_id::text), t.occurred_at, m.at)
  from made m, template t`;
