import { relatedRows, sql } from '@qtm/service-kit';
import type { Evidence } from '../domain/evidence.ts';
import type { SealedRecord } from '../domain/record.ts';
import { evidence, records } from '../store.ts';

/** Evidence of service events, in the order of attachment; that of corrections included. */
export const evidenceOfServiceEvent = relatedRows<Evidence>(
  'evidence of a service event',
  (serviceEventIds, session) => sql`select service_event_id as owner, id, version, published, occurred_at from evidence
    where service_event_id = any(${serviceEventIds}::uuid[]) and (${evidence.visibleTo(session)}) order by attached_at, id`,
);

/** Records of service events: the first one, then each correction. */
export const recordsOfServiceEvent = relatedRows<SealedRecord>(
  'records of a service event',
  (serviceEventIds, session) => sql`select service_event_id as owner, id, version, published, occurred_at from record
    where service_event_id = any(${serviceEventIds}::uuid[]) and (${records.visibleTo(session)}) order by sealed_at, id`,
);

/** The record that supersedes another: none or one. */
export const successorOfRecord = relatedRows<SealedRecord>(
  'successor of a record',
  (recordIds, session) => sql`select supersedes as owner, id, version, published, occurred_at from record
    where supersedes = any(${recordIds}::uuid[]) and (${records.visibleTo(session)})`,
);
