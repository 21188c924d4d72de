-- Indexes of the lists. Every list is ordered by (sort key, id) and read by keyset; what a session may see is walked ground by ground
-- (see the kit's `listOf`), so each ground has an index that begins with what it fixes. Lists of tasks are nearly always asked by
-- state, and counted by it.

-- Ground: a role over the network.
create index task_by_audience_opened on task (audience, state, opened_at, id);
create index task_by_audience_due on task (audience, state, due_order, id);

-- Ground: an operator's own people, for what was addressed to it.
create index task_by_operator_opened on task (governed_by, state, opened_at, id) where governed_by is not null;
create index task_by_operator_due on task (governed_by, state, due_order, id) where governed_by is not null;

-- Assignments of one task, oldest first.
create index assignment_by_task on assignment (task_id, assigned_at, id);

-- Members of a pool; the pools of an operator.
create index pool_member_by_pool on pool_member (pool_id, operator);
create index pool_member_by_operator on pool_member ((published ->> 'operator'));

-- Roles of an identity: asked by every command and list, in the words of the view `granted_role`.
create index role_grant_by_identity on role_grant ((published ->> 'identity_id'));
create index role_grant_by_granted on role_grant (granted_at, id);
