import { expect, test } from 'vitest';
import { brokerSettings } from '../kafka/properties.ts';
import { serverSettings } from '../postgres/cluster.ts';
import { brokerPlan } from './broker.ts';
import { clusterPlan } from './cluster.ts';
import { nameIn } from './container.ts';
import { imagesOfStack } from './images.ts';

const dataDir = '/data/postgres';
const cluster = { dataDir, port: 15_432, ephemeral: false, logFile: '', ledger: '', log: () => {} };
const ports = { kafka: 19_092, controller: 19_093 };
const broker = {
  dataDir: '/data/kafka',
  ports: { ...ports, postgres: 1, issuer: 2 },
  ephemeral: false,
  fresh: false,
  env: {},
};

test('images are those of the releases that run without an engine', () => {
  expect(imagesOfStack().postgres).toMatch(/^postgres:18\.\d+$/);
  expect(imagesOfStack().kafka).toMatch(/^apache\/kafka:4\.3\.\d+$/);
});

test('PostgreSQL in a container has the settings of the one without, and listens to the engine', () => {
  const { command = [], environment, port, data } = clusterPlan(cluster, 'secret');
  for (const [name, value] of Object.entries(serverSettings(false))) expect(command).toContain(`${name}=${value}`);
  expect(command).toContain('listen_addresses=*');
  expect(command).not.toContain('fsync=off');
  expect(environment.POSTGRES_PASSWORD).toBe('secret');
  expect(port).toEqual({ container: 5_432, host: 15_432 });
  expect(data).toEqual({ volume: nameIn(dataDir, 'postgres'), path: '/var/lib/postgresql' });
});

test('what is thrown away after the run has no volume', () => {
  const plan = clusterPlan({ ...cluster, ephemeral: true }, 'secret');
  expect(plan.data).toBeUndefined();
  expect(plan.command).toContain('fsync=off');
  expect(brokerPlan({ ...broker, ephemeral: true }).data).toBeUndefined();
});

test('Kafka in a container has the settings of the one without, and is found under its address of this machine', () => {
  const { environment, port, data } = brokerPlan(broker);
  const place = { host: '', ports, folder: '/var/lib/kafka/data', advertised: '127.0.0.1:19092' };
  for (const [name, value] of Object.entries(brokerSettings(place))) {
    expect(environment[`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`]).toBe(value);
  }
  expect(environment.KAFKA_LISTENERS).toBe('PLAINTEXT://:19092,CONTROLLER://:19093');
  expect(environment.KAFKA_ADVERTISED_LISTENERS).toBe('PLAINTEXT://127.0.0.1:19092');
  expect(port).toEqual({ container: 19_092, host: 19_092 });
  expect(data?.path).toBe(environment.KAFKA_LOG_DIRS);
});

test('containers and volumes of two data folders have other names', () => {
  expect(nameIn('/a', 'kafka')).not.toBe(nameIn('/b', 'kafka'));
  expect(nameIn('/a', 'kafka')).toMatch(/^qtm-[\da-f]{12}-kafka$/);
});
