-- The journal is append-only and three things at once: the audit history, the outbox (payload holds the exact bytes for Kafka)
-- and the leaf of a later transparency log. One row per aggregate version. It only ever gains nullable columns.
create table journal (
  event_id            uuid        not null,
  event_type          text        not null,
  aggregate_type      text        not null,
  aggregate_id        text        not null,
  aggregate_version   integer     not null constraint journal_version_from_one check (aggregate_version >= 1),
  transition          text        not null,
  prior_state         text,                      -- null: the aggregate came into being
  new_state           text        not null,
  reason_ref          jsonb,                     -- {ref, hash} of a personal value, never the text
  actor_id            text        not null,
  actor_kind          text        not null constraint journal_actor_kind_known check (actor_kind in ('HUMAN', 'SERVICE', 'AGENT')),
  session_hash        text,                      -- null: no session took part (consequences, the service itself)
  authority           text        not null,      -- the clause that allowed it, or 'consequence'
  matrix_version      text        not null,
  basis               text[]      not null,      -- versions of the foreign facts the decision rested on
  correlation_id      text        not null,
  causation_id        text,                      -- the event this one is a consequence of
  traceparent         text        not null,
  transaction_id      uuid        not null,
  transaction_index   integer     not null,
  transaction_size    integer     not null,
  xid                 xid8        not null default pg_current_xact_id(),
  epoch               integer     not null,
  occurred_at         text        not null,      -- UTC, six fraction digits: text order is time order
  payload             text        not null,
  constraint journal_pkey primary key (event_id),
  -- A race for one version is lost here, whatever the code believes.
  constraint journal_one_row_per_version unique (aggregate_type, aggregate_id, aggregate_version)
);
-- A lost slot is recovered from a transaction horizon.
create index journal_by_xid on journal (xid);

create publication journal for table journal with (publish = 'insert');

-- Ends a statement whose guarded updates did not all find their row, so that nothing of its transaction is kept.
create function guard_held(held boolean) returns boolean language plpgsql as $$
begin
  if not held then
    raise exception 'a guarded update found another version or state' using errcode = 'QT001';
  end if;
  return true;
end $$;

-- Raised after a restore from backup, so that consumers can tell the new facts from the lost ones.
create table epoch (
  singleton boolean primary key default true constraint epoch_single_row check (singleton),
  value     integer not null
);
insert into epoch (value) values (1);

-- One row per accepted command; refusals and errors leave none. The salt is erased with the personal values of the command.
create table idempotency (
  identity_id uuid        not null,
  transition  text        not null,
  key         text        not null,
  salt        bytea,
  input_hash  bytea       not null,
  outcome     jsonb,                             -- null only inside the command's own transaction
  at          timestamptz not null default clock_timestamp(),
  constraint idempotency_pkey primary key (identity_id, transition, key)
);
create index idempotency_by_age on idempotency (at);

-- Values that people may ask to be forgotten. Everything else holds {ref, hash}; erasing deletes value and salt.
create table personal_value (
  ref            uuid  primary key,
  aggregate_type text  not null,
  aggregate_id   text  not null,
  field          text  not null,
  value          text,
  salt           bytea,
  constraint personal_value_erased_whole check ((value is null) = (salt is null))
);
create index personal_value_by_aggregate on personal_value (aggregate_type, aggregate_id);

-- Denied attempts and the matrices that were in force: aggregates of every service.
create table attempt (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null constraint attempt_state_known check (state in ('DENIED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null
);
create table authority_matrix (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint authority_matrix_state_known check (state in ('LOADED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null
);
