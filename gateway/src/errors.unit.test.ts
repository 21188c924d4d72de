import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { expect, test } from 'vitest';
import { outcomeUnknown, presentable, subgraphUnavailable } from './errors.ts';

const schema = buildSchema('type Query { a(ids: [ID!]): ID }');
const [listed] = parse('query ($ids: [ID!]) { a(ids: $ids) }').definitions as [OperationDefinitionNode];

test('what a subgraph says of an error reaches the client', () => {
  const extensions = { code: 'FORBIDDEN', transition: 'job.claim', clause: 'executes_for', reason: 'not the holder' };
  const error = { message: 'You may not claim this job.', path: ['claimJob'], extensions };
  expect(presentable(error)).toEqual(error);
});

test('what a challenge asks for reaches the client', () => {
  const asked = { acrValues: ['phr'], maxAge: 300 };
  const extensions = {
    code: 'INSUFFICIENT_USER_AUTHENTICATION',
    transition: 'deed.seal',
    clause: 'session_fresh',
    ...asked,
  };
  const error = { message: 'Prove again who you are.', path: ['sealDeed'], extensions };
  expect(presentable(error)).toEqual(error);
});

test('a stack never does', () => {
  const error = { message: 'No.', extensions: { code: 'FORBIDDEN', stacktrace: ['at x'] } };
  expect(presentable(error)).toEqual({ message: 'No.', extensions: { code: 'FORBIDDEN' } });
});

test.each([undefined, 'INTERNAL_SERVER_ERROR', 'DOWNSTREAM_SERVICE_ERROR'])(
  'an unforeseen fault (%s) says only that it is one, and where',
  (code) => {
    const error = {
      message: 'duplicate key value (id)=(7)',
      path: ['a'],
      extensions: { ...(code && { code }), serviceName: 'x' },
    };
    expect(presentable(error)).toEqual({
      message: 'The request failed; the fault was logged.',
      path: ['a'],
      extensions: { code: 'INTERNAL', serviceName: 'x' },
    });
  },
);

test('that variables have more faults than are told is no fault of ours', () => {
  const given = { ids: Array(100).fill({}) };
  const { errors = [] } = getVariableValues(schema, listed.variableDefinitions ?? [], given, { maxErrors: 50 });
  const last = errors.at(-1)?.toJSON();
  expect(last?.extensions?.code).toBeUndefined();
  expect(presentable(last ?? { message: '' }).extensions).toEqual({ code: 'BAD_USER_INPUT' });
});

test('an unknown outcome tells what to do', () => {
  expect(outcomeUnknown('a', 'ECONNRESET').message).toMatch(/Repeat the mutation with the same idempotencyKey/);
  expect(outcomeUnknown('a', 'x').extensions).toEqual({ code: 'OUTCOME_UNKNOWN', retryable: true });
  expect(subgraphUnavailable('a', 'x').extensions).toEqual({
    code: 'SUBGRAPH_UNAVAILABLE',
    retryable: true,
  });
});
