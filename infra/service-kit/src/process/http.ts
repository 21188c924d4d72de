import { type FastifyInstance, fastify, LogController } from 'fastify';
import type { Registry } from 'prom-client';
import { boundNesting } from './json-body.ts';
import type { Logger } from './logger.ts';
import type { Readiness } from './readiness.ts';

export interface HttpOptions {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly readiness: Readiness;
  readonly bodyLimitBytes: number;
}

const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than the idle time of any client's connection pool, so that the client is the one to close (no reset on reuse). */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Ids in paths may be longer than the router takes by itself. */
const MAX_PARAM_LENGTH = 1_000;

/** The HTTP server of a process with its health pages; routes are added by the caller before it listens. */
export function createHttpServer({ logger, metrics, readiness, bodyLimitBytes }: HttpOptions): FastifyInstance {
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // A draining process finishes what has arrived; it does not answer 503 to what a peer has already sent.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  }) as unknown as FastifyInstance;
  boundNesting(server);
  server.get('/livez', async () => ({ live: true }));
  server.get('/readyz', async (_request, reply) => {
    const reasons = readiness.reasons;
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  server.get('/metrics', async (_request, reply) => {
    return reply.header('content-type', metrics.contentType).send(await metrics.metrics());
  });
  server.setErrorHandler<Error & { statusCode?: number; code?: string }>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) logger.error({ err: error }, 'a request failed');
    const message = status >= 500 ? 'the request failed' : error.message;
    return reply.code(status).send({ errors: [{ message, extensions: { code: error.code ?? 'INTERNAL' } }] });
  });
  return server;
}
