-- Which rules apply, and who decided: tasks, assignments, pools, granted roles. Each table is (id, version, state, published, …):
-- `published` is both stored and published state; everything below it is derived from it by the database.

create table task (
  id            uuid    primary key,
  version       integer not null,
  state         text    collate "C" not null
    constraint task_state_known check (state in ('OPEN', 'IN_REVIEW', 'APPROVED', 'REJECTED', 'ASSIGNED', 'CLOSED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  intake_id     uuid    not null generated always as ((published ->> 'intake_id')::uuid) stored,
  assignment_id uuid             generated always as ((published ->> 'assignment_id')::uuid) stored,
  surface       text    collate "C" not null generated always as (published ->> 'surface') stored,
  audience      text    collate "C" not null generated always as (published ->> 'audience') stored,
  -- The operator whose governors govern the task; null where the network does.
  governed_by   text    collate "C" generated always as (published ->> 'operator') stored,
  opened_at     text    collate "C" not null generated always as (published ->> 'opened_at') stored,
  -- Without a due date it counts as latest: a keyset needs a value in every row.
  due_order     text    collate "C" not null generated always as
    (coalesce(published ->> 'due_at', '9999-12-31T23:59:59.999999Z')) stored,
  constraint one_task_per_intake unique (intake_id),
  constraint task_governed_by_its_audience check ((audience = 'OPERATOR') = (governed_by is not null)),
  constraint task_assigned_to_something check (state <> 'ASSIGNED' or assignment_id is not null),
  constraint task_closed_somewhen check ((state = 'CLOSED') = (published ->> 'closed_at' is not null))
);

create table assignment (
  id            uuid    primary key,
  version       integer not null,
  state         text    collate "C" not null
    constraint assignment_state_known check (state in ('ACTIVE', 'WITHDRAWN', 'HANDED_OFF')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  task_id       uuid    not null generated always as ((published ->> 'task_id')::uuid) stored,
  job_id        uuid             generated always as ((published ->> 'job_id')::uuid) stored,
  audience      text    collate "C" not null generated always as (published ->> 'audience') stored,
  governed_by   text    collate "C" generated always as (published ->> 'governed_by') stored,
  assigned_at   text    collate "C" not null generated always as (published ->> 'assigned_at') stored,
  constraint assignment_of_a_task foreign key (task_id) references task (id),
  constraint one_assignment_per_job unique (job_id),
  constraint assignment_handed_off_to_a_job check ((state = 'HANDED_OFF') = (job_id is not null)),
  -- C-23: one operator alone, or a pool.
  constraint assignment_to_an_operator_or_a_pool check (case published ->> 'mode'
    when 'ASSIGNED' then published ->> 'operator' is not null and published ->> 'pool_id' is null
    when 'POOL' then published ->> 'operator' is null and published ->> 'pool_id' is not null
    else false end)
);
create unique index one_active_assignment_per_task on assignment (task_id) where state = 'ACTIVE';

create table pool (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null constraint pool_state_known check (state in ('OPEN')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  name          text    collate "C" not null generated always as (published ->> 'name') stored,
  constraint pool_name_once unique (name)
);

create table pool_member (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint pool_member_state_known check (state in ('ACTIVE', 'REMOVED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  pool_id       uuid    not null generated always as ((published ->> 'pool_id')::uuid) stored,
  operator      text    collate "C" not null generated always as (published ->> 'operator') stored,
  constraint member_of_a_pool foreign key (pool_id) references pool (id),
  constraint member_named_by_its_parts check (id = pool_id::text || ':' || operator)
);

create table role_grant (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint role_grant_state_known check (state in ('ACTIVE', 'REVOKED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  identity_id   text    collate "C" not null generated always as (published ->> 'identity_id') stored,
  granted_at    text    collate "C" not null generated always as (published ->> 'granted_at') stored,
  constraint role_grant_named_by_its_parts check (id = identity_id || ':' || (published ->> 'role'))
);

-- What this service owns bears on authority here as its copies do elsewhere: under the same view and columns.
create or replace view known_aggregate as
  select source, type, id, epoch, version, state, published, unknown from foreign_aggregate
  union all
  select 'governance', 'pool_member', id, (select value from epoch), version, state, published, false from pool_member
  union all
  select 'governance', 'role_grant', id, (select value from epoch), version, state, published, false from role_grant;
