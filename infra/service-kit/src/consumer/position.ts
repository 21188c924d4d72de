import { type Queryable, rowsOf, type Sql, sql } from '../database/statement.ts';

/**
 * Two statements whose last row holds the offset to go on from, locked until the transaction ends: of two replicas that hold a
 * partition for a moment, the second waits and then finds that its messages are known.
 */
export function lockPosition(topic: string, partition: number): readonly [Sql, Sql] {
  return [
    sql`insert into consumer_position (topic, partition, next_offset) values (${topic}, ${partition}, 0)
      on conflict do nothing`,
    sql`select next_offset from consumer_position where topic = ${topic} and partition = ${partition} for update`,
  ];
}

export function movePosition(topic: string, partition: number, next: bigint): Sql {
  return sql`update consumer_position set next_offset = ${next} where topic = ${topic} and partition = ${partition}`;
}

/** Moves it without a transaction, where nothing follows from what lies before: forward alone, whoever else moves it. */
export function passOver(topic: string, partition: number, next: bigint): Sql {
  return sql`insert into consumer_position as kept (topic, partition, next_offset) values (${topic}, ${partition}, ${next})
    on conflict on constraint consumer_position_pkey do update
      set next_offset = greatest(kept.next_offset, excluded.next_offset)`;
}

/** Positions of a topic by partition, as far as there are any. */
export async function positionsOf(db: Queryable, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const rows = await rowsOf<{ partition: number; next_offset: bigint }>(
    db,
    sql`select partition, next_offset from consumer_position where topic = ${topic}`,
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}
