import { empty, type Queryable, rowsOf, type Sql, sql } from '../database/statement.ts';
import type { ReceivedMessage } from '../kafka/client.ts';
import { markUnknown } from './copies.ts';

/** Where a message came from. */
export interface Place {
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
}

/** The key of a message within its topic. */
export interface KeyOfTopic {
  readonly topic: string;
  readonly key: string;
}

/** Which of these keys have an event parked: their later ones queue behind it. */
export function parkedKeys(keys: readonly KeyOfTopic[]): Sql {
  return sql`select distinct topic, key from parked_event where (topic, key) in
    (select * from unnest(${keys.map(({ topic }) => topic)}::text[], ${keys.map(({ key }) => key)}::text[]))`;
}

/**
 * Sets a message aside, byte for byte, and makes what rests on its key unknown. `type`: the followed aggregate that its headers say
 * it is about.
 */
export async function park(
  db: Queryable,
  place: Place,
  message: ReceivedMessage,
  { reason, type }: { readonly reason: string; readonly type: string | undefined },
): Promise<void> {
  const { source, topic, partition } = place;
  const headers = JSON.stringify(message.headers);
  await rowsOf(
    db,
    sql`insert into parked_event (topic, partition, "offset", key, headers, value, reason)
      values (${topic}, ${partition}, ${message.offset}, ${message.key}, ${headers}, ${message.value}, ${reason})
      on conflict do nothing`,
  );
  await markUnknown(db, source, message.key, type);
}

/** A parked message with the place it came from. */
export interface Parked extends Place {
  readonly message: ReceivedMessage;
  readonly reason: string;
}

/** Which parked messages are asked for: all, those of one key, or the oldest of one key. */
interface Wanted extends KeyOfTopic {
  readonly limit?: number;
}

/** Parked messages, oldest first. */
export async function parkedMessages(
  db: Queryable,
  sourceOf: (topic: string) => string,
  of?: Wanted,
): Promise<readonly Parked[]> {
  const where = of === undefined ? empty : sql`where topic = ${of.topic} and key = ${of.key}`;
  const rows = await rowsOf(
    db,
    sql`select topic, partition, "offset", key, headers, value, reason from parked_event ${where}
      order by topic, partition, "offset" limit ${of?.limit ?? null}`,
  );
  return rows.map((row) => ({
    source: sourceOf(row.topic),
    topic: row.topic,
    partition: row.partition,
    message: { offset: row.offset, key: row.key, headers: row.headers, value: row.value },
    reason: row.reason,
  }));
}

/** Takes a message out of the queue of its key, in the transaction that applies it. */
export async function unpark(db: Queryable, place: Place, offset: bigint): Promise<void> {
  await rowsOf(
    db,
    sql`delete from parked_event
      where topic = ${place.topic} and partition = ${place.partition} and "offset" = ${offset}`,
  );
}

/** How many messages wait for a human. */
export async function countParked(db: Queryable): Promise<number> {
  const [row] = await rowsOf<{ parked: number }>(db, sql`select count(*)::integer as parked from parked_event`);
  return row?.parked ?? 0;
}
