import type { Client } from 'pg';
import { openClient } from '../database/client.ts';
import { type Sql, sql } from '../database/statement.ts';
import type { StreamedRow } from './message.ts';
import { draftSlot, slotStateOf } from './slot.ts';

export interface RecoveryOptions {
  readonly databaseUrl: string;
  /** As whom the connections show. */
  readonly name: string;
  readonly slot: string;
  /** Resolves once Kafka has these rows, in their order. */
  readonly publish: (rows: readonly StreamedRow[]) => Promise<void>;
}

/** What a slot that was not there, or could not be read any more, had for a consequence. */
export interface Recovered {
  /** How the slot was found. */
  readonly was: 'lost' | 'absent';
  /** Rows that were sent, most of them perhaps again. */
  readonly rows: number;
}

const BATCH_ROWS = 500;

/** By time and version: per aggregate the order of versions, since its time never runs backwards. */
const REPUBLISHED = `declare republished no scroll cursor for
  select event_id, event_type, aggregate_type, aggregate_id, aggregate_version, occurred_at, correlation_id, causation_id,
    traceparent, payload
  from relay_horizon join journal on journal.epoch = relay_horizon.epoch and journal.xid >= relay_horizon.xid
  order by occurred_at collate "C", aggregate_version`;

/** Whatever has a lower number had ended, and what it wrote is shown. */
const SHOWN = 'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin';

/** Nothing is added to an earlier epoch any more: of those everything is out. */
const SENT = `update relay_horizon set xid = case when epoch = (select value from epoch) then $1::xid8
  else '18446744073709551615'::xid8 end`;

/**
 * Every row of this epoch by a transaction before `horizon` is on the topic. Written where that spares anything, so that an idle
 * service stays idle; and where transactions are counted from a lower number than before, since then it is another cluster.
 */
export function moveHorizon(epoch: number, horizon: string): Sql {
  return sql`update relay_horizon set xid = ${horizon}::xid8 where epoch = ${epoch} and (xid > ${horizon}::xid8
    or exists (select from journal where journal.xid >= relay_horizon.xid and journal.xid < ${horizon}::xid8))`;
}

/**
 * Makes sure that the slot is there and can be read. Where it is not, a new one is drafted, the journal's rows from the stored horizon
 * on are sent as the draft's snapshot shows them, and only then the draft becomes the slot: a recovery that is broken off leaves
 * nothing behind and is begun again, and nobody reads the new slot before what lies behind it is out. Rows are sent at least once;
 * per aggregate, once repeats are dropped, they stay in order, since every version below the horizon is on the topic already.
 * @returns undefined where the slot was sound
 * @throws Error with code STANDBY where another replica is at it
 */
export async function ensureSlot(options: RecoveryOptions): Promise<Recovered | undefined> {
  const { databaseUrl, name, slot } = options;
  const database = { connectionString: databaseUrl, application_name: `${name} recovery` };
  const client = await openClient(database);
  try {
    if ((await slotStateOf(client, slot)) === 'sound') return undefined;
    const draft = await draftSlot(database, slot);
    try {
      // Another replica may have come to the end of it in the meantime.
      const was = await slotStateOf(client, slot);
      if (was === 'sound') return undefined;
      if (was === 'lost') await client.query('select pg_drop_replication_slot($1)', [slot]);
      const rows = await republish(client, draft.snapshot, options.publish);
      await draft.keep();
      return { was, rows };
    } finally {
      await draft.end();
    }
  } finally {
    await client.end();
  }
}

async function republish(client: Client, snapshot: string, publish: RecoveryOptions['publish']): Promise<number> {
  await client.query('begin isolation level repeatable read read only');
  await client.query(`set transaction snapshot '${snapshot}'`);
  await client.query(REPUBLISHED);
  for (let sent = 0; ; ) {
    const { rows } = await client.query<StreamedRow>(`fetch ${BATCH_ROWS} from republished`);
    if (rows.length === 0) {
      const [shown] = (await client.query<{ xmin: string }>(SHOWN)).rows;
      await client.query('commit');
      // Kept even if the slot does not come about: the next try goes on from here.
      await client.query(SENT, [shown?.xmin]);
      return sent;
    }
    await publish(rows);
    sent += rows.length;
  }
}
