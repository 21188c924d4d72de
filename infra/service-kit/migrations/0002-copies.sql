-- Copies of other services' aggregates: newest (epoch, version) wins.
create table foreign_aggregate (
  source         text    not null,
  type           text    not null,
  id             text    not null,
  epoch          integer not null,
  version        integer not null,
  state          text    not null,
  published      jsonb   not null,
  published_hash bytea   not null,
  occurred_at    text    not null,
  event_id       uuid    not null,
  -- True where the fact cannot be relied on: two contents for one version, or an event of the key is parked.
  unknown        boolean not null default false,
  constraint foreign_aggregate_pkey primary key (source, type, id)
);

-- What this service can say of any aggregate that bears on authority: its copies here; a service that owns such aggregates
-- replaces the view to add its own tables under the same columns.
create view known_aggregate as
  select source, type, id, epoch, version, state, published, unknown from foreign_aggregate;

-- Positions of the consumer, moved in the transaction of the effects.
create table consumer_position (
  topic       text   not null,
  partition   integer not null,
  next_offset bigint not null,
  constraint consumer_position_pkey primary key (topic, partition)
);

-- Events that failed in a way that repeating cannot mend, and later ones of the same key, in order, until a human releases them.
create table parked_event (
  topic      text        not null,
  partition  integer     not null,
  "offset"   bigint      not null,
  key        text        not null,
  headers    jsonb       not null,
  value      bytea,
  reason     text        not null,
  parked_at  timestamptz not null default clock_timestamp(),
  constraint parked_event_pkey primary key (topic, partition, "offset")
);
-- "Is this key parked?" is asked for every event.
create index parked_event_by_key on parked_event (topic, key);
