import { waitFor } from '@qtm/local';
import { Client } from 'pg';
import type { Scene } from '../scene.ts';
import type { FaultKind } from './fault.ts';

const DROPPED_TIMEOUT_MS = 10_000;
/** The relay is thrown out and the slot removed in one statement, before it can come back. */
const DROP = `select pg_terminate_backend(active_pid, 2000), pg_drop_replication_slot(slot_name)
  from pg_replication_slots where database = $1 and not temporary`;

/** The replication slot of a service is gone, as after a failover to a server that never had it. */
export const DROP_SLOT: FaultKind = {
  name: 'slot dropped',
  weight: 1,
  faults: (scene) =>
    [...scene.system.databases].map(([service, { ownerUrl }]) => ({
      target: service,
      strike: () => dropped(scene, new URL(ownerUrl).pathname.slice(1)),
    })),
};

async function dropped({ stack }: Scene, database: string): Promise<undefined> {
  const client = new Client({ connectionString: stack.postgres.adminUrl });
  await client.connect();
  try {
    await waitFor(async () => ((await client.query(DROP, [database])).rowCount ? true : undefined), {
      timeoutMs: DROPPED_TIMEOUT_MS,
      what: `the slot of ${database} is dropped`,
      everyMs: 1,
    });
  } finally {
    await client.end();
  }
}
