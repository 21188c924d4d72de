import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Environment } from '../settings.ts';

const TIMEOUT_MS = 3_000;
const NEEDED = 'a Docker engine on this machine';

/** The socket of an engine that answers, or why there is none. */
export type FoundEngine = { readonly socket: string } | { readonly missing: string };

/**
 * Looks for an engine at DOCKER_HOST, and only there where it is set, else where engines put their sockets. One elsewhere is of no use:
 * the stack is reached at 127.0.0.1 and by nobody else.
 */
export async function findEngine(env: Environment = process.env): Promise<FoundEngine> {
  const given = env.DOCKER_HOST || undefined;
  if (given !== undefined && !given.startsWith('unix://')) {
    return { missing: `${NEEDED} (DOCKER_HOST=${given} is no unix:// socket)` };
  }
  const sockets = given === undefined ? usualSockets(env) : [given.slice('unix://'.length)];
  const found = sockets.filter((socket) => existsSync(socket));
  if (found.length === 0) return { missing: `${NEEDED} (no socket at ${sockets[0]})` };
  const silent: string[] = [];
  for (const socket of found) {
    const fault = await silenceOf(socket);
    if (fault === undefined) return { socket };
    silent.push(`${socket}: ${fault}`);
  }
  return { missing: `${NEEDED} (${silent.join(', ')})` };
}

/** The first is the one that is named where there is none. */
function usualSockets(env: Environment): readonly string[] {
  const of = (folder: string | undefined, ...rest: string[]) => (folder ? [join(folder, ...rest)] : []);
  return [
    '/var/run/docker.sock',
    ...of(env.XDG_RUNTIME_DIR, 'docker.sock'),
    ...of(env.HOME, '.docker', 'run', 'docker.sock'),
    ...of(env.HOME, '.docker', 'desktop', 'docker.sock'),
  ];
}

/** Why nobody answers at this socket; undefined where an engine does. */
function silenceOf(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: TIMEOUT_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200 ? undefined : `it answers ${answer.statusCode}`);
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer after ${TIMEOUT_MS / 1_000} s`)));
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });
}
