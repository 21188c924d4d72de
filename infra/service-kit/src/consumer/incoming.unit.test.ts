import { describe, expect, test } from 'vitest';
import { isDeterministic } from './apply.ts';
import { incomingOf, publishedHash, Unreadable } from './incoming.ts';

const EVENT = {
  event_id: '01981f2e-0000-7000-8000-000000000001',
  event_type: 'xen.jobs.job_claimed.v1',
  epoch: 1,
  occurred_at: '2026-01-05T10:00:00.123456Z',
  aggregate_type: 'job',
  aggregate_id: 'j1',
  aggregate_version: 3,
  new_state: 'CLAIMED',
  actor_id: 'a1',
  actor_kind: 'HUMAN',
  correlation_id: 'c1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  state: { id: 'j1', state: 'CLAIMED' },
};

const message = (value: string | null) => ({
  offset: 0n,
  key: 'j1',
  headers: {},
  value: value === null ? null : Buffer.from(value),
});

describe('incomingOf', () => {
  test('reads an event and lets unknown fields through', () => {
    const incoming = incomingOf('jobs', message(JSON.stringify({ ...EVENT, later_field: 1 })));
    expect(incoming).toMatchObject({ source: 'jobs', aggregate_version: 3, state: { state: 'CLAIMED' }, data: {} });
  });

  test.each(Object.keys(EVENT))('without %s it cannot be applied, ever', (name) => {
    const { [name as keyof typeof EVENT]: _, ...rest } = EVENT;
    const read = () => incomingOf('jobs', message(JSON.stringify(rest)));
    expect(read).toThrow(`the event lacks ${name}`);
  });

  test.each([null, '', 'no JSON', '[]', '1', 'null', '{"not":"a', '"timeout"', '{"connect'])(
    '%j is no event',
    (value) => {
      expect(() => incomingOf('jobs', message(value))).toThrow(Unreadable);
    },
  );
});

test('two contents of one version have two hashes', () => {
  const one = incomingOf('jobs', message(JSON.stringify(EVENT)));
  const other = incomingOf('jobs', message(JSON.stringify({ ...EVENT, state: { id: 'j1', state: 'QUEUED' } })));
  expect(publishedHash(one)).not.toBe(publishedHash(other));
});

test.each([
  new Error('Connection terminated unexpectedly'),
  new Error('timeout exceeded when trying to connect'),
  new Error('Client has encountered a connection error and is not queryable'),
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
])('what the connection does is tried again: %s', (error) => {
  expect(isDeterministic(error)).toBe(false);
});

test.each([
  new SyntaxError('Unterminated string in JSON'),
  new Unreadable('Connection terminated is what the value says'),
  new Error('the event of a connection timeout'),
  Object.assign(new TypeError('an argument'), { code: 'ERR_INVALID_ARG_TYPE' }),
])('what the event is parks: %s', (error) => {
  expect(isDeterministic(error)).toBe(true);
});
