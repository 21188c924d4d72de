import { createMetrics } from '@qtm/service-kit/process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { deadUrl, FakeSubgraph } from '../../test/fake-subgraph.ts';
import { WAITED_MS } from '../../test/waiting.ts';
import { ConsistencyTokens } from '../consistency.ts';
import { createGatewayMetrics } from '../metrics.ts';
import type { Operation } from '../operation.ts';
import { Addresses } from './addresses.ts';
import { SubgraphDataSource } from './data-source.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function subgraph(port = 0): Promise<FakeSubgraph> {
  const server = await new FakeSubgraph().listen(port);
  open.push(server);
  return server;
}

async function addresses(...urls: string[]): Promise<Addresses> {
  const known = new Addresses('a', urls);
  open.push(known);
  await known.start(20);
  return known;
}

function operation(overrides: Partial<Operation> = {}): Operation {
  const startedAtMs = performance.now();
  return {
    authorization: 'Bearer token',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    tokens: new ConsistencyTokens(),
    startedAtMs,
    waitUntilMs: startedAtMs + 2_000,
    endsAtMs: startedAtMs + 30_000,
    ...overrides,
  };
}

const registry = createMetrics('gateway');
const metrics = createGatewayMetrics(registry);
const QUERY = '{ a }';
const MUTATION = 'mutation M($x: Int) { a(x: $x) }';

function ask(known: Addresses, query: string, context = operation(), timeoutMs = 5_000) {
  const source = new SubgraphDataSource(known, metrics, timeoutMs);
  return source.process({
    kind: 'incoming operation' as never,
    request: { query, variables: { x: 1 } },
    incomingRequestContext: {} as never,
    context,
  } as Parameters<SubgraphDataSource['process']>[0]);
}

const failure = async (asked: ReturnType<typeof ask>) => (await asked).errors?.[0]?.extensions?.code;

describe('a subgraph request', () => {
  test('carries query, session, trace, tokens and what is left of the wait budget', async () => {
    const server = await subgraph();
    server.answer = (response) =>
      response.setHeader('qtm-consistency', 'a/b/1@1.2~n,a/b/2@1.1~n').end('{"data":{"a":2}}');
    const context = operation();
    context.tokens.add('a/b/1@1.1~m');
    const known = await addresses(server.url);
    expect(await ask(known, QUERY, context)).toEqual({ data: { a: 2 } });
    const [{ headers, body } = { headers: {}, body: '' }] = server.received;
    expect(JSON.parse(body)).toEqual({ query: QUERY, variables: { x: 1 } });
    expect(headers).toMatchObject({
      authorization: 'Bearer token',
      traceparent: context.traceparent,
      'qtm-consistency': 'a/b/1@1.1~m',
      'content-type': 'application/json',
    });
    expect(Number(headers['qtm-deadline-ms'])).toBeGreaterThan(1_500);
    expect(Number(headers['qtm-deadline-ms'])).toBeLessThanOrEqual(2_000);
    expect(context.tokens.tokens).toEqual(['a/b/1@1.2~n', 'a/b/2@1.1~n']);
  });

  test('the budget is never below zero', async () => {
    const server = await subgraph();
    await ask(await addresses(server.url), QUERY, operation({ waitUntilMs: 0 }));
    expect(server.received[0]?.headers['qtm-deadline-ms']).toBe('0');
  });

  test('reuses connections', async () => {
    const server = await subgraph();
    const known = await addresses(server.url);
    for (let n = 0; n < 200; n += 1) await ask(known, MUTATION);
    // The pool may take a second and a third one while the first finishes its answer, and asks for readiness beside.
    expect(server.connections).toBeLessThanOrEqual(4);
  });

  test('a subgraph that says its answer is incomplete makes the operation incomplete', async () => {
    const server = await subgraph();
    server.answer = (response) => response.setHeader('qtm-consistency-incomplete', 'true').end('{"data":{"a":1}}');
    const context = operation();
    await ask(await addresses(server.url), QUERY, context);
    expect(context.tokens.incomplete).toBe(true);
  });

  test('errors of a subgraph are its answer, whatever the status', async () => {
    const server = await subgraph();
    server.answer = (response) => response.writeHead(413).end('{"errors":[{"message":"too large"}]}');
    expect(await ask(await addresses(server.url), MUTATION)).toEqual({ errors: [{ message: 'too large' }] });
  });
});

describe('a request that was never sent', () => {
  test('goes to the next address, mutations too, exactly once', async () => {
    const server = await subgraph();
    const known = await addresses(await deadUrl(), server.url, await deadUrl());
    for (let n = 1; n <= 6; n += 1) {
      expect(await ask(known, MUTATION)).toEqual({ data: { a: 1 } });
      expect(server.received).toHaveLength(n);
    }
  });

  test('is safe to ask again where no address is left', async () => {
    const known = await addresses(await deadUrl(), await deadUrl());
    expect(await failure(ask(known, MUTATION))).toBe('SUBGRAPH_UNAVAILABLE');
    expect(await failure(ask(known, QUERY))).toBe('SUBGRAPH_UNAVAILABLE');
  });

  test('is an error at each field that was asked for', async () => {
    const known = await addresses(await deadUrl());
    const { errors } = await ask(known, 'mutation { one: a two: a }');
    expect(errors?.map(({ path }) => path)).toEqual([['one'], ['two']]);
    const entities = await ask(known, 'query($r: [_Any!]!) { _entities(representations: $r) { ... on B { a } } }');
    expect(entities.errors?.map(({ path }) => path)).toEqual([undefined]);
  });

  test('is what an operation without time left makes', async () => {
    const server = await subgraph();
    const known = await addresses(server.url);
    expect(await failure(ask(known, MUTATION, operation({ endsAtMs: 0 })))).toBe('SUBGRAPH_UNAVAILABLE');
    expect(server.received).toEqual([]);
  });
});

describe('a request that was sent', () => {
  const cases: [string, FakeSubgraph['answer'], number][] = [
    ['reset', (_response, _request, socket) => socket.resetAndDestroy(), 5_000],
    ['closed without an answer', (_response, _request, socket) => socket.destroy(), 5_000],
    ['cut off in its answer', (response, _request, socket) => response.write('{"da', () => socket.destroy()), 5_000],
    ['not answered in time', () => {}, 1_000],
    ['answered by something else', (response) => response.writeHead(502).end('<html>'), 5_000],
  ];

  test.each(cases)('%s: never goes elsewhere', async (_, answer, timeoutMs) => {
    const [one, two] = [await subgraph(), await subgraph()];
    one.answer = answer;
    two.answer = answer;
    const known = await addresses(one.url, two.url);
    expect(await failure(ask(known, MUTATION, operation(), timeoutMs))).toBe('OUTCOME_UNKNOWN');
    expect(one.received.length + two.received.length).toBe(1);
    await vi.waitFor(() => expect(known.unreadiness).toBeUndefined(), WAITED_MS);
    expect(await failure(ask(known, QUERY, operation(), timeoutMs))).toBe('SUBGRAPH_UNAVAILABLE');
    expect(one.received.length + two.received.length).toBe(2);
  });

  test('a time limit for one leaves the others alone', async () => {
    const server = await subgraph();
    server.answer = (response, { body }) => {
      if (body.includes('slow')) return;
      response.end('{"data":{"a":1}}');
    };
    const known = await addresses(server.url);
    const slow = failure(ask(known, 'mutation slow { a }', operation(), 1_000));
    const others = Array.from({ length: 10 }, () => ask(known, MUTATION));
    expect(await Promise.all(others)).toHaveLength(10);
    expect(await slow).toBe('OUTCOME_UNKNOWN');
  });
});

describe('addresses', () => {
  test('share the requests', async () => {
    const [one, two] = [await subgraph(), await subgraph()];
    const known = await addresses(one.url, two.url);
    for (let n = 0; n < 10; n += 1) await ask(known, QUERY);
    expect([one.received.length, two.received.length]).toEqual([5, 5]);
  });

  test('one that is not ready is left out, and comes back', async () => {
    const [one, two] = [await subgraph(), await subgraph()];
    one.ready = false;
    const known = await addresses(one.url, two.url);
    for (let n = 0; n < 4; n += 1) await ask(known, QUERY);
    expect(one.received).toEqual([]);
    one.ready = true;
    await vi.waitFor(async () => {
      await ask(known, QUERY);
      expect(one.received.length).toBeGreaterThan(0);
    }, WAITED_MS);
  });

  test('one that drains is left out from its first answer on', async () => {
    const [one, two] = [await subgraph(), await subgraph()];
    const known = await addresses(one.url, two.url);
    one.ready = false;
    one.answer = (response) => response.setHeader('connection', 'close').end('{"data":{"a":1}}');
    for (let n = 0; n < 10; n += 1) expect(await ask(known, MUTATION)).toEqual({ data: { a: 1 } });
    expect(one.received.length).toBeLessThanOrEqual(1);
  });

  test('one that is left out is asked where there is no other', async () => {
    const server = await subgraph();
    server.ready = false;
    const known = await addresses(server.url);
    expect(known.unreadiness).toBe(`127.0.0.1:${server.port} not ready: copies: catching up`);
    expect(await ask(known, QUERY)).toEqual({ data: { a: 1 } });
  });

  test('one that died and came back is found again', async () => {
    const first = await subgraph();
    const { port, url } = first;
    const known = await addresses(url);
    await first.close();
    expect(await failure(ask(known, QUERY))).toBe('SUBGRAPH_UNAVAILABLE');
    expect(known.unreadiness).toMatch(/ECONNREFUSED|closed|UND_ERR/);
    await subgraph(port);
    await vi.waitFor(() => expect(known.unreadiness).toBeUndefined(), WAITED_MS);
    expect(await ask(known, QUERY)).toEqual({ data: { a: 1 } });
  });
});

test('every request is measured by how it ended', async () => {
  const text = await registry.metrics();
  for (const outcome of ['answered', 'lost', 'never_sent']) {
    expect(text).toMatch(new RegExp(`qtm_gateway_subgraph_seconds_count\\{.*outcome="${outcome}".*\\} [1-9]`));
  }
  expect(text).toMatch(/qtm_gateway_subgraph_queue_seconds_count\{service="a"\} [1-9]/);
});
