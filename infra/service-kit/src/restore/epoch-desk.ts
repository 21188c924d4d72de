import { join } from 'node:path';
import type { Client } from 'pg';
import { loadMatrix } from '../authority/matrix.ts';
import { CLOCK } from '../command/flight.ts';
import { openClient } from '../database/client.ts';
import { rowsOf, sql } from '../database/statement.ts';
import { connectKafka } from '../kafka/client.ts';
import { loadNamespaces } from '../kafka/topic.ts';
import { createLogger } from '../process/logger.ts';
import { createMetrics } from '../process/metrics.ts';
import type { Settings } from '../process/settings.ts';
import { createChassis } from '../service/assemble.ts';
import { inspectDatabase, SCHEMA_ROOT } from '../service/boot.ts';
import type { ServiceDefinition } from '../service/definition.ts';
import { inOwnName } from '../service/own-acts.ts';
import type { epochSettings } from '../service/settings.ts';
import { type LostFact, lostFacts } from './lost-facts.ts';
import { type Restated, restate } from './restate.ts';

/** What a human does after the database of a service was restored from a backup. */
export interface EpochDesk {
  current(): Promise<number>;
  /**
   * Raises the epoch, so that consumers can tell the new facts from those that the restore has lost, and tells them anew of everything
   * that went back. All or nothing.
   * @throws Error where a process of the service still works with the database
   */
  raise(): Promise<Raised>;
  close(): Promise<void>;
}

export interface Raised extends Restated {
  readonly epoch: number;
  /** Facts on the topic that the journal does not have. */
  readonly lost: readonly LostFact[];
}

/** Opens the epoch of a service, as the owner of its database. */
export async function openEpoch(
  definition: ServiceDefinition,
  settings: Settings<ReturnType<typeof epochSettings>>,
): Promise<EpochDesk> {
  const { name } = definition;
  const connectionString = settings.QTM_OWNER_DATABASE_URL;
  const client = await openClient({ connectionString, application_name: `${name} epoch` });
  const current = async () => (await inspectDatabase(name, client)).epoch;
  return {
    current,
    async raise() {
      await assertNobodyWorks(client, name, [settings.QTM_APP_ROLE, settings.QTM_RELAY_ROLE]);
      await current();
      const lost = await readLostFacts(client, name, settings);
      await client.query('begin');
      try {
        // Whoever starts now waits here for the new epoch; whoever had read the old one is connected, and is seen.
        await client.query('lock table epoch in access exclusive mode');
        await assertNobodyWorks(client, name, [settings.QTM_APP_ROLE, settings.QTM_RELAY_ROLE]);
        const [row] = await rowsOf<{ epoch: number }>(
          client,
          sql`with raised as (update epoch set value = value + 1 returning value)
            insert into relay_horizon (epoch, xid) select value, '0' from raised returning epoch`,
        );
        const epoch = row?.epoch as number;
        const chassis = chassisOf(definition, settings.QTM_TOPIC_PREFIX, epoch);
        const [clock] = await rowsOf<{ now: string }>(client, CLOCK);
        const restated = await restate(chassis, client, lost, inOwnName(chassis, clock?.now as string));
        await client.query('commit');
        return { epoch, lost, ...restated };
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
    close: () => client.end(),
  };
}

/** A process that goes on would write facts of the old epoch beside those of the new. */
async function assertNobodyWorks(client: Client, service: string, roles: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ usename: string; pids: number[] }>(
    `select usename, array_agg(pid order by pid) as pids from pg_stat_activity
      where datname = current_database() and usename = any($1) group by usename order by usename`,
    [roles],
  );
  if (rows.length === 0) return;
  const who = rows.map(({ usename, pids }) => `${usename} (${pids.join(', ')})`).join(', ');
  throw new Error(`${service} still works with this database; stop every process of it first: ${who}`);
}

async function readLostFacts(
  client: Client,
  service: string,
  settings: Settings<ReturnType<typeof epochSettings>>,
): Promise<readonly LostFact[]> {
  const { QTM_KAFKA_BROKERS, QTM_TOPIC_PREFIX } = settings;
  const topic = loadNamespaces(SCHEMA_ROOT, QTM_TOPIC_PREFIX).get(service)?.topic;
  if (topic === undefined) throw new Error(`${service} has no namespace in namespaces.json`);
  const kafka = await connectKafka(QTM_KAFKA_BROKERS, `${service} epoch`, createLogger(service, 'error'));
  try {
    return await lostFacts({ kafka, topic, group: `${QTM_TOPIC_PREFIX}${service}.epoch`, db: client });
  } finally {
    await kafka.close();
  }
}

function chassisOf(definition: ServiceDefinition, topicPrefix: string, epoch: number) {
  const { name } = definition;
  return createChassis({
    definition,
    namespaces: loadNamespaces(SCHEMA_ROOT, topicPrefix),
    matrix: loadMatrix(join(SCHEMA_ROOT, name, 'authority.yaml')),
    schemaRoot: SCHEMA_ROOT,
    epoch,
    authorityMaxAgeMs: Number.POSITIVE_INFINITY,
    registry: createMetrics(name),
    logger: createLogger(name, 'error'),
  });
}
