import { type Queryable, rowsOf, sql } from '../database/statement.ts';

/**
 * The offset to go on from, locked until the transaction ends: of two replicas that hold a partition for a moment, the second waits
 * and then finds that its messages are known.
 */
export async function lockPosition(db: Queryable, topic: string, partition: number): Promise<bigint> {
  await rowsOf(
    db,
    sql`insert into consumer_position (topic, partition, next_offset) values (${topic}, ${partition}, 0)
      on conflict do nothing`,
  );
  const [row] = await rowsOf<{ next_offset: bigint }>(
    db,
    sql`select next_offset from consumer_position where topic = ${topic} and partition = ${partition} for update`,
  );
  return row?.next_offset ?? 0n;
}

export async function movePosition(db: Queryable, topic: string, partition: number, next: bigint): Promise<void> {
  await rowsOf(
    db,
    sql`update consumer_position set next_offset = ${next} where topic = ${topic} and partition = ${partition}`,
  );
}

/** Positions of a topic by partition, as far as there are any. */
export async function positionsOf(db: Queryable, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const rows = await rowsOf<{ partition: number; next_offset: bigint }>(
    db,
    sql`select partition, next_offset from consumer_position where topic = ${topic}`,
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}
