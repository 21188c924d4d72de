import { Client } from 'pg';

/** Slot names contain the database: slots belong to the whole cluster. */
export function slotName(database: string): string {
  return `relay_${database.replace(/[^a-z0-9_]/g, '_')}`;
}

const CREATE_TIMEOUT_MS = 10_000;

/**
 * Makes sure that the slot exists, so that nothing committed from now on is missed. Its creation waits for the transactions that
 * run; the wait is bounded and says what blocks.
 */
export async function ensureSlot(databaseUrl: string, slot: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, statement_timeout: CREATE_TIMEOUT_MS });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_replication_slots where slot_name = $1', [slot]);
    if (rowCount === 0) await client.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  } catch (cause) {
    // Another replica made it in the meantime.
    if ((cause as { code?: string }).code === '42710') return;
    throw new Error(`the slot ${slot} could not be made: ${await blockers(client, cause as Error)}`, { cause });
  } finally {
    await client.end();
  }
}

async function blockers(client: Client, cause: Error): Promise<string> {
  const { rows } = await client.query<{ pid: number; application_name: string }>(
    'select pid, application_name from pg_stat_activity where backend_xid is not null order by xact_start limit 3',
  );
  if (rows.length === 0) return cause.message;
  return `${cause.message}; transactions that run: ${rows.map((row) => `${row.application_name} (${row.pid})`).join(', ')}`;
}
