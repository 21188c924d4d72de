import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantOf } from './scalars.ts';

test.each([
  ['2026-01-05T10:00:00Z', '2026-01-05T10:00:00.000000Z'],
  ['2026-01-05T10:00:00.1234567+02:00', '2026-01-05T08:00:00.123456Z'],
  ['2024-02-29T00:00:00-00:30', '2024-02-29T00:30:00.000000Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000000Z'],
  ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
])('%s is %s', (value, instant) => {
  expect(instantOf(value)).toBe(instant);
});

test.each([
  '2026-02-30T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2016-12-31T23:59:60Z',
  '9999-12-31T23:59:59-23:59',
  '0000-01-01T00:00:00+23:59',
  '2026-01-01T00:00:00+99:99',
  '2026-01-01T00:00:00',
  '2026-01-01',
  '+012026-01-01T00:00:00Z',
  'now',
  '',
])('%s is none', (value) => {
  expect(() => instantOf(value)).toThrow(/not an instant/);
});

test('text order is time order, and the form is one', () => {
  const instants = fc.date({
    noInvalidDate: true,
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
  });
  fc.assert(
    fc.property(instants, instants, (a, b) => {
      const [first, second] = [instantOf(a.toISOString()), instantOf(b.toISOString())];
      expect(first).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/);
      expect(first < second).toBe(a < b);
    }),
  );
});
