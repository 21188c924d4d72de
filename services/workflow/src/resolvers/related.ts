import {
  type AggregateRow,
  type Context,
  type Related,
  rowsOf,
  type Sql,
  sql,
  type Versioned,
  versionedOf,
} from '@qtm/service-kit';
import type { AggregateState } from '@qtm/service-kit/domain';
import type { Evidence } from '../domain/evidence.ts';
import type { SealedRecord } from '../domain/record.ts';
import { evidence, records } from '../store.ts';

/** Evidence of service events, in the order of attachment; that of corrections included. */
export const evidenceOfServiceEvent: Related<readonly Versioned<Evidence>[]> = {
  name: 'evidence of a service event',
  none: [],
  read: ({ db, session }, ids) =>
    grouped(
      db,
      sql`select service_event_id as owner, id, version, published, occurred_at from evidence
        where service_event_id = any(${[...ids]}::uuid[]) and (${evidence.visibleTo(session)}) order by attached_at, id`,
    ),
};

/** Records of service events: the first one, then each correction. */
export const recordsOfServiceEvent: Related<readonly Versioned<SealedRecord>[]> = {
  name: 'records of a service event',
  none: [],
  read: ({ db, session }, ids) =>
    grouped(
      db,
      sql`select service_event_id as owner, id, version, published, occurred_at from record
        where service_event_id = any(${[...ids]}::uuid[]) and (${records.visibleTo(session)}) order by sealed_at, id`,
    ),
};

/** The record that supersedes another: none or one. */
export const successorOfRecord: Related<readonly Versioned<SealedRecord>[]> = {
  name: 'successor of a record',
  none: [],
  read: ({ db, session }, ids) =>
    grouped(
      db,
      sql`select supersedes as owner, id, version, published, occurred_at from record
        where supersedes = any(${[...ids]}::uuid[]) and (${records.visibleTo(session)})`,
    ),
};

async function grouped<T extends AggregateState>(
  db: Context['db'],
  statement: Sql,
): Promise<ReadonlyMap<string, readonly Versioned<T>[]>> {
  const rows = await rowsOf<AggregateRow & { owner: string }>(db, statement);
  const found = new Map<string, Versioned<T>[]>();
  for (const row of rows) found.set(row.owner, [...(found.get(row.owner) ?? []), versionedOf<T>(row)]);
  return found;
}
