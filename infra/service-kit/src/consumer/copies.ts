import { NIL } from 'uuid';
import { flight } from '../command/flight.ts';
import { type Queryable, rowsOf, type Sql, sql } from '../database/statement.ts';
import { type Incoming, publishedHash } from './incoming.ts';

/** Which aggregates of which services are kept as copies: `{ operator: ['operator', 'delegation'] }`. */
export type Follows = Readonly<Record<string, readonly string[]>>;

/** A copy that was kept. `divergent`: its version was seen with two contents, so it is unknown from now on. */
export interface CopyRow {
  readonly source: string;
  readonly type: string;
  readonly id: string;
  readonly divergent: boolean;
}

/** True where (epoch, version) of `a` is newer than that of `b`. */
function newer(a: Incoming, b: Incoming): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.aggregate_version > b.aggregate_version);
}

/** An event, and whether another of its batch says something else of the same version. */
interface Newest {
  readonly event: Incoming;
  readonly hash: string;
  readonly divergent: boolean;
}

function newestOfEach(events: readonly Incoming[]): readonly Newest[] {
  const newest = new Map<string, Newest>();
  for (const event of events) {
    const key = `${event.source}/${event.aggregate_type}/${event.aggregate_id}`;
    const other = newest.get(key);
    const hash = publishedHash(event);
    if (other === undefined || newer(event, other.event)) newest.set(key, { event, hash, divergent: false });
    else if (!newer(other.event, event) && other.hash !== hash) newest.set(key, { ...other, divergent: true });
  }
  return [...newest.values()];
}

function recordset(events: readonly Incoming[]): string {
  return JSON.stringify(
    newestOfEach(events).map(({ event, hash, divergent }) => ({
      source: event.source,
      type: event.aggregate_type,
      id: event.aggregate_id,
      epoch: event.epoch,
      version: event.aggregate_version,
      state: event.new_state,
      published: event.state,
      hash,
      occurred_at: event.occurred_at,
      event_id: event.event_id,
      divergent,
    })),
  );
}

/**
 * Keeps the newest of each aggregate; the first one seen may be any version. A newer version is known again, whatever the older one
 * was. Its rows are what was kept (`CopyRow`).
 */
export function keepCopies(events: readonly Incoming[]): Sql {
  return sql`insert into foreign_aggregate as kept
      (source, type, id, epoch, version, state, published, published_hash, occurred_at, event_id, unknown, divergent)
    select source, type, id, epoch, version, state, published, decode(hash, 'hex'), occurred_at, event_id, divergent, divergent
      from json_to_recordset(${recordset(events)}::json) as seen(source text, type text, id text, epoch integer,
        version integer, state text, published jsonb, hash text, occurred_at text, event_id uuid, divergent boolean)
     order by source, type, id
    on conflict on constraint foreign_aggregate_pkey do update set epoch = excluded.epoch, version = excluded.version,
      state = excluded.state, published = excluded.published, published_hash = excluded.published_hash,
      occurred_at = excluded.occurred_at, event_id = excluded.event_id,
      unknown = excluded.divergent or (excluded.epoch, excluded.version) = (kept.epoch, kept.version),
      divergent = excluded.divergent or (excluded.epoch, excluded.version) = (kept.epoch, kept.version)
    where (excluded.epoch, excluded.version) > (kept.epoch, kept.version)
      or ((excluded.epoch, excluded.version) = (kept.epoch, kept.version)
        and (excluded.divergent or excluded.published_hash <> kept.published_hash) and not kept.divergent)
    returning kept.source, kept.type, kept.id, kept.divergent`;
}

/** Version and epoch of an aggregate of which nothing but its name is known: every real one is newer. */
const NEVER_READ = 0;

/**
 * What rests on this key cannot be relied on: an event of it could not be applied. Where it is about an aggregate of a followed type
 * that was never read, a row is made that says so: unknown is not the same as not there.
 */
export async function markUnknown(db: Queryable, source: string, id: string, type: string | undefined): Promise<void> {
  const statements = [sql`update foreign_aggregate set unknown = true where source = ${source} and id = ${id}`];
  if (type !== undefined) {
    statements.push(sql`insert into foreign_aggregate
        (source, type, id, epoch, version, state, published, published_hash, occurred_at, event_id, unknown)
      values (${source}, ${type}, ${id}, ${NEVER_READ}, ${NEVER_READ}, 'UNKNOWN', '{}', '', '', ${NIL}, true)
      on conflict do nothing`);
  }
  await flight(db, statements);
}

/** After events of a key were released: it is known again where nothing of it waits and no two contents were seen. */
export async function settleUnknown(db: Queryable, source: string, topic: string, id: string): Promise<void> {
  await rowsOf(
    db,
    sql`update foreign_aggregate
        set unknown = divergent or exists (select 1 from parked_event where topic = ${topic} and key = ${id})
      where source = ${source} and id = ${id}`,
  );
}
