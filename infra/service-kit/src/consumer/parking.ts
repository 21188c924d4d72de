import { empty, join, type Queryable, rowsOf, type Sql, sql } from '../database/statement.ts';
import type { ReceivedMessage } from '../kafka/client.ts';
import { markUnknown } from './copies.ts';

/** Where a message came from. */
export interface Place {
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
}

/** Which of these keys have an event parked: their later ones queue behind it. */
export function parkedKeys(topic: string, keys: readonly string[]): Sql {
  return sql`select distinct key from parked_event where topic = ${topic} and key = any(${[...keys]})`;
}

/** Sets a message aside, byte for byte, and makes what rests on its key unknown. */
export async function park(db: Queryable, place: Place, message: ReceivedMessage, reason: string): Promise<void> {
  const { source, topic, partition } = place;
  const headers = JSON.stringify(message.headers);
  await rowsOf(
    db,
    sql`insert into parked_event (topic, partition, "offset", key, headers, value, reason)
      values (${topic}, ${partition}, ${message.offset}, ${message.key}, ${headers}, ${message.value}, ${reason})
      on conflict do nothing`,
  );
  await markUnknown(db, source, message.key);
}

/** A parked message with the place it came from. */
export interface Parked extends Place {
  readonly message: ReceivedMessage;
  readonly reason: string;
}

/** Parked messages, oldest first; all of them, or those of one key. */
export async function parkedMessages(
  db: Queryable,
  sourceOf: (topic: string) => string,
  of?: { readonly topic: string; readonly key: string },
): Promise<readonly Parked[]> {
  const conditions = of === undefined ? [] : [sql`topic = ${of.topic}`, sql`key = ${of.key}`];
  const where = conditions.length === 0 ? empty : sql`where ${join(conditions, ' and ')}`;
  const rows = await rowsOf(
    db,
    sql`select topic, partition, "offset", key, headers, value, reason from parked_event ${where}
      order by topic, partition, "offset"`,
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
