import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { composeWith } from './compose.ts';
import { NamingError, namesOf, type Surroundings } from './names.ts';
import { skeletonOf } from './skeleton.ts';

const THERE: Surroundings = {
  namespaces: { orders: 'orders.xen' },
  domains: ['orders.xen', 'vault.xen', 'twin.x1', 'twin.xen'],
  takenServices: new Set(['orders', 'gateway', 'issuer']),
  takenTypes: new Set(['Order', 'OrderConnection', 'LotEdge']),
  takenFields: new Set(['orders', 'lots', 'openBox']),
  takenTables: new Set(['journal']),
};

describe('names', () => {
  test('come from the name of the service, and its namespace from the domains of the network', () => {
    expect(namesOf('vault', {}, THERE)).toMatchObject({
      namespace: 'vault.xen',
      prefix: 'xen.vault',
      aggregate: 'vault_entry',
      file: 'vault-entry',
      Type: 'VaultEntry',
      field: 'vaultEntry',
      plural: 'vaultEntries',
      words: 'vault entry',
      Plural: 'Vault entries',
      AN: 'A',
    });
    const parking = namesOf('fleet-yard', { aggregate: 'idle_box', namespace: 'yard.x1' }, THERE);
    expect(parking).toMatchObject({ namespace: 'yard.x1', plural: 'idleBoxes', Type: 'IdleBox', an: 'an' });
    expect(namesOf('fleet-yard', {}, THERE).namespace).toBe('fleetyard.x1');
  });

  test.each<[string, Parameters<typeof namesOf>[1], string]>([
    ['Vault', {}, 'is not the name of a service'],
    ['vault_two', {}, 'is not the name of a service'],
    ['vault-2', {}, 'is not the name of a service'],
    ['../vault', {}, 'is not the name of a service'],
    ['', {}, 'is not the name of a service'],
    ['v'.repeat(31), {}, 'longer than 30'],
    ['orders', {}, 'there is a service orders already'],
    ['gateway', {}, 'the name of something else'],
    ['twin', {}, 'twin.x1 and twin.xen: choose by --namespace'],
    ['vault', { namespace: 'vault' }, 'is not a namespace'],
    ['vault', { namespace: 'orders.xen' }, 'is the namespace of orders'],
    ['vault', { aggregate: 'VaultEntry' }, 'is not the name of an aggregate'],
    ['vault', { aggregate: 'user' }, 'is a key word'],
    ['vault', { aggregate: 'journal' }, 'every service has a table journal'],
    ['vault', { aggregate: 'order' }, 'is a key word'],
    ['vault', { aggregate: 'lot' }, 'a type LotEdge already'],
    ['vault', { aggregate: 'box' }, 'a field openBox already'],
  ])('refuses %s %o: %s', (service, wished, why) => {
    const naming = () => namesOf(service, wished, THERE);
    expect(naming).toThrow(NamingError);
    expect(naming).toThrow(why);
  });
});

test('a skeleton is twelve files without a gap in them', () => {
  const root = join(import.meta.dirname, '../../..');
  const files = skeletonOf(root, namesOf('vault', {}, THERE));
  expect(files.size).toBe(12);
  for (const [path, text] of files) {
    expect(path).toMatch(/^(?:schema|services)\/vault\//);
    expect(`${path}${text}`).not.toMatch(/\{\{/);
  }
});

const COMPOSE = `# Comments stay.
x-needs: &needs { kafka: { condition: service_healthy } }
services:
  kafka: { image: kafka }

  # The ledger.
  ledger-prepare:
    command: [prepare, ledger] # says who

  ledger:
    image: 'qtm/ledger'
    depends_on:
      <<: *needs
      ledger-prepare: {}

  orders-prepare:
    command: [prepare, orders]

  orders:
    image: 'qtm/orders'
    depends_on:
      <<: *needs
      orders-prepare: {}

  gateway:
    environment:
      QTM_SUBGRAPH_LEDGER_URLS: http://ledger:4000
      QTM_SUBGRAPH_ORDERS_URLS: http://orders:4000
    depends_on:
      ledger: {}
      orders: {}
      kafka: {}
volumes:
  ledger: {}
  orders: {}
`;

describe('the compose file', () => {
  const with3 = (service: string) => composeWith(COMPOSE, service, ['orders', 'ledger']);

  test.each(['aaa', 'nuts', 'zoo-keeper'])(
    'has %s wherever it has another service, and is otherwise as it was',
    (service) => {
      const { services, volumes } = parse(with3(service));
      const variable = `QTM_SUBGRAPH_${service.toUpperCase().replaceAll('-', '_')}_URLS`;
      expect(services[service]).toEqual({
        image: `qtm/${service}`,
        depends_on: { '<<': { kafka: { condition: 'service_healthy' } }, [`${service}-prepare`]: {} },
      });
      expect(services[`${service}-prepare`]).toEqual({ command: ['prepare', service] });
      expect(services.gateway.environment[variable]).toBe(`http://${service}:4000`);
      expect(services.gateway.depends_on[service]).toEqual({});
      for (const mapping of [services.gateway.depends_on, volumes]) {
        const known = Object.keys(mapping).filter((name) => name !== 'kafka');
        expect(known).toEqual([...known].sort());
      }
      const lines = with3(service).split('\n');
      const left = COMPOSE.split('\n').filter((kept) => !lines.splice(0, lines.indexOf(kept) + 1).includes(kept));
      expect(left).toEqual([]);
      expect(with3(service)).toContain('  # The ledger.\n  ledger-prepare:');
    },
  );

  test('keeps apart what begins alike', () => {
    const both = composeWith(with3('ledger-archive'), 'nuts', ['orders', 'ledger', 'ledger-archive']);
    const { services } = parse(both);
    expect(Object.keys(services).filter((name) => /nuts/.test(name))).toEqual(['nuts-prepare', 'nuts']);
  });

  test('without a service is no model', () => {
    expect(() => composeWith(COMPOSE, 'nuts', ['nobody'])).toThrow('no service to take as a model');
  });
});
