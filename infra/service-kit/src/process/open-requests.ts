import type { FastifyInstance } from 'fastify';

/**
 * Counts the requests of one route that were received and not answered yet, aborted ones included until their connection ends.
 * `onChange` hears every new count.
 */
export function countOpenRequests(
  server: FastifyInstance,
  url: string,
  onChange: (open: number) => void = () => undefined,
): () => number {
  let open = 0;
  server.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url !== url) return;
    open += 1;
    onChange(open);
    reply.raw.once('close', () => {
      open -= 1;
      onChange(open);
    });
  });
  return () => open;
}
