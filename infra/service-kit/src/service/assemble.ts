import type { Matrix } from '../authority/matrix.ts';
import { KIT_REMEDIES } from '../authority/remedy.ts';
import { DEFAULT_STEP_UP, type StepUp } from '../authority/step-up.ts';
import { ATTEMPTS_PER_MINUTE, AttemptCap } from '../command/attempt-cap.ts';
import { KIT_REFUSALS } from '../command/refusals.ts';
import { NO_OWNERS, type Owners } from '../confirm/owners.ts';
import { LOST_AGGREGATE } from '../consumer/lost.ts';
import type { Reaction, Reactions } from '../consumer/reaction.ts';
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
  /** What makes a session fresh; as by default, unless settings say otherwise. */
  readonly stepUp?: StepUp;
  /** Who confirms what the matrix wants confirmed; nobody, unless settings say who. */
  readonly owners?: Owners;
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
    stepUp: assembly.stepUp ?? DEFAULT_STEP_UP,
    owners: assembly.owners ?? NO_OWNERS,
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

/**
 * `jobs.intake_received` → `xen.jobs.intake_received.v1`: definitions speak of services, topics of namespaces. What is called so on the
 * topic of another service is no fact of that one's, and nothing follows from it.
 */
function reactionsByType({ reactions }: ServiceDefinition, namespaces: ReadonlyMap<string, Namespace>): Reactions {
  return Object.fromEntries(
    Object.entries(reactions).map(([key, reaction]) => {
      const [source = '', event] = key.split('.');
      const ofSource: Reaction = async (tx, fact) => {
        if (fact.source === source) await reaction(tx, fact);
      };
      return [`${prefixOf(namespaces, source)}.${event}.v1`, ofSource];
    }),
  );
}

function prefixOf(namespaces: ReadonlyMap<string, Namespace>, service: string): string {
  const namespace = namespaces.get(service);
  if (namespace === undefined) throw new Error(`${service} has no namespace in namespaces.json`);
  return namespace.eventPrefix;
}
