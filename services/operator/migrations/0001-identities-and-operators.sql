-- Who is acting: identities, operators, and what identities are to operators. Each table is (id, version, state, published, …):
-- `published` is both stored and published state; everything below it is derived from it by the database.
-- Ids are text here, those of identities too: other tables and views compare them as text, and an index serves only its own type.

create table identity (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint identity_state_known check (state in ('ACTIVE', 'SUSPENDED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  registered_at text    collate "C" not null generated always as (published ->> 'registered_at') stored,
  constraint identity_id_is_a_uuid check (id = (id::uuid)::text)
);

create table operator (
  id            text    primary key,
  version       integer not null,
  state         text    not null
    constraint operator_state_known check (state in ('ONBOARDING', 'ACTIVE', 'SUSPENDED', 'RETIRED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  holder_identity_id text collate "C" not null generated always as (published ->> 'holder_identity_id') stored,
  onboarded_at  text    collate "C" not null generated always as (published ->> 'onboarded_at') stored,
  -- What an eye takes for the same: 0 for o, 1 and l for i, 5 for s, rn for m, vv for w, and a hyphen for nothing.
  skeleton      text    collate "C" not null generated always as
    (translate(replace(replace(replace(id, '-', ''), 'rn', 'm'), 'vv', 'w'), '01l5', 'oiis')) stored,
  constraint operator_slug_form check (id ~ '^[a-z](-?[a-z0-9])*$' and length(id) between 3 and 40),
  constraint operator_looks_like_no_other unique (skeleton),
  constraint operator_held_by_an_identity foreign key (holder_identity_id) references identity (id),
  constraint operator_activated_somehow check
    (state in ('ONBOARDING', 'RETIRED') or published ->> 'activated_by' is not null),
  -- Two people take part in every operator's entry, whatever the code believes.
  constraint operator_activated_by_another check (published ->> 'activated_by' <> published ->> 'onboarded_by')
);

create table delegation (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint delegation_state_known check (state in ('ACTIVE', 'REVOKED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  operator      text    collate "C" not null generated always as (published ->> 'operator') stored,
  identity_id   text    collate "C" not null generated always as (published ->> 'identity_id') stored,
  delegated_at  text    collate "C" not null generated always as (published ->> 'delegated_at') stored,
  constraint delegation_of_an_operator foreign key (operator) references operator (id),
  constraint delegation_to_an_identity foreign key (identity_id) references identity (id),
  constraint delegation_named_by_its_parts check (id = operator || ':' || identity_id || ':' || (published ->> 'power'))
);

create table workspace_membership (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint workspace_membership_state_known check (state in ('ACTIVE', 'REMOVED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  operator      text    collate "C" not null generated always as (published ->> 'operator') stored,
  identity_id   text    collate "C" not null generated always as (published ->> 'identity_id') stored,
  added_at      text    collate "C" not null generated always as (published ->> 'added_at') stored,
  constraint membership_of_an_operator foreign key (operator) references operator (id),
  constraint membership_of_an_identity foreign key (identity_id) references identity (id),
  constraint membership_named_by_its_parts check (id = operator || ':' || identity_id)
);

-- What this service owns bears on authority here as its copies do elsewhere: under the same view and columns.
create or replace view known_aggregate as
  select source, type, id, epoch, version, state, published, unknown from foreign_aggregate
  union all
  select 'operator', 'identity', id, (select value from epoch), version, state, published, false from identity
  union all
  select 'operator', 'operator', id, (select value from epoch), version, state, published, false from operator
  union all
  select 'operator', 'delegation', id, (select value from epoch), version, state, published, false from delegation
  union all
  select 'operator', 'workspace_membership', id, (select value from epoch), version, state, published, false
    from workspace_membership;
