import { type Client, type ClientConfig, escapeIdentifier } from 'pg';
import { openClient } from '../database/client.ts';

/** Slot names contain the database: slots belong to the whole cluster. */
export function slotName(database: string): string {
  return `relay_${database.replace(/[^a-z0-9_]/g, '_')}`;
}

/** Sound: whoever reads it gets everything from where it stands. Lost: it lies there and can never be read again. */
export type SlotState = 'sound' | 'lost' | 'absent';

export async function slotStateOf(client: Client, slot: string): Promise<SlotState> {
  const { rows } = await client.query<{ wal_status: string | null }>(
    'select wal_status from pg_replication_slots where slot_name = $1',
    [slot],
  );
  if (rows.length === 0) return 'absent';
  return rows[0]?.wal_status === 'lost' ? 'lost' : 'sound';
}

/** Another replica has the slot, or makes it anew. */
export const STANDBY = '55006';
const ALREADY_THERE = '42710';
const NOT_IN_TIME = '55P03';
const CREATE_TIMEOUT_MS = 10_000;

/** Transactions that run keep a slot from being made. */
export class SlotHeldUp extends Error {}

/** A slot that is being made: nobody else reads it, and it goes with its connection unless it is kept. */
export interface DraftSlot {
  /** Shows exactly what was committed before the place from which the slot reads: nothing is in both, and nothing in neither. */
  readonly snapshot: string;
  /** Makes it the slot of this name, for everybody. */
  keep(): Promise<void>;
  end(): Promise<void>;
}

/**
 * Begins a slot. Only one draft of a slot can be at a time, so it is also the election of who makes it. Its making waits for the
 * transactions that run; the wait is bounded.
 * @throws Error with code STANDBY where another replica makes it; SlotHeldUp, which says what blocks, where it took too long
 */
export async function draftSlot(database: ClientConfig, slot: string): Promise<DraftSlot> {
  const draft = `${slot}_new`;
  // The library knows replication connections, its types do not.
  const walsender = await openClient({
    ...database,
    replication: 'database',
    lock_timeout: CREATE_TIMEOUT_MS,
  } as ClientConfig);
  try {
    const { rows } = await walsender.query<{ snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${escapeIdentifier(draft)} TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    return {
      snapshot: rows[0]?.snapshot_name ?? '',
      async keep() {
        await walsender.query(`select pg_copy_logical_replication_slot('${draft}', '${slot}', false)`);
      },
      end: () => walsender.end(),
    };
  } catch (cause) {
    await walsender.end();
    const { code, message } = cause as { code?: string; message: string };
    if (code === ALREADY_THERE) throw Object.assign(new Error(message, { cause }), { code: STANDBY });
    if (code !== NOT_IN_TIME) throw cause;
    throw new SlotHeldUp(`the slot ${slot} waits for ${await runningTransactions(database)}`, { cause });
  }
}

async function runningTransactions(database: ClientConfig): Promise<string> {
  const client = await openClient(database);
  try {
    const { rows } = await client.query<{ pid: number }>(
      "select pid from pg_locks where locktype = 'transactionid' and mode = 'ExclusiveLock' and granted order by pid limit 5",
    );
    return `transactions that run, of the processes ${rows.map(({ pid }) => pid).join(', ')}`;
  } finally {
    await client.end();
  }
}
