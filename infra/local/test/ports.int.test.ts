import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { assertPortsFree, freePorts, keptPorts } from '../src/ports.ts';
import { dataFolder } from './data-folder.ts';

async function take(port: number): Promise<void> {
  const server: Server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

test('free ports are free, and no two the same', async () => {
  const ports = await freePorts('a', 'b', 'c');
  expect(new Set(Object.values(ports)).size).toBe(3);
  await assertPortsFree(ports);
});

test('what was chosen once is kept', async () => {
  const file = join(dataFolder(), 'ports.json');
  const said: string[] = [];
  const first = await keptPorts(file, ['kafka', 'issuer'], (line) => said.push(line));
  expect(await keptPorts(file, ['kafka', 'issuer'], (line) => said.push(line))).toEqual(first);
  expect(said).toEqual([]);
});

test('one that somebody else has taken is replaced, and said; the others stay', async () => {
  const file = join(dataFolder(), 'ports.json');
  const first = await keptPorts(file, ['kafka', 'issuer'], () => {});
  await take(first.kafka);
  const said: string[] = [];
  const second = await keptPorts(file, ['kafka', 'issuer'], (line) => said.push(line));
  expect(second.issuer).toBe(first.issuer);
  expect(second.kafka).not.toBe(first.kafka);
  expect(said).toEqual([`port ${first.kafka} (kafka) was taken by somebody else: ${second.kafka} from now on`]);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(second);
});

test('a broken file is as none', async () => {
  const file = join(dataFolder(), 'ports.json');
  writeFileSync(file, '{"kafka":');
  expect((await keptPorts(file, ['kafka'], () => {})).kafka).toBeGreaterThan(0);
});
