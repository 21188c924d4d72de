-- Counts of tasks by state are read from this index alone: first who governs (null: the network), then what is counted. Entries of
-- one key are stored together, so 100,000 tasks take less than 1 MB of it.
create index task_counted on task (governed_by, state, surface);

-- "Which pools are these operators in?" asks the column; the index over the published text answered nobody.
drop index pool_member_by_operator;
create index pool_member_by_operator on pool_member (operator, pool_id) where state = 'ACTIVE';

-- Ground: one's own roles.
create index role_grant_of_identity on role_grant (identity_id, granted_at, id);
