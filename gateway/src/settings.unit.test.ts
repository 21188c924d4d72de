import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readGatewayConfig } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'qtm-gateway-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'supergraph.graphql');
writeFileSync(
  file,
  'enum join__Graph { A @join__graph(name: "a", url: "x") B_C @join__graph(name: "b-c", url: "x") } type Query { a: Int }',
);
const env = {
  QTM_SUPERGRAPH_FILE: file,
  QTM_ISSUER: 'https://issuer',
  QTM_AUDIENCE: 'qtm',
  QTM_JWKS_URL: 'https://issuer/jwks',
  QTM_SUBGRAPH_A_URLS: 'http://127.0.0.1:1/graphql, http://127.0.0.1:2/graphql',
  QTM_SUBGRAPH_B_C_URLS: 'http://127.0.0.1:3/graphql',
};

test('the supergraph says which subgraphs need addresses', () => {
  const { addresses, settings, supergraph } = readGatewayConfig(env);
  expect(supergraph.subgraphs).toEqual(['a', 'b-c']);
  expect([...addresses]).toEqual([
    ['a', ['http://127.0.0.1:1/graphql', 'http://127.0.0.1:2/graphql']],
    ['b-c', ['http://127.0.0.1:3/graphql']],
  ]);
  expect(settings.QTM_WAIT_BUDGET_MS).toBe(2_000);
});

test('every fault is named at once', () => {
  const wrong = { ...env, QTM_SUBGRAPH_A_URLS: 'nowhere', QTM_SUBGRAPH_B_C_URLS: '', QTM_WAIT_BUDGET_MS: 'long' };
  expect(() => readGatewayConfig(wrong)).toThrow(
    /^wrong settings: QTM_WAIT_BUDGET_MS: .*; QTM_SUBGRAPH_A_URLS: .*; QTM_SUBGRAPH_B_C_URLS is not set/,
  );
});

test('a file that is no supergraph is a fault', () => {
  writeFileSync(join(folder, 'other.graphql'), 'type Query { a: Int }');
  expect(() => readGatewayConfig({ ...env, QTM_SUPERGRAPH_FILE: join(folder, 'other.graphql') })).toThrow(
    /^wrong settings: QTM_SUPERGRAPH_FILE: .*no composed supergraph/,
  );
});
