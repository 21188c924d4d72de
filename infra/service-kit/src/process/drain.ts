import { Server } from 'node:net';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** How long an idle connection is still served, so that a request already on its way to it is not lost. */
const GRACE_MS = 300;
const LOOK_AGAIN_MS = 10;

/**
 * Makes closing the server lose no accepted request: new connections are refused at once, what arrives on kept ones is answered and
 * told that the connection closes, and only then are idle connections closed. Ends after `timeoutMs` whatever is still open.
 */
export function drainOnClose(server: FastifyInstance, openRequests: () => number, timeoutMs: number): void {
  // From here on fastify puts `connection: close` on every answer.
  server.addHook('preClose', async () => {
    // Right after new connections were taken in, since those that still wait to be are reset.
    await immediate();
    // The method of http.Server would close idle connections now, a request may be arriving on one; net.Server's only stops listening.
    Server.prototype.close.call(server.server);
    const endsAtMs = performance.now() + timeoutMs;
    await sleep(Math.min(GRACE_MS, timeoutMs));
    while (openRequests() > 0 && performance.now() < endsAtMs) await sleep(LOOK_AGAIN_MS);
    if (openRequests() > 0) server.server.closeAllConnections();
  });
}
