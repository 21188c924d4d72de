import { type Queryable, rowsOf, type Sql, sql } from '../database/statement.ts';

/**
 * Its row holds the offset to go on from, locked until the transaction ends: of two replicas that hold a partition for a moment, the
 * second waits and then finds that its messages are known. No row: nothing was applied yet, see `firstPosition`.
 */
export function lockPosition(topic: string, partition: number): Sql {
  return sql`select next_offset from consumer_position where topic = ${topic} and partition = ${partition} for update`;
}

/** Makes the row that is locked, where it is not there. */
export function firstPosition(topic: string, partition: number): Sql {
  return sql`insert into consumer_position (topic, partition, next_offset) values (${topic}, ${partition}, 0)
    on conflict do nothing`;
}

export function movePosition(topic: string, partition: number, next: bigint): Sql {
  return sql`update consumer_position set next_offset = ${next} where topic = ${topic} and partition = ${partition}`;
}

/**
 * Positions behind messages from which nothing follows here. They are written together, several times a second and when somebody is
 * about to rely on them: what is lost with the process is read once more and passed over again.
 */
export class PassedOver {
  readonly #next = new Map<string, { readonly topic: string; readonly partition: number; readonly next: bigint }>();

  note(topic: string, partition: number, next: bigint): void {
    this.#next.set(`${topic}/${partition}`, { topic, partition, next });
  }

  /** Moves the positions forward alone, whoever else moves them. Where the database fails they are written with the next ones. */
  async write(db: Queryable): Promise<void> {
    const passed = [...this.#next.values()];
    if (passed.length === 0) return;
    await rowsOf(
      db,
      sql`insert into consumer_position as kept (topic, partition, next_offset)
        select * from unnest(${passed.map(({ topic }) => topic)}::text[], ${passed.map(({ partition }) => partition)}::integer[],
          ${passed.map(({ next }) => next)}::bigint[]) as passed(topic, partition, next) order by topic, partition
        on conflict on constraint consumer_position_pkey do update
          set next_offset = greatest(kept.next_offset, excluded.next_offset)`,
    );
    for (const written of passed) {
      const key = `${written.topic}/${written.partition}`;
      if (this.#next.get(key) === written) this.#next.delete(key);
    }
  }
}

/** Positions of a topic by partition, as far as there are any. */
export async function positionsOf(db: Queryable, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const rows = await rowsOf<{ partition: number; next_offset: bigint }>(
    db,
    sql`select partition, next_offset from consumer_position where topic = ${topic}`,
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}
