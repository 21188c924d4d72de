import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TokenSigner } from '../consistency/token.ts';
import type { Waiters } from '../consistency/waiters.ts';
import type { Pool } from '../database/pool.ts';
import { type ExchangeOptions, openExchange } from '../graphql/exchange.ts';
import { createSubgraph } from '../graphql/subgraph.ts';
import { bearerSession } from '../process/bearer.ts';
import { drainOnClose } from '../process/drain.ts';
import { fromSetting } from '../process/from-setting.ts';
import { createHttpServer } from '../process/http.ts';
import type { Registry } from '../process/metrics.ts';
import { countOpenRequests } from '../process/open-requests.ts';
import type { Readiness } from '../process/readiness.ts';
import { createSessionVerifier, type Session, SessionError } from '../process/session.ts';
import type { Chassis } from './chassis.ts';
import type { ServiceDefinition } from './definition.ts';
import type { ServiceSettings } from './settings.ts';
import { addTestControls, type Pausables } from './test-controls.ts';

export interface ServeOptions {
  readonly definition: ServiceDefinition;
  readonly schemaRoot: string;
  readonly chassis: Chassis;
  readonly pool: Pool;
  readonly waiters: Waiters;
  readonly settings: ServiceSettings;
  readonly registry: Registry;
  readonly readiness: Readiness;
}

/** The HTTP side of a service. */
export interface Served {
  readonly endpoint: string;
  /** Lets requests in: everything they rest on is up. */
  open(running: Pausables): void;
  /** Drains, then closes. */
  close(): Promise<void>;
}

/** Listens at once with the health pages; the graph answers "not ready" until it is opened. */
export async function serveSubgraph(options: ServeOptions): Promise<Served> {
  const { definition, schemaRoot, chassis, pool, waiters, settings, registry, readiness } = options;
  const { logger, metrics } = chassis;
  const apollo = createSubgraph({ service: definition.name, schemaRoot, resolvers: definition.resolvers, logger });
  await apollo.start();
  const verify = createSessionVerifier({
    issuer: settings.QTM_ISSUER,
    audience: settings.QTM_AUDIENCE,
    jwksUrl: settings.QTM_JWKS_URL,
    rolesClaim: settings.QTM_ROLES_CLAIM,
  });
  const server = createHttpServer({
    logger,
    metrics: registry,
    readiness,
    bodyLimitBytes: settings.QTM_BODY_LIMIT_BYTES,
  });
  const sessions = new WeakMap<FastifyRequest, Session>();
  const exchange: ExchangeOptions = {
    chassis,
    pool,
    waiters,
    signer: new TokenSigner(settings.QTM_CONSISTENCY_SECRET),
  };
  let parts: Pausables | undefined;
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    async preHandler(request, reply) {
      if (parts === undefined)
        return answer(reply, 503, 'SERVICE_UNAVAILABLE', 'the service is starting; repeat later');
      try {
        sessions.set(request, await bearerSession(verify, request.headers.authorization));
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        metrics.unauthenticated.inc();
        logger.info({ reason: error.reason }, 'a request without a session');
        return answer(reply, 200, 'UNAUTHENTICATED', `Not accepted: ${error.reason}.`);
      }
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => openExchange(exchange, request, sessions.get(request) as Session),
    }),
  });
  if (settings.QTM_TEST_CONTROLS === 'on') addTestControls(server, () => parts);
  server.addHook('preClose', async () => readiness.block('requests', 'drains'));
  drainOnClose(server as FastifyInstance, countOpenRequests(server, '/graphql'), settings.QTM_DRAIN_TIMEOUT_MS);
  server.addHook('onClose', async () => apollo.stop());
  const place = { host: settings.QTM_HOST, port: settings.QTM_PORT };
  const address = await fromSetting('QTM_HOST, QTM_PORT', () => server.listen(place));
  return {
    endpoint: `${address}/graphql`,
    open(running) {
      parts = running;
    },
    close: () => server.close(),
  };
}

/** An answer in the form of GraphQL to a request that never reached it. */
function answer(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
}
