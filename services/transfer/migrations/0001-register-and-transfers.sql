-- Who holds authority over what, and how it moves: the Governed Register, transfers, their policies, imports. Each table is
-- (id, version, state, published, …): `published` is both stored and published state; everything below it is derived from it by the
-- database. The ids of entries and policies are text as other services' are: an index serves only its own collation.

create table register_entry (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint register_entry_state_known check (state in ('HELD', 'LOCKED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  object_class  text    collate "C" not null generated always as (published ->> 'object_class') stored,
  object_id     text    collate "C" not null generated always as (published ->> 'object_id') stored,
  holder_identity_id text collate "C" not null generated always as (published ->> 'holder_identity_id') stored,
  register_version integer not null generated always as ((published ->> 'register_version')::integer) stored,
  since         text    collate "C" not null generated always as (published ->> 'since') stored,
  constraint register_entry_named_by_its_object check (id = object_class || ':' || object_id),
  -- Only a completed transfer moves the version on from 1; an import takes over how far transfers elsewhere had moved it.
  constraint register_entry_moved_by_a_transfer
    check (published ->> 'set_by' = 'import' or (register_version > 1) = (published ->> 'set_by' = 'transfer'))
);

create table transfer (
  id            uuid    primary key,
  version       integer not null,
  state         text    collate "C" not null constraint transfer_state_known
    check (state in ('proposed', 'accepted', 'completed', 'rejected', 'canceled', 'expired', 'voided')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  object_class  text    collate "C" not null generated always as (published ->> 'object_class') stored,
  object_id     text    collate "C" not null generated always as (published ->> 'object_id') stored,
  entry_id      text    not null generated always as
    ((published ->> 'object_class') || ':' || (published ->> 'object_id')) stored,
  from_identity_id text collate "C" not null generated always as (published ->> 'from_identity_id') stored,
  to_identity_id text   collate "C" not null generated always as (published ->> 'to_identity_id') stored,
  proposed_by   text    collate "C" not null generated always as (published ->> 'proposed_by') stored,
  proposed_at   text    collate "C" not null generated always as (published ->> 'proposed_at') stored,
  from_register_version integer not null generated always as ((published ->> 'from_register_version')::integer) stored,
  -- When it expires as it stands; null where it does not.
  deadline      text    collate "C" generated always as (case state
    when 'proposed' then published -> 'terms' ->> 'proposed_until'
    when 'accepted' then published -> 'terms' ->> 'accepted_until' end) stored,
  constraint transfer_of_an_object foreign key (entry_id) references register_entry (id),
  constraint transfer_to_another check (from_identity_id <> to_identity_id),
  constraint transfer_ended_somewhen
    check ((state in ('proposed', 'accepted')) = (published ->> 'ended_at' is null)),
  constraint transfer_completed_by_somebody check
    (state <> 'completed' or (published ->> 'accepted_by' is not null and published ->> 'ended_by' is not null)),
  constraint transfer_completed_with_a_version
    check ((state = 'completed') = (published ->> 'to_register_version' is not null)),
  -- Under strict terms one identity takes at most one of propose, accept, complete, whatever the code believes.
  constraint transfer_accepted_by_another check (published -> 'terms' ->> 'distinct_actors' = 'literal'
    or published ->> 'imported_from' is not null
    or published ->> 'accepted_by' <> published ->> 'proposed_by'),
  constraint transfer_completed_by_another check (published -> 'terms' ->> 'distinct_actors' = 'literal'
    or published ->> 'imported_from' is not null or state <> 'completed' or published ->> 'waived_by' is not null
    or published ->> 'ended_by' not in (published ->> 'accepted_by', published ->> 'proposed_by'))
);
-- The mutex (S2:51): held by what is proposed or accepted. It cannot go stale.
create unique index one_active_transfer_per_object on transfer (object_class, object_id)
  where state in ('proposed', 'accepted');
-- Of every version of an entry at most one transfer leads on.
create unique index one_completion_per_register_version on transfer (object_class, object_id, from_register_version)
  where state = 'completed';

-- What has ended never changes again, whoever tries.
create function refuse_change_of_ended_transfer() returns trigger language plpgsql as $$
begin
  raise exception 'transfer % has ended and never changes', old.id using errcode = 'restrict_violation';
end $$;
create trigger ended_transfer_is_final before update or delete on transfer for each row
  when (old.state not in ('proposed', 'accepted')) execute function refuse_change_of_ended_transfer();

create table transfer_policy (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint transfer_policy_state_known check (state in ('IN_FORCE')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null
);

create table register_import (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null constraint register_import_state_known check (state in ('OPEN', 'CLOSED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null
);
create unique index one_open_register_import on register_import (state) where state = 'OPEN';

-- What this service owns bears on authority here as its copies do elsewhere: under the same view and columns.
create or replace view known_aggregate as
  select source, type, id, epoch, version, state, published, unknown from foreign_aggregate
  union all
  select 'transfer', 'register_entry', id, (select value from epoch), version, state, published, false from register_entry;
