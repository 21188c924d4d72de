-- What waits in a review queue: one row per transfer and event, and it moves once.

create table governance_task (
  id            text    collate "C" primary key,
  version       integer not null,
  state         text    collate "C" not null
    constraint governance_task_state_known check (state in ('PENDING', 'REVIEWED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null,
  transfer_id   uuid    not null generated always as ((published ->> 'transfer_id')::uuid) stored,
  event         text    collate "C" not null generated always as (published ->> 'event') stored,
  queue         text    collate "C" not null generated always as (published ->> 'queue') stored,
  risk          text    collate "C" not null generated always as (published ->> 'risk') stored,
  object_class  text    collate "C" not null generated always as (published ->> 'object_class') stored,
  object_id     text    collate "C" not null generated always as (published ->> 'object_id') stored,
  opened_at     text    collate "C" not null generated always as (published ->> 'opened_at') stored,
  -- Also the index for "what of this transfer was reviewed?".
  constraint one_governance_task_per_transfer_and_event unique (transfer_id, event),
  constraint governance_task_named_by_its_parts check (id = transfer_id::text || ':' || event),
  -- S2:83-87, row by row.
  constraint governance_task_as_risky_as_its_event check (case event
    when 'transfer_proposed' then risk = 'high'
    when 'transfer_accepted' then risk = 'high'
    when 'transfer_completed' then risk = 'medium'
    else false end),
  constraint governance_task_in_the_clo_queue check (queue = 'CLO' and published ->> 'function' = 'Transfer Review'),
  constraint governance_task_reviewed_by_somebody check ((state = 'REVIEWED') = (published ->> 'reviewed_by' is not null)),
  constraint governance_task_reviewed_somewhen check ((state = 'REVIEWED') = (published ->> 'reviewed_at' is not null)),
  constraint governance_task_noted_at_its_review check (state = 'REVIEWED' or published ->> 'note' is null)
);

-- Ground: whoever sees one sees all of them. Nearly always asked by state; a page of one transfer or object goes by its own index.
create index governance_task_by_queue_opened on governance_task (queue, state, opened_at, id);
create index governance_task_by_object on governance_task (object_class, object_id, opened_at, id);
