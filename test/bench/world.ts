import { type LocalStack, type System, signingKey, startLocalStack, startSystem, waitFor } from '@qtm/local';
import pg from 'pg';
import { openPlay, type Play } from './chains.ts';

/** A whole system of its own, with who acts in it. */
export interface World extends Play {
  readonly stack: LocalStack;
  readonly system: System;
  readonly dataDir: string;
  /** As the superuser, at the database `postgres`. */
  readonly admin: pg.Client;
  readonly key: Awaited<ReturnType<typeof signingKey>>;
  /** Of every process, by name. */
  pids(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** Starts PostgreSQL (durable, statements counted), Kafka, every service and the gateway on empty data. */
export async function openWorld(dataDir: string, log: (line: string) => void): Promise<World> {
  const stack = await startLocalStack({ dataDir, fresh: true, log });
  const ends: (() => Promise<unknown>)[] = [() => stack.stop()];
  const stop = async () => {
    for (const end of ends.toReversed()) await end();
  };
  try {
    const admin = await countStatements(stack);
    ends.push(() => admin.end());
    const system = await startSystem({ stack, dataDir, log, env: { QTM_LOG_LEVEL: 'warn' } });
    ends.push(() => system.stop());
    const key = await signingKey(dataDir);
    const play = await openPlay(system.endpoint, key);
    return { ...play, stack, system, dataDir, admin, key, pids: () => pidsOf(stack, system), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function pidsOf({ postgres, kafka }: LocalStack, { processes }: System): ReadonlyMap<string, number> {
  const named = [...processes, { name: 'kafka', pid: kafka.pid }, { name: 'postgres', pid: postgres.pid }];
  return new Map(named.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid] as const])));
}

/** Has the server count statements, which it can only from its start on. */
async function countStatements({ postgres }: LocalStack): Promise<pg.Client> {
  const connect = async () => {
    const client = new pg.Client({ connectionString: postgres.adminUrl, application_name: 'bench' });
    await client.connect();
    return client;
  };
  const before = await connect();
  await before.query("alter system set shared_preload_libraries = 'pg_stat_statements'");
  await before.end();
  await postgres.restart();
  const admin = await connect();
  await admin.query('create extension pg_stat_statements');
  return admin;
}

/** Connects to a service's database as the superuser. */
export async function connectTo({ stack }: World, database: string): Promise<pg.Client> {
  const url = new URL(stack.postgres.adminUrl);
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href, application_name: 'bench' });
  await client.connect();
  return client;
}

/** Waits until a service's relay has read the log to its end: what was loaded beside it is behind it. */
export async function relayAtEnd({ admin }: World, service: string): Promise<void> {
  const near = async () => {
    const { rows } = await admin.query<{ behind: string }>(
      `select pg_current_wal_lsn() - confirmed_flush_lsn as behind from pg_replication_slots
        where database = $1 and active`,
      [service],
    );
    return rows[0] !== undefined && Number(rows[0].behind) < 1_000_000 ? true : undefined;
  };
  await waitFor(near, { timeoutMs: 600_000, what: `the relay of ${service} has read what was loaded`, everyMs: 250 });
}
