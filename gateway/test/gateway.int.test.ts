import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, createMetrics, createSessionVerifier } from '@qtm/service-kit/process';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGateway } from '../src/server.ts';
import { readGatewayConfig } from '../src/settings.ts';
import { deadUrl } from './fake-subgraph.ts';
import { AUDIENCE, ISSUER, startIssuer } from './issuer.ts';
import { startSubgraphs } from './two-subgraphs.ts';
import { WAITED_MS } from './waiting.ts';

const folder = mkdtempSync(join(tmpdir(), 'qtm-gateway-'));
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let subgraphs: Awaited<ReturnType<typeof startSubgraphs>>;
let gateway: FastifyInstance;
let endpoint: string;
let token: string;

beforeAll(async () => {
  [issuer, subgraphs] = await Promise.all([startIssuer(), startSubgraphs()]);
  token = await issuer.token();
  gateway = await startGateway();
  endpoint = await gateway.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([subgraphs.close(), issuer.close()]);
  rmSync(folder, { recursive: true });
});
beforeEach(() => subgraphs.seen.splice(0));

async function startGateway(env: Record<string, string> = {}): Promise<FastifyInstance> {
  const file = join(folder, 'supergraph.graphql');
  writeFileSync(file, subgraphs.supergraphSdl);
  const addresses = [...subgraphs.addresses].map(([name, url]) => [`QTM_SUBGRAPH_${name.toUpperCase()}_URLS`, url]);
  return createGateway({
    ...readGatewayConfig({
      QTM_SUPERGRAPH_FILE: file,
      QTM_ISSUER: ISSUER,
      QTM_AUDIENCE: AUDIENCE,
      QTM_JWKS_URL: issuer.jwksUrl,
      ...Object.fromEntries(addresses),
      ...env,
    }),
    logger: createLogger('gateway', 'silent'),
    registry: createMetrics('gateway'),
    verify: createSessionVerifier({ issuer: ISSUER, audience: AUDIENCE, jwksUrl: issuer.jwksUrl, rolesClaim: 'roles' }),
  });
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  readonly extensions?: { readonly consistency?: { tokens: string[]; incomplete: boolean } };
}

async function ask(query: string, headers: Record<string, string> = {}, at = endpoint): Promise<Answer> {
  const response = await fetch(`${at}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as Omit<Answer, 'status' | 'headers'>;
  return { status: response.status, headers: response.headers, ...body };
}

const codes = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions.code);

describe('an operation', () => {
  test('is answered from both subgraphs, each seeing the session and the trace', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const answer = await ask('{ maker(id: "1") { name applause } fans }', { traceparent });
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ maker: { name: 'maker 1', applause: 7 }, fans: 2 });
    expect(new Set(subgraphs.seen.map(({ service }) => service))).toEqual(new Set(['makers', 'fans']));
    for (const { headers } of subgraphs.seen) {
      expect(headers).toMatchObject({ authorization: `Bearer ${token}`, traceparent });
    }
  });

  test('gets a trace where the client began none', async () => {
    await ask('{ maker(id: "1") { name applause } }');
    const traces = subgraphs.seen.map(({ headers }) => headers.traceparent);
    expect(traces).toHaveLength(2);
    expect(traces[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traces[1]).toBe(traces[0]);
  });

  test('carries what it learns from one subgraph to the next, and hands it to the client', async () => {
    const answer = await ask('mutation { make(name: "x") { id applause } }', {
      'qtm-consistency': 'a/b/7@1.3~mac,rubbish',
    });
    const [first, second] = subgraphs.seen.map(({ headers }) => headers['qtm-consistency']);
    expect(first).toBe('a/b/7@1.3~mac');
    expect(second).toMatch(/^a\/b\/7@1\.3~mac,makers\/maker\/1@1\.\d+~mac$/);
    const returned = answer.headers.get('qtm-consistency');
    expect(returned).toMatch(/^a\/b\/7@1\.3~mac,makers\/maker\/1@.*,fans\/maker\/1@/);
    expect(answer.extensions?.consistency).toEqual({ tokens: returned?.split(','), incomplete: false });
    const [budget, left] = subgraphs.seen.map(({ headers }) => Number(headers['qtm-deadline-ms']));
    expect(budget).toBeLessThanOrEqual(2_000);
    expect(left).toBeLessThanOrEqual(budget ?? 0);
    expect(left).toBeGreaterThan(0);
  });

  test('can be introspected', async () => {
    expect((await ask('{ __schema { queryType { name } } }')).data).toEqual({
      __schema: { queryType: { name: 'Query' } },
    });
  });
});

describe('an operation beyond its bounds', () => {
  test.each([
    ['too many root fields', `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: fans`).join(' ')} }`],
    ['too long', `{ ${'fans '.repeat(15_001)} }`],
    ['of a kind there is not', 'subscription { fans }'],
    ['one of two, and not said which', 'query A { fans } query B { fans }'],
  ])('is refused before anything is asked: %s', async (_, query) => {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const { status, errors } = await ask(query, { accept });
      expect(status).toBe(accept === 'application/json' ? 200 : 400);
      expect(errors?.[0]?.extensions.code).not.toBe('INTERNAL');
    }
    expect(subgraphs.seen).toEqual([]);
  });
});

describe('errors', () => {
  test('of a subgraph that cannot be reached say which field they hit, and leave the others alone', async () => {
    const partly = await startGateway({ QTM_SUBGRAPH_FANS_URLS: await deadUrl() });
    const at = await partly.listen({ host: '127.0.0.1', port: 0 });
    const answer = await ask('{ maker(id: "1") { name applause } fans }', {}, at);
    expect(answer.data).toEqual({ maker: { name: 'maker 1', applause: null }, fans: null });
    expect(codes(answer)).toEqual(['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE']);
    expect(answer.errors).toContainEqual(expect.objectContaining({ path: ['fans'] }));
    expect(answer.errors?.[0]?.extensions).toMatchObject({ serviceName: 'fans', retryable: true });
    await partly.close();
  });

  test('of a subgraph pass with all they say', async () => {
    const { data, errors } = await ask('{ forbidden { id } maker(id: "1") { id } }');
    expect(data).toEqual({ forbidden: null, maker: { id: '1' } });
    expect(errors).toMatchObject([
      {
        message: 'Not yours.',
        path: ['forbidden'],
        extensions: { code: 'FORBIDDEN', transition: 'maker.see', clause: 'holder' },
      },
    ]);
    expect(JSON.stringify(errors)).not.toContain('stacktrace');
  });

  test('that nobody foresaw say nothing about their cause', async () => {
    const answer = await ask('{ broken }');
    expect(codes(answer)).toEqual(['INTERNAL']);
    expect(JSON.stringify(answer.errors)).not.toMatch(/secret|stacktrace|node_modules/);
  });

  test.each(['{ nothing }', '{ maker(id: "1") { id ', 'mutation($x: String!) { make(name: $x) { id } }'])(
    'of the client: %s',
    async (query) => {
      const [older, newer] = [await ask(query), await ask(query, { accept: 'application/graphql-response+json' })];
      expect(older.status).toBe(200);
      expect(newer.status).toBe(400);
      expect(codes(newer)?.[0]).toMatch(/^(GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|BAD_USER_INPUT)$/);
      expect(codes(older)).toEqual(codes(newer));
      expect(subgraphs.seen).toEqual([]);
    },
  );

  test('a session is needed', async () => {
    const expired = await issuer.token({}, '-1m');
    const foreign = await issuer.token({ qtm_kind: 'GHOST' });
    for (const authorization of ['', `Bearer ${expired}`, `Bearer ${foreign}`, 'Bearer x']) {
      expect(codes(await ask('{ fans }', { authorization }))).toEqual(['UNAUTHENTICATED']);
    }
    expect(subgraphs.seen).toEqual([]);
  });

  test('a simple form of another site is no request', async () => {
    const response = await fetch(`${endpoint}/graphql?query=%7Bfans%7D`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('CSRF');
  });

  test('a body above the limit is refused', async () => {
    const answer = await ask(`{ fans } # ${'x'.repeat(1_100_000)}`);
    expect(answer.status).toBe(413);
    expect(answer.errors).toHaveLength(1);
  });
});

test('health pages name what is not ready, and why', async () => {
  expect(await (await fetch(`${endpoint}/readyz`)).json()).toEqual({ ready: true, reasons: [] });
  const dead = await startGateway({ QTM_SUBGRAPH_FANS_URLS: await deadUrl() });
  const answer = await dead.inject('/readyz');
  expect(answer.statusCode).toBe(503);
  expect(answer.json().reasons).toEqual([expect.stringMatching(/^fans: 127\.0\.0\.1:\d+ ECONNREFUSED$/)]);
  await dead.close();
});

test('figures', async () => {
  await ask('mutation { make(name: "x") { id } }');
  const text = await (await fetch(`${endpoint}/metrics`)).text();
  expect(text).toMatch(/qtm_gateway_operation_seconds_count\{.*kind="mutation",outcome="ok".*\} [1-9]/);
  expect(text).toMatch(/qtm_gateway_operation_seconds_count\{.*kind="query",outcome="errors".*\} [1-9]/);
  expect(text).toMatch(/qtm_gateway_subgraph_seconds_count\{.*service="makers".*\} [1-9]/);
  expect(text).toMatch(/qtm_gateway_open_requests\{?.*\}? 0/);
});

test('open requests are counted while they are open', async () => {
  const release = subgraphs.hold();
  const open = Array.from({ length: 20 }, () => ask('mutation { make(name: "x") { id } }'));
  await vi.waitFor(async () => {
    const text = await (await fetch(`${endpoint}/metrics`)).text();
    expect(text).toMatch(/qtm_gateway_open_requests\{.*\} 20/);
  }, WAITED_MS);
  release();
  expect((await Promise.all(open)).every(({ errors }) => errors === undefined)).toBe(true);
});

test('closing under load loses no request that was accepted', async () => {
  const closing = await startGateway();
  let accepted = 0;
  closing.addHook('onRequest', async () => {
    accepted += 1;
  });
  const at = await closing.listen({ host: '127.0.0.1', port: 0 });
  const before = subgraphs.made();
  let answered = 0;
  const client = async () => {
    for (;;) {
      const answer = await ask('mutation { make(name: "x") { id } }', {}, at).catch(() => undefined);
      if (answer === undefined) return; // turned away at the door
      expect(answer.errors).toBeUndefined();
      answered += 1;
    }
  };
  const clients = Array.from({ length: 20 }, client);
  await vi.waitFor(() => expect(answered).toBeGreaterThan(100), WAITED_MS);
  await closing.close();
  await Promise.all(clients);
  expect(answered).toBe(accepted);
  expect(answered).toBe(subgraphs.made() - before);
});
