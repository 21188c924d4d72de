import { type Queryable, rowsOf, type Sql, sql } from '../database/statement.ts';

/** One partition of a topic. */
export interface PartitionOf {
  readonly topic: string;
  readonly partition: number;
}

/** A partition, and the offset to go on from. */
export interface Position extends PartitionOf {
  readonly next: bigint;
}

/** As rows (topic, partition). */
function partitionRows(partitions: readonly PartitionOf[]): Sql {
  return sql`unnest(${partitions.map(({ topic }) => topic)}::text[], ${partitions.map(({ partition }) => partition)}::integer[])`;
}

/** As rows (topic, partition, next). */
function positionRows(positions: readonly Position[]): Sql {
  return sql`unnest(${positions.map(({ topic }) => topic)}::text[], ${positions.map(({ partition }) => partition)}::integer[],
    ${positions.map(({ next }) => next)}::bigint[])`;
}

/**
 * Their rows hold the offsets to go on from, locked until the transaction ends, by everybody in the same order: of two replicas that
 * hold a partition for a moment, the second waits and then finds that its messages are known. No row: nothing was applied yet, see
 * `firstPositions`.
 */
export function lockPositions(partitions: readonly PartitionOf[]): Sql {
  return sql`select topic, partition, next_offset as next from consumer_position
    where (topic, partition) in (select * from ${partitionRows(partitions)}) order by topic, partition for update`;
}

/** Makes the rows that are locked, where they are not there. */
export function firstPositions(partitions: readonly PartitionOf[]): Sql {
  return sql`insert into consumer_position (topic, partition, next_offset)
    select topic, partition, 0 from ${partitionRows(partitions)} as first(topic, partition) order by topic, partition
    on conflict do nothing`;
}

/** Of partitions whose rows are locked. */
export function movePositions(positions: readonly Position[]): Sql {
  return sql`update consumer_position kept set next_offset = moved.next
    from ${positionRows(positions)} as moved(topic, partition, next)
    where kept.topic = moved.topic and kept.partition = moved.partition`;
}

/**
 * Positions behind messages from which nothing follows here. They are written together, several times a second and when somebody is
 * about to rely on them: what is lost with the process is read once more and passed over again.
 */
export class PassedOver {
  readonly #positions = new Map<string, Position>();

  note(position: Position): void {
    this.#positions.set(`${position.topic}/${position.partition}`, position);
  }

  /** Moves the positions forward alone, whoever else moves them. Where the database fails they are written with the next ones. */
  async write(db: Queryable): Promise<void> {
    const passed = [...this.#positions.values()];
    if (passed.length === 0) return;
    await rowsOf(
      db,
      sql`insert into consumer_position as kept (topic, partition, next_offset)
        select topic, partition, next from ${positionRows(passed)} as passed(topic, partition, next) order by topic, partition
        on conflict on constraint consumer_position_pkey do update
          set next_offset = greatest(kept.next_offset, excluded.next_offset)`,
    );
    for (const written of passed) {
      const key = `${written.topic}/${written.partition}`;
      if (this.#positions.get(key) === written) this.#positions.delete(key);
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
