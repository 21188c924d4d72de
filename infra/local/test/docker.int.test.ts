import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findEngine } from '../src/docker/engine.ts';
import { dataFolder } from './data-folder.ts';

/** Something other than an engine at a socket. */
async function listening(status: number | undefined): Promise<string> {
  const socket = join(dataFolder(), 'docker.sock');
  const server = createServer((request, response) => {
    if (status === undefined) request.socket.destroy();
    else response.writeHead(status).end();
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return socket;
}

const missing = async (DOCKER_HOST: string) => {
  const found = await findEngine({ DOCKER_HOST });
  return 'missing' in found ? found.missing : `an engine at ${found.socket}`;
};

test('no engine at the socket that DOCKER_HOST names', async () => {
  expect(await missing('unix:///nowhere/docker.sock')).toBe(
    'a Docker engine on this machine (no socket at /nowhere/docker.sock)',
  );
});

test('an engine elsewhere is none of this machine', async () => {
  expect(await missing('tcp://10.0.0.1:2375')).toBe(
    'a Docker engine on this machine (DOCKER_HOST=tcp://10.0.0.1:2375 is no unix:// socket)',
  );
});

test('somebody at the socket who is no engine', async () => {
  const refusing = await listening(500);
  expect(await missing(`unix://${refusing}`)).toContain(`(${refusing}: it answers 500)`);
  const silent = await listening(undefined);
  expect(await missing(`unix://${silent}`)).toContain(`(${silent}: ECONNRESET)`);
});
