import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadMatrix } from '../authority/matrix.ts';
import { Clock } from '../clock/clock.ts';
import { AttemptCounter } from '../command/attempt-counter.ts';
import { checkOwners, createOwners } from '../confirm/owners.ts';
import { Waiters } from '../consistency/waiters.ts';
import { Follower } from '../consumer/follower.ts';
import { PassedOver } from '../consumer/position.ts';
import { fitOf } from '../database/fit.ts';
import { migrationFiles } from '../database/migration-files.ts';
import { createPool, type Pool } from '../database/pool.ts';
import { type Queryable, rowsOf, sql } from '../database/statement.ts';
import { Announcer } from '../freshness/announcer.ts';
import { connectKafka } from '../kafka/client.ts';
import { CONTROL_TOPIC_SETTINGS, eventTopicSettings, loadNamespaces } from '../kafka/topic.ts';
import { fromSetting } from '../process/from-setting.ts';
import { insist } from '../process/insist.ts';
import type { Lifecycle } from '../process/lifecycle.ts';
import { createMetrics } from '../process/metrics.ts';
import { Readiness } from '../process/readiness.ts';
import { Relay } from '../relay/relay.ts';
import { slotName } from '../relay/slot.ts';
import { createChassis } from './assemble.ts';
import type { ServiceDefinition } from './definition.ts';
import { exposeMeasures } from './measures.ts';
import { ownActs, recordMatrix } from './own-acts.ts';
import { serveSubgraph } from './serve.ts';
import type { ServiceSettings } from './settings.ts';

export const SCHEMA_ROOT = fileURLToPath(new URL('../../../../schema/', import.meta.url));

/**
 * Brings a service up: first its health pages, then its own topic and relay, then what others have published, and only then its
 * part of the graph, and its clock. Nobody waits for another's readiness, since services follow each other in a circle.
 * @returns where it listens
 */
export async function bootService(
  definition: ServiceDefinition,
  settings: ServiceSettings,
  lifecycle: Lifecycle,
): Promise<string> {
  const { name } = definition;
  const { logger } = lifecycle;
  const matrix = loadMatrix(join(SCHEMA_ROOT, name, 'authority.yaml'));
  const addresses = settings.QTM_OWNER_URLS;
  checkOwners(addresses, matrix, definition.follows);
  const registry = createMetrics(name);
  const readiness = new Readiness();
  readiness.block('start', 'is starting');
  const poolOf = (purpose: string, size: number): Pool => {
    const pool = createPool({ url: settings.QTM_DATABASE_URL, name: `${name} ${purpose}`, size, logger });
    lifecycle.add(`${purpose} connections`, () => pool.end());
    return pool;
  };
  const pool = poolOf('requests', settings.QTM_POOL_SIZE);
  const { epoch, database, newer } = await fromSetting('QTM_DATABASE_URL', () => inspectDatabase(name, pool));
  if (newer.length > 0) logger.info({ newer }, 'the database is newer than this release, which can live with it');
  const namespaces = loadNamespaces(SCHEMA_ROOT, settings.QTM_TOPIC_PREFIX);
  const chassis = createChassis({
    definition,
    namespaces,
    matrix,
    schemaRoot: SCHEMA_ROOT,
    epoch,
    attemptsPerMinute: settings.QTM_ATTEMPTS_PER_MINUTE,
    authorityMaxAgeMs: settings.QTM_AUTHORITY_MAX_AGE_MS,
    stepUp: { maxAgeS: settings.QTM_STEP_UP_MAX_AGE_S, acrValues: settings.QTM_STEP_UP_ACR_VALUES },
    owners: createOwners({ addresses, timeoutMs: settings.QTM_CONFIRM_TIMEOUT_MS }),
    registry,
    logger,
  });

  exposeMeasures(registry, pool, definition.measures ?? [], logger);
  const waiters = new Waiters({
    db: poolOf('waiters', 1),
    follows: definition.follows,
    metrics: chassis.metrics,
    maxWaiters: settings.QTM_MAX_WAITERS,
  });
  const subgraph = await serveSubgraph({
    definition,
    schemaRoot: SCHEMA_ROOT,
    chassis,
    pool,
    waiters,
    settings,
    registry,
    readiness,
  });
  lifecycle.addDoor('requests', () => subgraph.close());

  const own = namespaces.get(name);
  if (own === undefined) throw new Error(`${name} has no namespace in namespaces.json`);
  const brokers = settings.QTM_KAFKA_BROKERS;
  const insisting = { readiness, logger, part: 'kafka', stopped: () => lifecycle.stopping };
  const kafka = await insist({ ...insisting, reason: `none of ${brokers.join(', ')} answers` }, () =>
    connectKafka(brokers, name, logger),
  );
  lifecycle.add('kafka', () => kafka.close());
  // The control topic first: whoever finds the topic of facts finds both.
  await insist({ ...insisting, reason: `the topics of ${own.namespace} cannot be made` }, async () => {
    await kafka.ensureTopic(own.controlTopic, CONTROL_TOPIC_SETTINGS);
    await kafka.ensureTopic(own.topic, eventTopicSettings(settings.QTM_TOPIC_RETENTION_MS));
  });
  const relayPool = createPool({ url: settings.QTM_RELAY_DATABASE_URL, name: `${name} marks`, size: 1, logger });
  lifecycle.add('marks connection', () => relayPool.end());
  const relay = new Relay({
    service: name,
    namespace: own.namespace,
    topic: own.topic,
    databaseUrl: settings.QTM_RELAY_DATABASE_URL,
    slot: slotName(database),
    kafka,
    announcer: new Announcer({
      service: name,
      epoch,
      topic: own.topic,
      controlTopic: own.controlTopic,
      kafka,
      pool: relayPool,
      logger,
    }),
    metrics: chassis.metrics,
    readiness,
    logger,
  });
  await fromSetting('QTM_RELAY_DATABASE_URL', () => relay.start());
  lifecycle.add('relay', () => relay.stop());

  const attempts = new AttemptCounter(chassis, pool);
  lifecycle.add('attempts', () => attempts.stop());

  const acts = ownActs(chassis, pool);
  await recordMatrix(chassis, acts);
  await definition.onStart?.(acts);

  const follower = new Follower({
    applier: {
      chassis,
      pool: poolOf('follower', settings.QTM_FOLLOWER_POOL_SIZE),
      follows: definition.follows,
      reactions: chassis.reactions,
      passedOver: new PassedOver(),
    },
    group: `${settings.QTM_TOPIC_PREFIX}${name}`,
    concurrency: settings.QTM_FOLLOWER_POOL_SIZE,
    kafka,
    namespaces,
    readiness,
    onApplied: (events) => waiters.heard(events),
  });
  lifecycle.add('follower', () => follower.stop());
  await follower.start();
  subgraph.open({ follower, relay });
  readiness.clear('start');
  if (definition.clock !== undefined) {
    const clock = new Clock(chassis, pool, definition.clock);
    lifecycle.add('clock', () => clock.stop());
    clock.start(settings.QTM_CLOCK_INTERVAL_MS);
  }
  return subgraph.endpoint;
}

/** What a database says of itself. */
export interface Inspection {
  readonly epoch: number;
  readonly database: string;
  /** Migrations of a later release. */
  readonly newer: readonly string[];
}

/**
 * What the database says of itself. Its tables are made by a step of their own, so that a running service needs no right to.
 * @throws Error saying what keeps this release from running on it
 */
export async function inspectDatabase(name: string, db: Queryable): Promise<Inspection> {
  const files = await migrationFiles(name);
  try {
    const { pending, newer } = await fitOf(db, files);
    if (pending.length > 0) throw new Error(`it lacks ${pending[0]?.name}: npm run migrate -- ${name}`);
    const [row] = await rowsOf<{ epoch: number; database: string }>(
      db,
      sql`select value as epoch, current_database() as database from epoch`,
    );
    if (row === undefined) throw new Error('it has no epoch');
    return { ...row, newer };
  } catch (cause) {
    const unmade = (cause as { code?: string }).code === '42P01';
    const what = unmade ? `it has no tables: npm run migrate -- ${name}` : (cause as Error).message;
    throw new Error(`the database of ${name} cannot be used: ${what}`, { cause });
  }
}
