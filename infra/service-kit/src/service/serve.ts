import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AGGREGATE_PATH, answerOwned } from '../confirm/answer.ts';
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

/** Listens at once with the health pages; the graph, and what other services ask for, answer "not ready" until it is opened. */
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
  const sessionOf = (request: FastifyRequest) => sessions.get(request) as Session;
  let parts: Pausables | undefined;
  /** Lets nobody in who has no session, and is told so with this status. */
  const admission = (status: 200 | 401) => async (request: FastifyRequest, reply: FastifyReply) => {
    if (parts === undefined) return answer(reply, 503, 'SERVICE_UNAVAILABLE', 'the service is starting; repeat later');
    try {
      sessions.set(request, await bearerSession(verify, request.headers.authorization));
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      metrics.unauthenticated.inc();
      logger.info({ reason: error.reason }, 'a request without a session');
      return answer(reply, status, 'UNAUTHENTICATED', `Not accepted: ${error.reason}.`);
    }
  };
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    // A gateway drops the details of anything but 200.
    preHandler: admission(200),
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => openExchange(exchange, request, sessionOf(request)),
    }),
  });
  server.route({
    method: 'GET',
    url: AGGREGATE_PATH,
    preHandler: admission(401),
    handler: answerOwned(chassis, pool, sessionOf),
  });
  if (settings.QTM_TEST_CONTROLS === 'on') addTestControls(server, () => parts);
  server.addHook('preClose', async () => readiness.block('requests', 'drains'));
  const open = ['/graphql', AGGREGATE_PATH].map((url) => countOpenRequests(server, url));
  const openRequests = () => open.reduce((sum, count) => sum + count(), 0);
  drainOnClose(server as FastifyInstance, openRequests, settings.QTM_DRAIN_TIMEOUT_MS);
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
