import { BEGIN, CLOCK, COMMIT, flight } from '../command/flight.ts';
import { firstPositions, movePositions } from '../consumer/position.ts';
import type { Pool } from '../database/pool.ts';
import { type Sql, sql } from '../database/statement.ts';
import { onConnection } from '../database/transaction.ts';
import { FRESHNESS, type Freshness, staleSources } from './staleness.ts';
import type { Watermark } from './watermark.ts';

/** A control topic and where in it a watermark stood. */
export interface ControlPlace {
  /** The topic of facts that the watermark speaks of. */
  readonly topic: string;
  readonly controlTopic: string;
  readonly next: bigint;
}

/** What was announced and not reached is kept for so many marks; whoever is further behind waits for newer ones. */
const MAX_PENDING = 60;

/**
 * Keeps a watermark and settles how fresh its source is known here: as of the newest watermark whose offsets were all applied.
 * @returns that time; undefined where nothing was reached yet
 */
export async function keepWatermark(
  pool: Pool,
  place: ControlPlace,
  { source, at, offsets }: Watermark,
): Promise<string | undefined> {
  const control = { topic: place.controlTopic, partition: 0, next: place.next };
  return onConnection(pool, async (client) => {
    const answers = await flight(client, [
      BEGIN,
      sql`insert into watermark (source, at, offsets) values (${source}, ${at}, ${JSON.stringify(offsets)})
        on conflict do nothing`,
      settle(source, place.topic),
      sql`delete from watermark w where w.source = ${source}
        and (w.at <= (select as_of from source_freshness f where f.source = ${source})
          or w.at < (select min(newest.at) from (select at from watermark where source = ${source}
            order by at desc limit ${MAX_PENDING}) as newest))`,
      firstPositions([control]),
      movePositions([control]),
      sql`select as_of from source_freshness where source = ${source}`,
      COMMIT,
    ]);
    return answers.at(-2)?.[0]?.as_of;
  });
}

function settle(source: string, topic: string): Sql {
  return sql`insert into source_freshness as kept (source, as_of)
    select w.source, max(w.at) from watermark w
     where w.source = ${source} and not exists (
       select from jsonb_to_recordset(w.offsets) as stands(partition integer, next_offset bigint)
         left join consumer_position p on p.topic = ${topic} and p.partition = stands.partition
        where stands.next_offset > coalesce(p.next_offset, 0))
     group by w.source
    on conflict on constraint source_freshness_pkey do update set as_of = greatest(kept.as_of, excluded.as_of)`;
}

/** True where everything that is followed is known freshly enough to decide on it. */
export async function isFresh(pool: Pool, freshness: Freshness): Promise<boolean> {
  const [rows = [], clock] = await flight(pool, [FRESHNESS, CLOCK]);
  return staleSources(freshness, rows, clock?.[0]?.now).size === 0;
}
