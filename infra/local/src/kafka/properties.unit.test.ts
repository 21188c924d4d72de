import { expect, test } from 'vitest';
import { brokerProperties } from './properties.ts';

const place = { host: '127.0.0.1', ports: { kafka: 9, controller: 10 }, folder: '/data/kafka' };

test('a broker listens on this machine alone and makes no topic by itself', () => {
  const lines = brokerProperties(place).split('\n');
  expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9,CONTROLLER://127.0.0.1:10');
  expect(lines).toContain('controller.quorum.voters=1@127.0.0.1:10');
  expect(lines).toContain('auto.create.topics.enable=false');
  expect(lines).toContain('log.dirs=/data/kafka');
});

test('every kind of internal topic has the one copy there is room for', () => {
  const factors = brokerProperties(place).match(/^.*(?:replication\.factor|isr|insync\.replicas)=.*$/gm);
  expect(factors?.length).toBeGreaterThanOrEqual(7);
  for (const factor of factors ?? []) expect(factor).toMatch(/=1$/);
});

test('clients that are led through a proxy are told its port', () => {
  const lines = brokerProperties({ ...place, detour: { port: 11, advertisedPort: 12 } }).split('\n');
  expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9,CONTROLLER://127.0.0.1:10,DETOUR://127.0.0.1:11');
  expect(lines).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:9,DETOUR://127.0.0.1:12');
});

test('a backslash is written as a properties file wants it', () => {
  expect(brokerProperties({ ...place, folder: 'C:\\kafka' })).toContain('log.dirs=C:\\\\kafka\n');
});
