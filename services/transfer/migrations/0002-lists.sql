-- Indexes of the lists and look-ups; every list is ordered by (sort key, id) and read by keyset.
create index register_entry_by_object on register_entry (object_class, object_id);
create index register_entry_by_since on register_entry (since, id);
create index register_entry_by_holder on register_entry (holder_identity_id, since, id);
create index register_entry_by_holder_and_object on register_entry (holder_identity_id, id);
-- What an identity is to operators: asked by every command and list, in the words of the view `operator_relation`.
create index register_entry_by_published_holder on register_entry ((published ->> 'holder_identity_id'));

create index transfer_by_proposed on transfer (proposed_at, id);
create index transfer_by_from on transfer (from_identity_id, proposed_at, id);
create index transfer_by_to on transfer (to_identity_id, proposed_at, id);
create index transfer_by_proposer on transfer (proposed_by, proposed_at, id);
create index transfer_by_object on transfer (object_class, object_id, proposed_at, id);
-- The transfers of an entry: asked by proposals, locks, imports, and of every entry that is shown.
create index transfer_by_entry on transfer (entry_id);
-- What is due, asked every second.
create index transfer_by_deadline on transfer (deadline) where deadline is not null;

-- The transfers of an entry as the journal has them, whatever their rows say by now: each by its first fact, which says what it is of.
create index journal_by_entry_of_transfer on journal
  (((payload::jsonb -> 'state' ->> 'object_class') || ':' || (payload::jsonb -> 'state' ->> 'object_id')))
  where aggregate_type = 'transfer' and aggregate_version = 1;
-- What an import took in: asked when it is closed.
create index journal_by_import on journal ((payload::jsonb -> 'data' ->> 'import_id'))
  where transition in ('register_entry.import', 'transfer.import');

-- Who has acted here as a super_admin: asked where somebody waives that distinct identities are needed.
create index journal_by_super_admin on journal (actor_id) where authority = 'role:super_admin';
-- Whether the governance task of an acceptance was reviewed.
create index foreign_aggregate_by_transfer on foreign_aggregate ((published ->> 'transfer_id')) where type = 'governance_task';
