-- Actor → Request → Intake → Job. Each table is (id, version, state, published, …): `published` is both stored and published state;
-- everything below it is derived from it by the database and can never say something else.
-- Instants are text of a fixed form and compared by byte (collate "C"), so text order is time order.

create table actor (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null constraint actor_state_known check (state in ('REGISTERED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null
);

-- Finds the actor again by the submitting identity's own name for it. That name is personal: here is only its digest, which makes
-- keys short and even, and this table stands on the personal side beside personal_value: erasing an actor deletes its row, after
-- which the same name makes a new actor. Insert-only at run time until the erasing command comes with its grant.
create table actor_reference (
  identity_id      uuid  not null,
  reference_digest bytea not null,          -- sha256 of the UTF-8 bytes
  actor_id         uuid  not null,
  constraint one_actor_per_reference primary key (identity_id, reference_digest),
  -- The row is taken before anything is decided, so that of two first requests one waits for the other; hence deferred.
  constraint actor_reference_of_an_actor foreign key (actor_id) references actor (id) deferrable initially deferred
);
-- Erasing starts from the actor.
create index actor_reference_by_actor on actor_reference (actor_id);

create table request (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null constraint request_state_known check (state in ('CONVERTED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  actor_id      uuid    not null generated always as ((published ->> 'actor_id')::uuid) stored,
  intake_id     uuid    not null generated always as ((published ->> 'intake_id')::uuid) stored,
  constraint one_request_per_intake unique (intake_id),
  constraint request_of_an_actor foreign key (actor_id) references actor (id)
);

create table intake (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null
    constraint intake_state_known check (state in ('RECEIVED', 'TASKED', 'IN_PROGRESS', 'RECORDED', 'CLOSED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  request_id    uuid    not null generated always as ((published ->> 'request_id')::uuid) stored,
  actor_id      uuid    not null generated always as ((published ->> 'actor_id')::uuid) stored,
  task_id       uuid    not null generated always as ((published ->> 'task_id')::uuid) stored,
  submitted_by  uuid    not null generated always as ((published ->> 'submitted_by')::uuid) stored,
  surface       text    collate "C" not null generated always as (published ->> 'surface') stored,
  audience      text    collate "C"          generated always as (published ->> 'audience') stored,
  -- The operator whose governors govern the task; null where the network does, or nobody yet.
  governed_by   text    collate "C" generated always as
    (case when published ->> 'audience' = 'OPERATOR' then published ->> 'addressed_to' end) stored,
  phase         text    collate "C" not null generated always as (case state when 'CLOSED' then 'CLOSED' else 'OPEN' end) stored,
  received_at   text    collate "C" not null generated always as (published ->> 'received_at') stored,
  -- Without a due date it counts as latest: a keyset needs a value in every row.
  due_order     text    collate "C" not null generated always as
    (coalesce(published ->> 'due_at', '9999-12-31T23:59:59.999999Z')) stored,
  constraint one_intake_per_request unique (request_id),
  constraint one_intake_per_task unique (task_id),
  -- What a job refers to: an intake together with its task.
  constraint intake_and_its_task unique (id, task_id),
  constraint intake_of_a_request foreign key (request_id) references request (id),
  constraint intake_of_an_actor foreign key (actor_id) references actor (id),
  constraint intake_closed_somehow check ((state = 'CLOSED') = (published ->> 'closure' is not null))
) with (fillfactor = 70);                   -- as job
-- Both are inserted by one statement, and a foreign key is looked at when its statement ends.
alter table request add constraint request_of_an_intake foreign key (intake_id) references intake (id);

create table job (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null
    constraint job_state_known check (state in ('QUEUED', 'CLAIMED', 'STARTED', 'COMPLETED', 'CANCELED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  intake_id     uuid    not null generated always as ((published ->> 'intake_id')::uuid) stored,
  task_id       uuid    not null generated always as ((published ->> 'task_id')::uuid) stored,
  assignment_id uuid    not null generated always as ((published ->> 'assignment_id')::uuid) stored,
  rework_of     uuid             generated always as ((published ->> 'rework_of')::uuid) stored,
  service_event_id uuid          generated always as ((published ->> 'service_event_id')::uuid) stored,
  submitted_by  uuid    not null generated always as ((published -> 'intake_snapshot' ->> 'submitted_by')::uuid) stored,
  surface       text    collate "C" not null generated always as (published ->> 'surface') stored,
  audience      text    collate "C" not null generated always as (published ->> 'audience') stored,
  governed_by   text    collate "C" generated always as
    (case when published ->> 'audience' = 'OPERATOR' then published -> 'intake_snapshot' ->> 'addressed_to' end) stored,
  operator      text    collate "C" generated always as (published ->> 'operator') stored,
  pool_id       uuid             generated always as ((published ->> 'pool_id')::uuid) stored,
  held_by       text    collate "C" generated always as (published ->> 'held_by') stored,
  -- The operator that works on it or alone may: what an operator's own list is made of.
  worker        text    collate "C" generated always as (coalesce(published ->> 'held_by', published ->> 'operator')) stored,
  -- The pool whose members may claim it: only as long as it waits.
  claimable_pool uuid            generated always as
    (case state when 'QUEUED' then (published ->> 'pool_id')::uuid end) stored,
  phase         text    collate "C" not null generated always as
    (case state when 'COMPLETED' then 'COMPLETED' when 'CANCELED' then 'CANCELED' else 'LIVE' end) stored,
  created_at    text    collate "C" not null generated always as (published ->> 'created_at') stored,
  due_order     text    collate "C" not null generated always as
    (coalesce(published ->> 'due_at', '9999-12-31T23:59:59.999999Z')) stored,

  -- T-SP-01: no job without an intake and the very task of that intake.
  constraint job_of_an_intake_and_its_task foreign key (intake_id, task_id) references intake (id, task_id),
  constraint one_job_per_assignment unique (assignment_id),
  constraint one_job_per_service_event unique (service_event_id),
  constraint rework_of_a_job foreign key (rework_of) references job (id),
  constraint job_reworked_once unique (rework_of),
  -- C-23: one operator alone, or a pool.
  constraint job_assigned_or_pooled check (case published ->> 'mode'
    when 'ASSIGNED' then operator is not null and pool_id is null
    when 'POOL' then operator is null and pool_id is not null
    else false end),
  constraint job_held_by_its_assignee check (held_by is null or operator is null or held_by = operator),
  constraint job_held_from_the_claim_on check (case state
    when 'QUEUED' then held_by is null
    when 'CANCELED' then true
    else held_by is not null end),
  constraint job_run_from_the_start_on check (case state
    when 'QUEUED' then service_event_id is null
    when 'CLAIMED' then service_event_id is null
    when 'CANCELED' then true
    else service_event_id is not null end)
-- No index holds the state: what the claim of an assigned job changes is in none, so its new row stays on its page and no index is
-- written (HOT), however many there are. That needs room on the page.
) with (fillfactor = 70);
-- C-28: another job only after a canceled one. It also finds the live or completed job of an intake.
create unique index one_job_per_intake_but_canceled on job (intake_id) where phase <> 'CANCELED';

-- Requests and actors never change.
revoke update on actor, actor_reference, request from :"app";
