-- After a restore: aggregates of which facts are on the topic, and nothing is in this database any more. Written by the step that
-- raises the epoch, as the owner; consumers forget what they have of them.
create table lost_aggregate (
  id            text    primary key,
  version       integer not null,
  state         text    not null constraint lost_aggregate_state_known check (state in ('LOST')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null
);
revoke insert, update on lost_aggregate from :"app";
grant delete on foreign_aggregate to :"app";
