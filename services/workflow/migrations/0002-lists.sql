-- Indexes of the lists. Every list is ordered by (sort key, id) and read by keyset. What a session may see is an OR over several
-- grounds, and an OR cannot walk an index in order; so each ground has an index that begins with what it fixes, then the phase,
-- then the sort key, and a list is one short walk for each value of what is fixed, merged. It reads page × values × phases rows
-- whatever the size of the table. The phase is in the key since the live ones are few among the finished; the state and the stage
-- are not, since they change too often. Filters that are not in a key are tested on the way. A row of two grounds comes twice:
-- distinct by id.

-- Ground: an operator that executes.
create index service_event_by_operator_started on service_event (operator, phase, started_at, id);
create index service_event_by_operator_completed on service_event (operator, phase, completed_order, id);

-- Ground: a role over the network: admin_governor for ADMIN, others for both audiences. Surfaces are few and known by their
-- packs: a list without a surface walks each.
create index service_event_by_surface_started on service_event (surface, audience, phase, started_at, id);
create index service_event_by_surface_completed on service_event (surface, audience, phase, completed_order, id);

-- Ground: a governor of the operator that was addressed.
create index service_event_by_governor_started on service_event (governed_by, phase, started_at, id) where governed_by is not null;
create index service_event_by_governor_completed on service_event (governed_by, phase, completed_order, id)
  where governed_by is not null;

-- Ground: the submitter.
create index service_event_by_submitter_started on service_event (submitted_by, phase, started_at, id);
create index service_event_by_submitter_completed on service_event (submitted_by, phase, completed_order, id);

-- Filters that leave a handful: the executions of one intake (its reworks), of one task. Of one job there is one.
create index service_event_by_intake on service_event (intake_id, started_at, id);
create index service_event_by_task on service_event (task_id, started_at, id);

-- The same grounds for records, which have no phase.
create index record_by_operator on record (operator, sealed_at, id);
create index record_by_surface on record (surface, audience, sealed_at, id);
create index record_by_governor on record (governed_by, sealed_at, id) where governed_by is not null;
create index record_by_submitter on record (submitted_by, sealed_at, id);

-- The chain of one service event, in order; the records of one job, intake, task.
create index record_by_service_event on record (service_event_id, sealed_at, id);
create index record_by_job on record (job_id, sealed_at, id);
create index record_by_intake on record (intake_id, sealed_at, id);
create index record_by_task on record (task_id, sealed_at, id);

-- The evidence of a service event in the order of attachment: for counting, for sealing, for reading.
create index evidence_by_service_event on evidence (service_event_id, attached_at, id);

-- Packs are few: surface_order and published_at are sorted as they are read.
