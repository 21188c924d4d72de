import { describe, expect, test } from 'vitest';
import { address, integer, list, oneOf, readSettings, SettingsError, text } from './settings.ts';

const SPEC = {
  A_PORT: integer('a port', { min: 0, max: 65_535 }, 0),
  A_URL: address('an address'),
  SOME: list('some'),
  LEVEL: oneOf('a level', ['low', 'high'], 'low'),
  NAME: text('a name', 'nobody'),
} as const;

describe('readSettings', () => {
  test('what is absent falls back, what is there is parsed', () => {
    const settings = readSettings(SPEC, { A_URL: 'http://127.0.0.1:1/x', SOME: 'a, b', A_PORT: '80' });
    expect(settings).toEqual({
      A_PORT: 80,
      A_URL: 'http://127.0.0.1:1/x',
      SOME: ['a', 'b'],
      LEVEL: 'low',
      NAME: 'nobody',
    });
  });

  test('every fault is reported at once, each by its variable', () => {
    const wrong = { A_PORT: '70000', A_URL: 'no', LEVEL: 'middle', SOME: 'a,,b' };
    expect(() => readSettings(SPEC, wrong)).toThrow(SettingsError);
    try {
      readSettings(SPEC, wrong);
    } catch (error) {
      const { faults } = error as SettingsError;
      expect(faults.map((fault) => fault.split(':')[0])).toEqual(['A_PORT', 'A_URL', 'SOME', 'LEVEL']);
    }
  });

  test('a required one that is missing says what it is for', () => {
    expect(() => readSettings(SPEC, { SOME: 'a' })).toThrow('A_URL is not set: an address');
  });
});
