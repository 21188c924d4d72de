import { expect, test } from 'vitest';
import { event, isRefusal, next, refuse } from './domain.ts';

const TABLE = { OPEN: { close: 'CLOSED' }, CLOSED: {} } as const;

test('a table says where a command leads, or nothing', () => {
  expect(next<'OPEN' | 'CLOSED', 'close'>(TABLE, 'OPEN', 'close')).toBe('CLOSED');
  expect(next<'OPEN' | 'CLOSED', 'close'>(TABLE, 'CLOSED', 'close')).toBeUndefined();
});

test('a fact is about one aggregate as it is afterwards', () => {
  const after = { id: '1', state: 'CLOSED' };
  const fact = { kind: 'event', name: 'door_closed', aggregate: 'door', after };
  expect(event('door_closed', 'door', after)).toEqual({ ...fact, data: {} });
  expect(event('door_closed', 'door', after, { by: 'hand' })).toEqual({ ...fact, data: { by: 'hand' } });
});

test('a refusal says why, as a list', () => {
  expect(refuse('LOCKED')).toEqual({ kind: 'refusal', code: 'LOCKED', details: [] });
  expect(refuse('LOCKED', { key: 'lost' }).details).toEqual([{ name: 'key', value: 'lost' }]);
});

test('a decision is facts or a refusal', () => {
  expect(isRefusal(refuse('LOCKED'))).toBe(true);
  expect(isRefusal([event('door_closed', 'door', { id: '1', state: 'CLOSED' })])).toBe(false);
  expect(isRefusal([])).toBe(false);
});
