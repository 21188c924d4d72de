import { LOST_AGGREGATE } from '../consumer/lost.ts';
import { type Queryable, rowsOf, sql } from '../database/statement.ts';
import { event } from '../domain.ts';
import { type AggregateRow, locking, rowStatement, type Stored, storedOf } from '../journal/aggregate.ts';
import type { Change, Provenance } from '../journal/envelope.ts';
import { writeStatement } from '../journal/write.ts';
import { aggregateOf, type Chassis, compose } from '../service/chassis.ts';
import type { LostFact } from './lost-facts.ts';

/** An aggregate of which consumers know more than the restored database. */
export interface Bereft {
  readonly type: string;
  readonly id: string;
  readonly lost: readonly string[];
}

/** What was told anew. */
export interface Restated {
  /** They stand as the backup has them, under the new epoch. */
  readonly restored: readonly Bereft[];
  /** The backup knows nothing of them. */
  readonly gone: readonly Bereft[];
}

const CHANGES_PER_STATEMENT = 100;

/**
 * Writes, in the open transaction of `db`, what consumers must hear after a restore: of every aggregate with lost facts how it stands,
 * or that it is gone. Those that have told something newer since are left alone.
 * @param chassis with the epoch that was raised
 */
export async function restate(
  chassis: Chassis,
  db: Queryable,
  facts: readonly LostFact[],
  provenance: Provenance,
): Promise<Restated> {
  const restored: Bereft[] = [];
  const gone: Bereft[] = [];
  const changes: Change[] = [];
  for (const one of await bereft(db, facts)) {
    const prior = chassis.aggregates.has(one.type) ? await locked(chassis, db, one) : undefined;
    (prior === undefined ? gone : restored).push(one);
    if (prior === undefined) continue;
    const fact = event('aggregate_restored', one.type, prior.value, { lost: one.lost });
    changes.push({ event: fact, prior, transition: `${one.type}.restore` });
  }
  for (const [id, ones] of Map.groupBy(gone, ({ id }) => id)) {
    const prior = await locked(chassis, db, { type: LOST_AGGREGATE, id });
    const before = (prior?.value as { readonly types?: readonly string[] } | undefined)?.types ?? [];
    const types = [...new Set([...before, ...ones.map(({ type }) => type)])].sort();
    const fact = event(
      'aggregate_lost',
      LOST_AGGREGATE,
      { id, state: 'LOST', types },
      { lost: ones.flatMap(({ lost }) => lost) },
    );
    changes.push({ event: fact, prior, transition: `${LOST_AGGREGATE}.note` });
  }
  for (let from = 0; from < changes.length; from += CHANGES_PER_STATEMENT) {
    const slice = changes.slice(from, from + CHANGES_PER_STATEMENT);
    const events = compose(chassis, provenance, slice);
    await rowsOf(db, writeStatement({ changes: slice, events, personal: [] }));
  }
  return { restored, gone };
}

async function locked(
  chassis: Chassis,
  db: Queryable,
  { type, id }: Pick<Bereft, 'type' | 'id'>,
): Promise<Stored | undefined> {
  const of = aggregateOf(chassis, type);
  const [row] = await rowsOf<AggregateRow>(db, locking(of, rowStatement(of, id)));
  return row && storedOf(row);
}

/** Aggregates whose newest lost fact is not older than what the journal has of them. */
async function bereft(db: Queryable, facts: readonly LostFact[]): Promise<readonly Bereft[]> {
  const found: Bereft[] = [];
  for (const [, ones] of Map.groupBy(facts, ({ type, id }) => `${type}/${id}`)) {
    const [{ type, id }] = ones as [LostFact];
    const [known] = await rowsOf<{ epoch: number; version: number }>(
      db,
      sql`select epoch, aggregate_version as version from journal where aggregate_type = ${type} and aggregate_id = ${id}
        order by aggregate_version desc limit 1`,
    );
    const isNews = ({ epoch, version }: LostFact) =>
      known === undefined || epoch > known.epoch || (epoch === known.epoch && version >= known.version);
    if (ones.some(isNews)) found.push({ type, id, lost: ones.map(({ eventId }) => eventId) });
  }
  return found;
}
