import { describe, expect, test } from 'vitest';
import { event, isRefusal, next, refuse, textFault } from './domain.ts';

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

describe('a text', () => {
  const PAIR = '😀';
  const [high, low] = [PAIR.slice(0, 1), PAIR.slice(1)];

  test.each(['', 'abc', 'äöü', PAIR.repeat(3), '\u0007\u0085\u2028', 'a\nb'])('is kept as it is given: %j', (text) => {
    expect(textFault('what', text, 3)).toBeUndefined();
  });

  test.each(['\0', 'a\0', high, low, `${low}${high}`, `${PAIR}${high}`])('that has no form is refused: %j', (text) => {
    expect(textFault('what', text, 100)).toEqual(refuse('TEXT_NOT_ALLOWED', { field: 'what' }));
  });

  test.each(['abcd', PAIR.repeat(4), `abc${PAIR}`])(
    'is as long as it has code points: %j is more than three',
    (text) => {
      expect(textFault('what', text, 3)).toEqual(refuse('LIMIT_EXCEEDED', { field: 'what', limit: '3 characters' }));
    },
  );

  test('that has no form is told so, however long it is', () => {
    expect(textFault('what', `abcd${high}`, 3)).toEqual(refuse('TEXT_NOT_ALLOWED', { field: 'what' }));
  });
});
