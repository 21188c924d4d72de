import type { ServiceDefinition } from '@qtm/service-kit';
import { createMetrics, Readiness } from '@qtm/service-kit/process';
import { readServiceSettings } from '@qtm/service-kit/settings';
import { Waiters } from '../../../infra/service-kit/src/consistency/waiters.ts';
import { SCHEMA_ROOT } from '../../../infra/service-kit/src/service/boot.ts';
import { type Served, serveSubgraph } from '../../../infra/service-kit/src/service/serve.ts';
import type { Bench } from '../../../test/harness/bench.ts';
import { sharedStack } from '../../../test/harness/stack.ts';

/** Where a bench answers over HTTP, as the running service does: to sessions of the issuer, and to other services that ask. */
export interface Door {
  /** The same, however often it is shut. */
  readonly url: string;
  open(): Promise<void>;
  shut(): Promise<void>;
}

const STILL = { pause: () => undefined, resume: () => undefined };

/** Opens the door of a bench; `chassis` where it is put together otherwise than the bench's own. */
export async function openDoor(
  { chassis: own, pool, urls }: Pick<Bench, 'chassis' | 'pool' | 'urls'>,
  definition: ServiceDefinition,
  chassis: Bench['chassis'] = own,
): Promise<Door> {
  const { issuer, kafka } = sharedStack();
  let port = 0;
  let served: Served | undefined;
  const door = {
    async open() {
      served = await serveSubgraph({
        definition,
        schemaRoot: SCHEMA_ROOT,
        chassis,
        pool,
        waiters: new Waiters({ db: pool, follows: definition.follows, metrics: chassis.metrics, maxWaiters: 10 }),
        settings: readServiceSettings({
          QTM_PORT: String(port),
          QTM_ISSUER: issuer.issuer,
          QTM_AUDIENCE: issuer.audience,
          QTM_JWKS_URL: issuer.jwksUrl,
          QTM_DATABASE_URL: urls.appUrl,
          QTM_RELAY_DATABASE_URL: urls.relayUrl,
          QTM_KAFKA_BROKERS: kafka.brokers,
          QTM_CONSISTENCY_SECRET: 'x'.repeat(32),
        }),
        registry: createMetrics(definition.name),
        readiness: new Readiness(),
      });
      port = Number(new URL(served.endpoint).port);
      served.open({ follower: STILL, relay: STILL });
    },
    shut: async () => served?.close(),
  };
  await door.open();
  return { ...door, url: `http://127.0.0.1:${port}` };
}
