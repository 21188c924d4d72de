import { Readiness } from '@qtm/service-kit/process';
import { readServiceSettings } from '@qtm/service-kit/settings';
import { Waiters } from '../../infra/service-kit/src/consistency/waiters.ts';
import { applyDeliveries } from '../../infra/service-kit/src/consumer/apply.ts';
import { PassedOver } from '../../infra/service-kit/src/consumer/position.ts';
import type { Pool } from '../../infra/service-kit/src/database/pool.ts';
import type { Chassis } from '../../infra/service-kit/src/service/chassis.ts';
import { ownActs } from '../../infra/service-kit/src/service/own-acts.ts';
import { type Served, serveSubgraph } from '../../infra/service-kit/src/service/serve.ts';
import { sharedStack } from '../harness/stack.ts';
import { type Assembling, assembled, type SmallService } from './assembled.ts';

export interface Options extends Assembling {
  /** Where it listens; a free port where absent. */
  readonly port?: number;
}

/** A small service that answers over HTTP, on a database of its own. Nothing leaves it by topics. */
export interface Running {
  readonly url: string;
  readonly chassis: Chassis;
  readonly pool: Pool;
  readonly acts: ReturnType<typeof ownActs>;
  /** Applies what another small service has published of one aggregate, up to a version. */
  follow(other: Running, id: string, version?: number): Promise<void>;
  rows(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Opens its door once more, at the same port. */
  open(): Promise<void>;
  /** Closes its door; the database stays. */
  shut(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSmallService(small: SmallService, options: Options = {}): Promise<Running> {
  const { definition } = small;
  const stack = sharedStack();
  const { schemaRoot, chassis, pool, registry, appUrl, relayUrl } = await assembled(small, options);
  const applier = { chassis, pool, follows: definition.follows, reactions: {}, passedOver: new PassedOver() };
  let port = options.port ?? 0;
  let served: Served | undefined;
  const open = async () => {
    served = await serveSubgraph({
      definition,
      schemaRoot,
      chassis,
      pool,
      waiters: new Waiters({ db: pool, follows: definition.follows, metrics: chassis.metrics, maxWaiters: 10 }),
      settings: readServiceSettings({
        QTM_PORT: String(port),
        QTM_ISSUER: stack.issuer.issuer,
        QTM_AUDIENCE: stack.issuer.audience,
        QTM_JWKS_URL: stack.issuer.jwksUrl,
        QTM_DATABASE_URL: appUrl,
        QTM_RELAY_DATABASE_URL: relayUrl,
        QTM_KAFKA_BROKERS: stack.kafka.brokers,
        QTM_CONSISTENCY_SECRET: 'x'.repeat(32),
      }),
      registry,
      readiness: new Readiness(),
    });
    port = Number(new URL(served.endpoint).port);
    served.open({ follower: STILL, relay: STILL });
  };
  await open();
  let offset = 0n;
  return {
    url: `http://127.0.0.1:${port}`,
    chassis,
    pool,
    acts: ownActs(chassis, pool),
    async follow(other, id, version = Number.MAX_SAFE_INTEGER) {
      const told = await other.rows(
        'select event_type, aggregate_type, payload from journal where aggregate_id = $1 and aggregate_version <= $2 order by aggregate_version',
        [id, Math.min(version, 2 ** 31 - 1)],
      );
      const place = { source: other.chassis.service, topic: other.chassis.service, partition: 0 };
      const messages = told.map(({ event_type, aggregate_type, payload }) => {
        const headers = { ce_type: String(event_type), ce_subject: `${aggregate_type}/${id}` };
        return { offset: offset++, key: id, value: Buffer.from(String(payload)), headers };
      });
      await applyDeliveries(applier, [{ place, messages }]);
      const parked = (await pool.query('select reason from parked_event')).rows;
      if (parked.length > 0) throw new Error(`not applied: ${parked[0].reason}`);
    },
    rows: async (text, values = []) => (await pool.query(text, [...values])).rows,
    open,
    shut: async () => served?.close(),
    async stop() {
      await served?.close();
      await pool.end();
    },
  };
}

const STILL = { pause: () => undefined, resume: () => undefined };
