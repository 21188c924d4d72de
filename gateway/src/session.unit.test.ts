import { SessionError } from '@qtm/service-kit/process';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { authenticate } from './session.ts';

const server = fastify();
const verify = async (token: string) => {
  if (token !== 'good') throw new SessionError('the session has expired');
  return {} as never;
};
server.route({ method: ['GET', 'POST'], url: '/', preHandler: authenticate(verify), handler: async () => 'passed' });

const post = (headers: Record<string, string>, query = '{ me { id } }') =>
  server.inject({ method: 'POST', url: '/', headers, payload: { query } });

test('a verified session passes', async () => {
  expect((await post({ authorization: 'Bearer good' })).body).toBe('passed');
});

test.each([
  [{}, /a session is needed/],
  [{ authorization: 'Bearer bad' }, /^Not accepted: the session has expired\.$/],
  [{ authorization: 'Basic abc' }, /not of the form/],
  [{ authorization: 'Bearer good bad' }, /not of the form/],
])('without one: %j', async (headers, reason) => {
  const answer = await post(headers as Record<string, string>);
  expect(answer.statusCode).toBe(200);
  expect(answer.json().errors).toEqual([
    { message: expect.stringMatching(reason), extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  expect(answer.headers['www-authenticate']).toBe('Bearer');
});

test('a client of the newer media type gets the status of HTTP', async () => {
  const answer = await post({ accept: 'application/graphql-response+json' });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['content-type']).toMatch(/^application\/graphql-response\+json/);
});

test.each(['{__typename}', ' query Ping { __typename }\n', 'query{__typename}'])(
  'anybody may ask %s',
  async (query) => {
    expect((await post({}, query)).body).toBe('passed');
    expect((await server.inject({ url: '/', query: { query } })).body).toBe('passed');
  },
);

test.each(['{ __typename me { id } }', '{ __schema { queryType { name } } }', 'mutation { __typename }', ''])(
  'nobody without a session may ask %j',
  async (query) => expect((await post({}, query)).json().errors).toHaveLength(1),
);

test('a wrong session is not better than none', async () => {
  expect((await post({ authorization: 'Bearer bad' }, '{__typename}')).json().errors).toHaveLength(1);
});
