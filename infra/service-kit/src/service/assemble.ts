import type { Matrix } from '../authority/matrix.ts';
import { KIT_REMEDIES } from '../authority/remedy.ts';
import { ATTEMPTS_PER_MINUTE, AttemptCap } from '../command/attempt-cap.ts';
import { KIT_REFUSALS } from '../command/refusals.ts';
import { LOST_AGGREGATE } from '../consumer/lost.ts';
import type { Reactions } from '../consumer/reaction.ts';
import { sql } from '../database/statement.ts';
import { type Aggregate, aggregate } from '../journal/aggregate.ts';
import { loadEventSchemas } from '../journal/schemas.ts';
import type { Namespace } from '../kafka/topic.ts';
import type { Logger } from '../process/logger.ts';
import type { Registry } from '../process/metrics.ts';
import type { Chassis } from './chassis.ts';
import { checkDefinition, type ServiceDefinition } from './definition.ts';
import { createKitMetrics } from './kit-metrics.ts';

export interface Assembly {
  readonly definition: ServiceDefinition;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly matrix: Matrix;
  readonly schemaRoot: string;
  readonly epoch: number;
  /** Denied attempts of one principal that are facts of their own, in each minute; 100, unless a setting says otherwise. */
  readonly attemptsPerMinute?: number;
  /** Older facts of other services are no ground for a decision, in milliseconds; infinite where nothing is decided. */
  readonly authorityMaxAgeMs: number;
  readonly registry: Registry;
  readonly logger: Logger;
}

/** Aggregates of every service; the graph does not show them, topics do. */
const KIT_AGGREGATES: readonly Aggregate[] = [
  aggregate({ type: 'attempt', visibleTo: () => sql`false` }),
  aggregate({ type: 'attempt_count', visibleTo: () => sql`false` }),
  aggregate({ type: LOST_AGGREGATE, ids: 'text', visibleTo: () => sql`false` }),
  aggregate({ type: 'authority_matrix', ids: 'text', visibleTo: () => sql`false` }),
];

/**
 * Puts a service together from its definition and its contract.
 * @throws Error where the two do not fit
 */
export function createChassis(assembly: Assembly): Chassis & { readonly reactions: Reactions } {
  const { definition, namespaces, matrix, schemaRoot, epoch, authorityMaxAgeMs, registry, logger } = assembly;
  const { name } = definition;
  checkDefinition(definition, matrix);
  const eventPrefix = prefixOf(namespaces, name);
  return {
    service: name,
    origin: { eventPrefix, epoch },
    matrix,
    aggregates: new Map([...definition.aggregates, ...KIT_AGGREGATES].map((one) => [one.type, one])),
    principal: definition.principal,
    freshness: { sources: new Set(Object.keys(definition.follows)), maxAgeMs: authorityMaxAgeMs },
    remedies: { ...KIT_REMEDIES, ...definition.remedies },
    refusals: { ...KIT_REFUSALS, ...definition.refusals },
    uniqueRules: definition.uniqueRules ?? {},
    schemas: loadEventSchemas(schemaRoot, name, eventPrefix),
    attempts: new AttemptCap(assembly.attemptsPerMinute ?? ATTEMPTS_PER_MINUTE),
    metrics: createKitMetrics(registry),
    logger,
    reactions: reactionsByType(definition, namespaces),
  };
}

/** `jobs.intake_received` → `xen.jobs.intake_received.v1`: definitions speak of services, topics of namespaces. */
function reactionsByType({ reactions }: ServiceDefinition, namespaces: ReadonlyMap<string, Namespace>): Reactions {
  return Object.fromEntries(
    Object.entries(reactions).map(([key, reaction]) => {
      const [source = '', event] = key.split('.');
      return [`${prefixOf(namespaces, source)}.${event}.v1`, reaction];
    }),
  );
}

function prefixOf(namespaces: ReadonlyMap<string, Namespace>, service: string): string {
  const namespace = namespaces.get(service);
  if (namespace === undefined) throw new Error(`${service} has no namespace in namespaces.json`);
  return namespace.eventPrefix;
}
