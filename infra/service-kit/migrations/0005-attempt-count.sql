-- Beyond the cap, the attempts of one principal in one minute are one row that counts them. Insert-only, as attempts are.
create table attempt_count (
  id            uuid    primary key,
  version       integer not null,
  state         text    not null constraint attempt_count_state_known check (state in ('COUNTED')),
  published     jsonb   not null,
  occurred_at   text    not null,
  last_event_id uuid    not null
);
revoke update on attempt_count from :"app";
