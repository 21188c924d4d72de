import { join } from 'node:path';
import { loadMatrix } from '../authority/matrix.ts';
import { releaseKey } from '../consumer/apply.ts';
import { type Parked, parkedMessages } from '../consumer/parking.ts';
import { PassedOver } from '../consumer/position.ts';
import { createPool } from '../database/pool.ts';
import { loadNamespaces } from '../kafka/topic.ts';
import { createLogger } from '../process/logger.ts';
import { createMetrics } from '../process/metrics.ts';
import { readSettings } from '../process/settings.ts';
import { createChassis } from './assemble.ts';
import { inspectDatabase, SCHEMA_ROOT } from './boot.ts';
import type { ServiceDefinition } from './definition.ts';
import { PARKING_SETTINGS } from './settings.ts';

/** What a human does about events that could not be applied. */
export interface Parking {
  list(): Promise<readonly Parked[]>;
  /** Applies what waits under a key, in order, as far as it can be applied. */
  release(topic: string, key: string): Promise<{ readonly released: number; readonly left: number }>;
  close(): Promise<void>;
}

/**
 * Opens the parked events of a service, beside the running service or without it.
 * @param database gives the address where the environment does not
 */
export async function openParking(definition: ServiceDefinition, database: () => string): Promise<Parking> {
  const settings = readSettings(PARKING_SETTINGS);
  const { name, follows } = definition;
  const logger = createLogger(name, 'error');
  const pool = createPool({ url: settings.QTM_DATABASE_URL ?? database(), name: `${name} parked`, size: 1, logger });
  const namespaces = loadNamespaces(SCHEMA_ROOT, settings.QTM_TOPIC_PREFIX);
  const { epoch } = await inspectDatabase(name, pool);
  const matrix = loadMatrix(join(SCHEMA_ROOT, name, 'authority.yaml'));
  const registry = createMetrics(name);
  const chassis = createChassis({
    definition,
    namespaces,
    matrix,
    schemaRoot: SCHEMA_ROOT,
    epoch,
    authorityMaxAgeMs: Number.POSITIVE_INFINITY,
    registry,
    logger,
  });
  const sourceOf = (topic: string): string => {
    const found = [...namespaces].find(([, namespace]) => namespace.topic === topic);
    if (found === undefined) throw new Error(`no service publishes the topic ${topic}`);
    return found[0];
  };
  const applier = { chassis, pool, follows, reactions: chassis.reactions, passedOver: new PassedOver() };
  return {
    list: () => parkedMessages(pool, sourceOf),
    async release(topic, key) {
      let fault: Error | undefined;
      const released = await releaseKey(applier, sourceOf(topic), topic, key).catch((error: Error) => {
        fault = error;
        return 0;
      });
      const left = (await parkedMessages(pool, sourceOf, { topic, key })).length;
      if (fault !== undefined) throw new Error(`it fails again, ${left} wait: ${fault.message}`, { cause: fault });
      return { released, left };
    },
    close: () => pool.end(),
  };
}
