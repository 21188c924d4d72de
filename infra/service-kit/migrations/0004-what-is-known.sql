-- Why a fact is unknown: two contents were seen for its version. An event of its key that is parked is the other reason, and ends
-- by itself once nothing of the key waits any more.
alter table foreign_aggregate add column divergent boolean not null default false;
