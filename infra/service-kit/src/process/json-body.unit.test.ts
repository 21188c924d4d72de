import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { boundNesting, nestsDeeper } from './json-body.ts';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test('depth is what is open at once, not what there is in all', () => {
  expect(nestsDeeper(nested(64), 64)).toBe(false);
  expect(nestsDeeper(nested(65), 64)).toBe(true);
  expect(nestsDeeper(`[${'{},'.repeat(1_000)}{}]`, 2)).toBe(false);
});

test('brackets within texts do not count, whatever quotes are in them', () => {
  expect(nestsDeeper(JSON.stringify({ text: `\\"${'['.repeat(100)}\\` }), 1)).toBe(false);
  expect(nestsDeeper(JSON.stringify({ '"': [[]] }), 2)).toBe(true);
});

test('a body that nests too deep is refused before anything walks it, any other is read as before', async () => {
  const server = fastify();
  boundNesting(server);
  server.post('/', async ({ body }) => body);
  const post = (payload: string) =>
    server.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, payload });
  expect((await post('{"a":[1]}')).json()).toEqual({ a: [1] });
  const refused = await post(nested(50_000));
  expect([refused.statusCode, refused.json().code]).toEqual([400, 'BODY_TOO_DEEP']);
  expect((await post('{"__proto__":{}}')).statusCode).toBe(400);
  expect((await post('{')).statusCode).toBe(400);
});
