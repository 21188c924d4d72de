import { join } from 'node:path';
import type { ServiceDefinition } from '@qtm/service-kit';
import { createLogger, createMetrics, traceparentOf } from '@qtm/service-kit/process';
import { loadMatrix } from '../../infra/service-kit/src/authority/matrix.ts';
import type { RequestTrace } from '../../infra/service-kit/src/command/request.ts';
import type { Pool } from '../../infra/service-kit/src/database/pool.ts';
import { loadNamespaces } from '../../infra/service-kit/src/kafka/topic.ts';
import { createChassis } from '../../infra/service-kit/src/service/assemble.ts';
import { inspectDatabase, SCHEMA_ROOT } from '../../infra/service-kit/src/service/boot.ts';

/** A service's commands and reactions in this process, on a database that is there. */
export async function chassisHere(
  definition: ServiceDefinition,
  pool: Pool,
  authorityMaxAgeMs: number,
): Promise<ReturnType<typeof createChassis>> {
  const { name } = definition;
  return createChassis({
    definition,
    namespaces: loadNamespaces(SCHEMA_ROOT, ''),
    matrix: loadMatrix(join(SCHEMA_ROOT, name, 'authority.yaml')),
    schemaRoot: SCHEMA_ROOT,
    epoch: (await inspectDatabase(name, pool)).epoch,
    authorityMaxAgeMs,
    registry: createMetrics(name),
    logger: createLogger(name, 'fatal'),
  });
}

/** Where a request that nobody traced belongs. */
export function newTrace(): RequestTrace {
  const traceparent = traceparentOf(undefined);
  return { correlationId: traceparent.slice(3, 35), traceparent };
}
