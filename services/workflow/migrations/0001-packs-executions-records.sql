-- Pack → ServiceEvent → Evidence → Record. Each table is (id, version, state, published, …): `published` is both stored and
-- published state; everything below it is derived from it by the database and can never say something else.
-- Instants are text of a fixed form and compared by byte (collate "C"), so text order is time order.

create table pack (
  id            text    primary key,
  version       integer not null,          -- of the row: always 1
  state         text    not null constraint pack_state_known check (state in ('PUBLISHED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  surface       text    collate "C" not null generated always as (published ->> 'surface') stored,
  pack_version  integer not null generated always as ((published ->> 'version')::integer) stored,
  published_at  text    collate "C" not null generated always as (published ->> 'published_at') stored,
  -- Surface, then version, as one text for a keyset: versions have at most six digits.
  surface_order text    collate "C" not null generated always as
    ((published ->> 'surface') || ':' || lpad(published ->> 'version', 6, '0')) stored,
  -- Also finds the newest version of a surface. A version that changed is refused at start, before it comes to this.
  constraint one_pack_per_surface_and_version unique (surface, pack_version),
  constraint pack_named_by_surface_and_version check (id = surface || ':' || pack_version)
);

create table service_event (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null
    constraint service_event_state_known check (state in ('STARTED', 'IN_STAGE', 'COMPLETED', 'ABORTED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  job_id        uuid    not null generated always as ((published ->> 'job_id')::uuid) stored,
  intake_id     uuid    not null generated always as ((published ->> 'intake_id')::uuid) stored,
  task_id       uuid    not null generated always as ((published ->> 'task_id')::uuid) stored,
  record_id     uuid             generated always as ((published ->> 'record_id')::uuid) stored,
  submitted_by  uuid    not null generated always as ((published ->> 'submitted_by')::uuid) stored,
  operator      text    collate "C" not null generated always as (published ->> 'operator') stored,
  surface       text    collate "C" not null generated always as (published ->> 'surface') stored,
  audience      text    collate "C" not null generated always as (published ->> 'audience') stored,
  -- The operator whose governors govern the task; null where the network does.
  governed_by   text    collate "C" generated always as (published ->> 'governed_by') stored,
  stage         text    collate "C" not null generated always as (published ->> 'stage') stored,
  outcome       text    collate "C" generated always as (published ->> 'outcome') stored,
  pack_id       text    not null generated always as ((published ->> 'surface') || ':' || (published ->> 'pack_version')) stored,
  completed     boolean not null generated always as (state = 'COMPLETED') stored,
  phase         text    collate "C" not null generated always as
    (case state when 'COMPLETED' then 'COMPLETED' when 'ABORTED' then 'ABORTED' else 'LIVE' end) stored,
  started_at    text    collate "C" not null generated always as (published ->> 'started_at') stored,
  -- Without completion it counts as latest: a keyset needs a value in every row.
  completed_order text  collate "C" not null generated always as
    (coalesce(published ->> 'completed_at', '9999-12-31T23:59:59.999999Z')) stored,

  -- T-SP-07, C-28: of parallel starts one is kept. A repeated consequence finds it, too.
  constraint one_service_event_per_job unique (job_id),
  -- What a record refers to: a completed service event, together with the chain it was of.
  constraint service_event_and_its_chain unique (id, job_id, intake_id, operator, completed),
  constraint service_event_after_a_published_pack foreign key (pack_id) references pack (id),
  constraint service_event_completed_with_outcome_and_record check (completed = (outcome is not null and record_id is not null)),
  constraint service_event_aborted_with_a_reason check
    ((state = 'ABORTED') = (published -> 'abort_reason' is distinct from 'null'::jsonb))
-- No index holds the state or the stage, so that an advance writes none (HOT). That needs room on the page.
) with (fillfactor = 70);

create table evidence (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null constraint evidence_state_known check (state in ('ATTACHED', 'VALIDATED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  service_event_id uuid not null generated always as ((published ->> 'service_event_id')::uuid) stored,
  record_id     uuid             generated always as ((published ->> 'record_id')::uuid) stored,
  attached_at   text    collate "C" not null generated always as (published ->> 'attached_at') stored,
  constraint evidence_of_a_service_event foreign key (service_event_id) references service_event (id),
  -- What one kind consists of is absent from the others.
  constraint evidence_of_one_kind check (case
    when published ->> 'kind' in ('NOTE', 'LOCATION') then published ->> 'sha256' is null and published ->> 'size_bytes' is null
      and published ->> 'media_type' is null and published ->> 'storage_ref' is null
    else published -> 'content' = 'null'::jsonb end),
  -- T-SP-14: what counts is complete, also where a mistake of ours says it is.
  constraint evidence_validated_only_complete check (state = 'ATTACHED' or case
    when published ->> 'kind' in ('NOTE', 'LOCATION') then published -> 'content' <> 'null'::jsonb
    else published ->> 'sha256' is not null and published ->> 'size_bytes' is not null
      and published ->> 'media_type' is not null and published ->> 'storage_ref' is not null end)
);

-- Sealed: see the revoke below.
create table record (
  id            uuid    primary key,
  version       integer not null constraint record_has_one_version check (version = 1),
  state         text    not null constraint record_state_known check (state in ('SEALED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  service_event_id uuid not null generated always as ((published ->> 'service_event_id')::uuid) stored,
  job_id        uuid    not null generated always as ((published ->> 'job_id')::uuid) stored,
  intake_id     uuid    not null generated always as ((published ->> 'intake_id')::uuid) stored,
  task_id       uuid    not null generated always as ((published ->> 'task_id')::uuid) stored,
  supersedes    uuid             generated always as ((published ->> 'supersedes')::uuid) stored,
  submitted_by  uuid    not null generated always as ((published ->> 'submitted_by')::uuid) stored,
  operator      text    collate "C" not null generated always as (published ->> 'operator') stored,
  surface       text    collate "C" not null generated always as (published ->> 'surface') stored,
  audience      text    collate "C" not null generated always as (published ->> 'audience') stored,
  governed_by   text    collate "C" generated always as (published ->> 'governed_by') stored,
  outcome       text    collate "C" not null generated always as (published ->> 'outcome') stored,
  sealed_at     text    collate "C" not null generated always as (published ->> 'sealed_at') stored,
  completed     boolean not null generated always as (true) stored,

  -- T-SP-14, T-SP-29: only of a completed service event, and of the job, intake and operator that one had.
  constraint record_of_a_completed_service_event foreign key (service_event_id, job_id, intake_id, operator, completed)
    references service_event (id, job_id, intake_id, operator, completed),
  -- What a correction refers to: a record together with its service event.
  constraint record_and_its_service_event unique (id, service_event_id),
  constraint correction_within_one_service_event foreign key (supersedes, service_event_id) references record (id, service_event_id),
  -- T-SP-18: corrections form a chain. Of two corrections of one record, one is refused as RECORD_SUPERSEDED.
  constraint record_superseded_once unique (supersedes),
  constraint correction_with_a_reason check
    ((supersedes is not null) = (published -> 'correction_reason' is distinct from 'null'::jsonb)),
  constraint record_hash_of_its_bytes check
    (published ->> 'sha256' = encode(sha256(convert_to(published ->> 'content', 'UTF8')), 'hex'))
);
-- The beginning of the chain: one for each service event. Finds the records of a service event, too, with the index below.
create unique index one_first_record_per_service_event on record (service_event_id) where supersedes is null;

-- Completion writes both rows in one statement, and a foreign key is looked at when its statement ends.
alter table service_event
  add constraint service_event_completed_with_its_record foreign key (record_id, id) references record (id, service_event_id);
alter table evidence
  add constraint evidence_added_by_a_correction foreign key (record_id, service_event_id) references record (id, service_event_id);

-- T-SP-15, T-SP-16: what is sealed, captured or published never changes. Without UPDATE there is no row lock on these either:
-- who must be serialised (corrections, attachments) locks the service event.
revoke update on pack, evidence, record from :"app";
