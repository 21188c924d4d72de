import { NIL } from 'uuid';
import { flight } from '../command/flight.ts';
import { type Queryable, rowsOf, sql } from '../database/statement.ts';
import { type Incoming, publishedHash } from './incoming.ts';

/** Which aggregates of which services are kept as copies: `{ operator: ['operator', 'delegation'] }`. */
export type Follows = Readonly<Record<string, readonly string[]>>;

/** True where (epoch, version) of `a` is newer than that of `b`. */
function newer(a: Incoming, b: Incoming): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.aggregate_version > b.aggregate_version);
}

function newestOfEach(events: readonly Incoming[]): readonly Incoming[] {
  const newest = new Map<string, Incoming>();
  for (const event of events) {
    const key = `${event.aggregate_type}/${event.aggregate_id}`;
    const other = newest.get(key);
    if (other === undefined || newer(event, other)) newest.set(key, event);
  }
  return [...newest.values()];
}

function recordset(events: readonly Incoming[]): string {
  return JSON.stringify(
    events.map((event) => ({
      source: event.source,
      type: event.aggregate_type,
      id: event.aggregate_id,
      epoch: event.epoch,
      version: event.aggregate_version,
      state: event.new_state,
      published: event.state,
      hash: publishedHash(event),
      occurred_at: event.occurred_at,
      event_id: event.event_id,
    })),
  );
}

/**
 * Keeps the newest of each aggregate; the first one seen may be any version. A newer version is known again, whatever the older one
 * was. Returns the number of aggregates of which one version was seen with two contents: those are unknown from now on.
 */
export async function keepCopies(db: Queryable, events: readonly Incoming[]): Promise<number> {
  if (events.length === 0) return 0;
  const [, divergent] = await flight(db, [
    sql`insert into foreign_aggregate as kept
      (source, type, id, epoch, version, state, published, published_hash, occurred_at, event_id)
      select source, type, id, epoch, version, state, published, decode(hash, 'hex'), occurred_at, event_id
        from json_to_recordset(${recordset(newestOfEach(events))}::json) as seen(source text, type text, id text,
          epoch integer, version integer, state text, published jsonb, hash text, occurred_at text, event_id uuid)
       order by source, type, id
      on conflict on constraint foreign_aggregate_pkey do update set epoch = excluded.epoch, version = excluded.version,
        state = excluded.state, published = excluded.published, published_hash = excluded.published_hash,
        occurred_at = excluded.occurred_at, event_id = excluded.event_id, unknown = false, divergent = false
      where (excluded.epoch, excluded.version) > (kept.epoch, kept.version)`,
    sql`update foreign_aggregate kept set unknown = true, divergent = true
      from json_to_recordset(${recordset(events)}::json) as seen(source text, type text, id text, epoch integer,
        version integer, hash text)
      where kept.source = seen.source and kept.type = seen.type and kept.id = seen.id
        and kept.epoch = seen.epoch and kept.version = seen.version
        and kept.published_hash <> decode(seen.hash, 'hex') and not kept.unknown
      returning kept.id`,
  ]);
  return divergent?.length ?? 0;
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
