-- Indexes of the lists. Every list is ordered by (sort key, id) and read by keyset. What a session may see is an OR over several
-- grounds, and an OR cannot walk an index in order; so each ground has an index that begins with what it fixes, then the phase,
-- then the sort key, and a list is one short walk for each value of what is fixed, merged:
--
--   select job.* from unnest($slugs) as w (slug), unnest($phases) as p (phase),
--     lateral (select id, version, published, occurred_at, created_at from job
--       where worker = w.slug and phase = p.phase and state = any ($states) and (created_at, id) > ($after_key, $after_id)
--       order by created_at, id limit $page + 1) as job
--   order by created_at, id limit $page + 1
--
-- It reads page × operators × phases rows whatever the size of the table: the first page is as fast with 1,000,000 jobs as with
-- 10,000. The phase is in the key since the live ones are few among the finished; the state is not, since it changes too often
-- (see job). Filters that are not in a key are tested on the way. A row of two grounds comes twice: distinct by id.

-- Ground: an operator that holds the job or alone may claim it.
create index job_by_worker_created on job (worker, phase, created_at, id) where worker is not null;
create index job_by_worker_due on job (worker, phase, due_order, id) where worker is not null;

-- Ground: a member of the pool that may claim it.
create index job_by_pool_created on job (claimable_pool, created_at, id) where claimable_pool is not null;
create index job_by_pool_due on job (claimable_pool, due_order, id) where claimable_pool is not null;

-- Ground: a role over the network: admin_governor for ADMIN, others for both audiences. Surfaces are few and known by their
-- packs: a list without a surface walks each. The desk of a surface and its counts are the same walk.
create index job_by_surface_created on job (surface, audience, phase, created_at, id);
create index job_by_surface_due on job (surface, audience, phase, due_order, id);

-- Ground: a governor of the operator that was addressed.
create index job_by_governor_created on job (governed_by, phase, created_at, id) where governed_by is not null;
create index job_by_governor_due on job (governed_by, phase, due_order, id) where governed_by is not null;

-- Ground: the submitter.
create index job_by_submitter_created on job (submitted_by, phase, created_at, id);
create index job_by_submitter_due on job (submitted_by, phase, due_order, id);

-- Jobs of an intake, oldest first: its reworks, a trace, a list for one task.
create index job_by_intake on job (intake_id, created_at, id);

-- The same grounds for intakes. A request is one to one with its intake, of the same time, submitter and surface, so lists of
-- requests walk these too. "The operator of its job" walks the worker's jobs and comes here by id.
create index intake_by_submitter_received on intake (submitted_by, phase, received_at, id);
create index intake_by_submitter_due on intake (submitted_by, phase, due_order, id);
create index intake_by_surface_received on intake (surface, audience, phase, received_at, id);
create index intake_by_surface_due on intake (surface, audience, phase, due_order, id);
create index intake_by_governor_received on intake (governed_by, phase, received_at, id) where governed_by is not null;
create index intake_by_governor_due on intake (governed_by, phase, due_order, id) where governed_by is not null;

-- Requests of one actor; and whether an actor is visible, which it is through any of its intakes.
create index intake_by_actor on intake (actor_id, received_at, id);

-- Records of a job, for the job itself and for a trace.
create index foreign_aggregate_record_by_job on foreign_aggregate ((published ->> 'job_id'))
  where source = 'workflow' and type = 'record';

-- The pools that operators are members of: asked for every list and look-up.
create index foreign_aggregate_pool_member_by_operator on foreign_aggregate ((published ->> 'operator'))
  where source = 'governance' and type = 'pool_member';
