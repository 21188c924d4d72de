import type { FastifyInstance } from 'fastify';

export interface Pausable {
  pause(): void;
  resume(): void;
}

/** Lets a test see what a client sees while facts of other services do not arrive. Only where the setting asks for it. */
export function addTestControls(server: FastifyInstance, follower: () => Pausable | undefined): void {
  server.post('/test/follower/pause', async () => {
    follower()?.pause();
    return { paused: true };
  });
  server.post('/test/follower/resume', async () => {
    follower()?.resume();
    return { paused: false };
  });
}
