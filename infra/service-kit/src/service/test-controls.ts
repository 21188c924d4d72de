import type { FastifyInstance } from 'fastify';

export interface Pausable {
  pause(): void;
  resume(): void;
}

/** What a running service can be asked to hold still. */
export interface Pausables {
  /** Facts of other services do not arrive. */
  readonly follower: Pausable;
  /** Its own facts do not leave. */
  readonly relay: Pausable;
}

/** Lets a test see what a client sees while facts do not arrive or leave. Only where the setting asks for it. */
export function addTestControls(server: FastifyInstance, running: () => Pausables | undefined): void {
  for (const part of ['follower', 'relay'] as const) {
    server.post(`/test/${part}/pause`, async () => {
      running()?.[part].pause();
      return { paused: true };
    });
    server.post(`/test/${part}/resume`, async () => {
      running()?.[part].resume();
      return { paused: false };
    });
  }
}
