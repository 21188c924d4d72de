import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openProxy, type TcpProxy } from './proxy.ts';

/** Answers everything with the same bytes; `heard` is told of them. */
async function echo(heard: (text: string) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).pipe(socket);
    socket.on('data', (bytes) => heard(bytes.toString('utf8')));
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

async function proxied(heard: (text: string) => void = () => undefined): Promise<{ proxy: TcpProxy; client: Socket }> {
  const proxy = await openProxy(await echo(heard));
  onTestFinished(() => proxy.close());
  const client = connect({ host: '127.0.0.1', port: proxy.port }).setEncoding('utf8');
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  return { proxy, client };
}

async function said(client: Socket, text: string): Promise<string> {
  client.write(text);
  return String((await once(client, 'data'))[0]);
}

test('bytes pass in both directions', async () => {
  const { client } = await proxied();
  expect(await said(client, 'hello')).toBe('hello');
});

test('a reset ends a connection as a crash would, and the next one passes', async () => {
  const { proxy, client } = await proxied();
  await said(client, 'hello');
  const ended = once(client, 'error');
  expect(proxy.reset()).toBe(1);
  expect((await ended)[0]).toMatchObject({ code: 'ECONNRESET' });
  const next = connect({ host: '127.0.0.1', port: proxy.port }).setEncoding('utf8');
  onTestFinished(() => void next.destroy());
  expect(await said(next, 'again')).toBe('again');
});

test('what is held arrives once it is released', async () => {
  const { proxy, client } = await proxied();
  await said(client, 'hello');
  proxy.hold();
  const answered: string[] = [];
  client.on('data', (text) => answered.push(String(text)));
  client.write('held');
  // Another connection is opened and held meanwhile: by then the bytes of the first would have passed.
  const other = connect({ host: '127.0.0.1', port: proxy.port });
  onTestFinished(() => void other.destroy());
  await once(other, 'connect');
  expect(answered).toEqual([]);
  const arrives = once(client, 'data');
  proxy.release();
  expect((await arrives)[0]).toBe('held');
});

test('where answers are held, what is sent arrives, once, and its answer once they are released', async () => {
  let hear: (text: string) => void = () => undefined;
  const heard: string[] = [];
  const { proxy, client } = await proxied((text) => {
    heard.push(text);
    hear(text);
  });
  await said(client, 'hello');
  const answered: string[] = [];
  client.on('data', (text) => answered.push(String(text)));
  proxy.holdAnswers();
  const arrived = new Promise<string>((resolve) => {
    hear = resolve;
  });
  client.write('asked');
  expect(await arrived).toBe('asked');
  expect(answered).toEqual([]);
  const answer = once(client, 'data');
  proxy.release();
  expect((await answer)[0]).toBe('asked');
  expect(await said(client, 'again')).toBe('again');
  expect(heard).toEqual(['hello', 'asked', 'again']);
});

test('where nothing listens the client is reset', async () => {
  const proxy = await openProxy();
  onTestFinished(() => proxy.close());
  const client = connect({ host: '127.0.0.1', port: proxy.port });
  expect((await once(client, 'error'))[0]).toMatchObject({ code: 'ECONNRESET' });
});
