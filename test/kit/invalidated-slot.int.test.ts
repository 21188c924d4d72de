import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, provision, ROOT, type ServiceDatabase, waitFor } from '@qtm/local';
import { migrate } from '@qtm/service-kit/migrate';
import { createLogger, createMetrics, Readiness } from '@qtm/service-kit/process';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountFor } from '../../infra/local/src/postgres/account.ts';
import { postgresBinaries } from '../../infra/local/src/postgres/binaries.ts';
import { type Cluster, startCluster } from '../../infra/local/src/postgres/cluster.ts';
import { connectKafka } from '../../infra/service-kit/src/kafka/client.ts';
import { eventTopicSettings } from '../../infra/service-kit/src/kafka/topic.ts';
import { Relay } from '../../infra/service-kit/src/relay/relay.ts';
import { slotName } from '../../infra/service-kit/src/relay/slot.ts';
import { createKitMetrics } from '../../infra/service-kit/src/service/kit-metrics.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';
import { readUntil } from './relayed.ts';

/** Settings of slots are the cluster's, and other tests have slots: this one takes a cluster of its own, where it can. */
const binaries = postgresBinaries();
const account = binaries && (await accountFor(binaries.postgres));

let folder: string;
let cluster: Cluster;
let database: ServiceDatabase;
beforeAll(async () => {
  if (binaries === undefined || account === undefined) return;
  folder = mkdtempSync(join(ROOT, '.local', 'slot-'));
  const { port } = await freePorts('port');
  const places = { dataDir: folder, logFile: join(folder, 'log'), ledger: join(folder, 'processes') };
  cluster = await startCluster({ ...places, port, ephemeral: true, log: () => undefined }, binaries, account);
  database = await provision(cluster.adminUrl, 'jobs');
  await migrate({ service: 'jobs', ownerUrl: database.ownerUrl, appRole: 'jobs_app', relayRole: 'jobs_relay' });
});
afterAll(async () => {
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

async function admin(text: string, url = cluster.adminUrl): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const journal = (rows: number) =>
  admin(
    `insert into journal select gen_random_uuid(), 'xen.jobs.actor_registered.v1', 'actor', gen_random_uuid(), 1,
      'request.submit', null, 'REGISTERED', null, 'somebody', 'HUMAN', null, 'c', 'm', '{}', 'c', null, 't', gen_random_uuid(), 0, 1,
      pg_current_xact_id(), 1, '2026-01-05T10:00:00.123456Z', '{}' from generate_series(1, ${rows})`,
    database.ownerUrl,
  );

test('a slot that the server gave up is dropped and made anew, and nothing is missing', async ({ skip }) => {
  skip(cluster === undefined, 'no cluster can be started here');
  const logger = createLogger('slot test', 'silent');
  const kafka = await connectKafka([sharedStack().kafka.brokers], 'slot test', logger);
  const topic = uniqueName('facts-');
  await kafka.ensureTopic(topic, eventTopicSettings(-1));
  const slot = slotName(database.database);
  const relay = () =>
    new Relay({
      service: 'jobs',
      namespace: 'jobs.xen',
      topic,
      databaseUrl: database.relayUrl,
      slot,
      kafka,
      metrics: createKitMetrics(createMetrics('slot test')),
      readiness: new Readiness(),
      logger,
    });
  const first = relay();
  await first.start();
  await first.stop();
  await journal(10);
  await admin("alter system set idle_replication_slot_timeout = '1s'");
  await admin('select pg_reload_conf()');
  const givenUp = async () => {
    await admin('checkpoint');
    const [state] = await admin(`select wal_status from pg_replication_slots where slot_name = '${slot}'`);
    return state?.wal_status === 'lost' ? true : undefined;
  };
  await waitFor(givenUp, { timeoutMs: 30_000, what: 'the server gives the slot up' });
  await journal(10);
  const next = relay();
  await next.start();
  await journal(10);
  const ids = new Set(
    (await admin('select event_id::text as id from journal', database.ownerUrl)).map(({ id }) => String(id)),
  );
  expect(ids.size).toBe(30);
  await readUntil(kafka, topic, ids);
  await next.stop();
  await kafka.close();
});
