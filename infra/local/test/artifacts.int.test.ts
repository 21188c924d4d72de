import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaJars, type Pinned } from '../src/kafka/jars.ts';
import { freePorts } from '../src/ports.ts';
import { dataFolder } from './data-folder.ts';

const CONTENT: Readonly<Record<string, string>> = { '/org/a/a-1.jar': 'first', '/org/b/b-2.jar': 'second' };
const requests: string[] = [];
const server = createServer((request, response) => {
  requests.push(request.url ?? '');
  const content = CONTENT[request.url ?? ''];
  response.writeHead(content === undefined ? 404 : 200).end(content);
});
let repository: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  repository = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => void server.close());

const pin = (path: string, content: string) => ({ path, sha256: createHash('sha256').update(content).digest('hex') });
const A = pin('org/a/a-1.jar', 'first');
const B = pin('org/b/b-2.jar', 'second');

/** On a machine without Maven. */
const fetched = (folder: string, artifacts: Pinned['artifacts'], from = repository) =>
  kafkaJars(folder, { env: { PATH: '/nowhere' }, log: () => {}, pinned: { repository: from, artifacts } });

test('are fetched directly where there is no Maven, and only once', async () => {
  const folder = dataFolder();
  const jars = await fetched(folder, [B, A]);
  expect(jars.map((jar) => [basename(jar), readFileSync(jar, 'utf8')])).toEqual([
    ['a-1.jar', 'first'],
    ['b-2.jar', 'second'],
  ]);
  expect(readdirSync(folder)).toHaveLength(2);
  requests.length = 0;
  expect(await fetched(folder, [A, B])).toEqual(jars);
  expect(requests).toEqual([]);
});

test('that are not what was pinned are refused, and nothing of them stays', async () => {
  const folder = dataFolder();
  const wrong = { path: A.path, sha256: B.sha256 };
  await expect(fetched(folder, [wrong])).rejects.toThrow(
    `${repository}/org/a/a-1.jar is not the artifact that was pinned`,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('that cannot be had are named, with the reason', async () => {
  await expect(fetched(dataFolder(), [pin('org/c/c-3.jar', '')])).rejects.toThrow(
    /c-3\.jar cannot be fetched.*\(status 404\)/,
  );
  const { nobody } = await freePorts('nobody');
  const unreachable = fetched(dataFolder(), [A], `http://127.0.0.1:${nobody}`);
  await expect(unreachable).rejects.toThrow(/a-1\.jar cannot be fetched.*ECONNREFUSED.*Kafka needs the network once/);
});

test('two stacks that fetch at the same time do not spoil each other', async () => {
  const folder = dataFolder();
  await Promise.all([fetched(folder, [A, B]), fetched(folder, [A, B])]);
  expect(readdirSync(folder).sort()).toEqual(['a-1.jar', 'b-2.jar']);
});
