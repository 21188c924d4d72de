import { fastifyApolloHandler } from '@as-integrations/fastify';
import {
  countOpenRequests,
  createHttpServer,
  drainOnClose,
  type Logger,
  Readiness,
  type Registry,
  traceparentOf,
  type VerifySession,
} from '@qtm/service-kit/process';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CONSISTENCY_HEADER, ConsistencyTokens } from './consistency.ts';
import { createGraph } from './graph.ts';
import { createGatewayMetrics } from './metrics.ts';
import type { Operation } from './operation.ts';
import { authenticate } from './session.ts';
import type { GatewayConfig } from './settings.ts';
import { Addresses } from './subgraph/addresses.ts';

export interface GatewayOptions extends GatewayConfig {
  readonly logger: Logger;
  readonly registry: Registry;
  readonly verify: VerifySession;
}

/** Brings up the front door and does not listen yet. Closing the server drains it and closes what it opened. */
export async function createGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const { settings, supergraph, logger, registry, verify } = options;
  const metrics = createGatewayMetrics(registry);
  const addresses = new Map([...options.addresses].map(([name, urls]) => [name, new Addresses(name, urls)]));
  const graph = createGraph({
    supergraphSdl: supergraph.sdl,
    addresses,
    metrics,
    logger,
    subgraphTimeoutMs: settings.QTM_SUBGRAPH_TIMEOUT_MS,
  });
  await Promise.all([graph.start(), ...[...addresses.values()].map((known) => known.start())]);

  const readiness = new SubgraphReadiness(addresses);
  const bodyLimitBytes = settings.QTM_BODY_LIMIT_BYTES;
  const server = createHttpServer({ logger, metrics: registry, readiness, bodyLimitBytes });
  const openRequests = countOpenRequests(server, '/graphql', (open) => metrics.openRequests.set(open));
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    preHandler: authenticate(verify),
    handler: fastifyApolloHandler(graph, { context: async (request) => operationOf(request, settings) }),
  });
  server.addHook('preClose', async () => readiness.block('gateway', 'drains'));
  drainOnClose(server, openRequests, settings.QTM_DRAIN_TIMEOUT_MS);
  server.addHook('onClose', async () => {
    await graph.stop();
    await Promise.all([...addresses.values()].map((known) => known.close()));
  });
  return server;
}

/** Ready where every subgraph has a ready process; otherwise it says which has none, and why. */
class SubgraphReadiness extends Readiness {
  readonly #addresses: ReadonlyMap<string, Addresses>;

  constructor(addresses: ReadonlyMap<string, Addresses>) {
    super();
    this.#addresses = addresses;
  }

  override get reasons(): readonly string[] {
    const unready = [...this.#addresses].flatMap(([name, { unreadiness }]) =>
      unreadiness === undefined ? [] : [`${name}: ${unreadiness}`],
    );
    return [...super.reasons, ...unready];
  }
}

function operationOf({ headers }: FastifyRequest, settings: GatewayConfig['settings']): Operation {
  const startedAtMs = performance.now();
  const tokens = new ConsistencyTokens();
  tokens.add(headers[CONSISTENCY_HEADER]);
  return {
    authorization: headers.authorization,
    traceparent: traceparentOf(headers.traceparent as string | undefined),
    tokens,
    startedAtMs,
    waitUntilMs: startedAtMs + settings.QTM_WAIT_BUDGET_MS,
    endsAtMs: startedAtMs + settings.QTM_OPERATION_TIMEOUT_MS,
  };
}
