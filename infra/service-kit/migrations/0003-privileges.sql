-- The runtime role reads everything, adds rows everywhere, and changes only what has a life: journal, attempts, matrices and
-- whatever a service seals afterwards are insert-only for it. Tables of later migrations take the defaults below.
grant usage on schema public to :"app", :"relay";
grant select, insert on all tables in schema public to :"app";
grant update on idempotency, personal_value, foreign_aggregate, consumer_position to :"app";
grant delete on parked_event to :"app";
revoke insert on epoch, migration, known_aggregate from :"app";
grant select on journal, epoch to :"relay";
alter default privileges in schema public grant select, insert, update on tables to :"app";
