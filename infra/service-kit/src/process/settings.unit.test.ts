import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  address,
  brokers,
  database,
  type Environment,
  file,
  HOST_NAME,
  integer,
  oneOf,
  readSettings,
  SettingsError,
  text,
} from './settings.ts';

const SPEC = {
  A_PORT: integer('a port', { min: 0, max: 65_535 }, 0),
  A_URL: address('an address'),
  SOME: brokers('some'),
  LEVEL: oneOf('a level', ['low', 'high'], 'low'),
  NAME: text('a name', HOST_NAME, 'nobody'),
} as const;
const RIGHT = { A_URL: 'http://127.0.0.1:1/x', SOME: 'a:1, b:2', A_PORT: '80' };

const folder = mkdtempSync(join(tmpdir(), 'qtm-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function kept(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function faultsOf(spec: Parameters<typeof readSettings>[0], env: Environment): readonly string[] {
  try {
    readSettings(spec, env);
    return [];
  } catch (error) {
    return (error as SettingsError).faults;
  }
}

describe('readSettings', () => {
  test('what is absent or empty falls back, what is there is parsed', () => {
    expect(readSettings(SPEC, { ...RIGHT, LEVEL: '' })).toEqual({
      A_PORT: 80,
      A_URL: 'http://127.0.0.1:1/x',
      SOME: ['a:1', 'b:2'],
      LEVEL: 'low',
      NAME: 'nobody',
    });
  });

  test('every fault is reported at once, each by its variable, in one line', () => {
    const wrong = { A_PORT: '70000', A_URL: 'no', LEVEL: 'middle', SOME: 'a:1,,b:2' };
    expect(faultsOf(SPEC, wrong).map((fault) => fault.split(':')[0])).toEqual(['A_PORT', 'A_URL', 'SOME', 'LEVEL']);
    expect(() => readSettings(SPEC, wrong)).toThrow(SettingsError);
    expect(() => readSettings(SPEC, wrong)).toThrow(/^wrong settings: A_PORT: [^\n]+; LEVEL: [^\n]+$/);
  });

  test('a required one that is missing says what it is for', () => {
    expect(faultsOf(SPEC, { SOME: 'a:1' })).toEqual(['A_URL is not set: an address']);
  });

  test('a value may lie in a file; its last line break is none of it', () => {
    const env = { ...RIGHT, SOME: undefined, SOME_FILE: kept('brokers', 'a:1,b:2\n') };
    expect(readSettings(SPEC, env).SOME).toEqual(['a:1', 'b:2']);
  });

  test.each([
    ['is not there', { SOME_FILE: '/nowhere/brokers' }, /^SOME: .*\/nowhere\/brokers/],
    ['is empty', { SOME_FILE: kept('empty', '\n') }, /^SOME: .*is empty$/],
    ['is set together with the value', { SOME: 'a:1', SOME_FILE: kept('two', 'a:1') }, /^SOME: set together with/],
    ['holds two lines', { SOME_FILE: kept('lines', 'a:1\nb:2\n') }, /^SOME: holds a control character$/],
  ])('a file that %s is a fault of its variable', (_, env, fault) => {
    expect(faultsOf(SPEC, { ...RIGHT, SOME: undefined, ...env })).toEqual([expect.stringMatching(fault)]);
  });
});

test.each<[string, Parameters<typeof readSettings>[0][string], readonly string[], readonly string[]]>([
  ['whole numbers', integer('', { min: -1, max: 9 }, 0), ['-1', '0', '9'], ['-2', '10', '1.5', '0x1', '1e0', 'x']],
  ['words of a list', oneOf('', ['off', 'on'], 'off'), ['on'], ['On', 'off on']],
  ['host names', text('', HOST_NAME), ['0.0.0.0', '::1', 'a-b.c'], ['a b', 'http://a', 'a/b']],
  ['brokers', brokers(''), ['a:1', '[::1]:9092,b.c:2'], ['a', 'a:', ':1', 'a:1,', 'http://a:1']],
  ['addresses', address(''), ['https://a/b'], ['a', 'ftp://a', '//a']],
  ['databases', database(''), ['postgres://u:p@h/d', 'postgresql://h/d'], ['http://a', 'h/d']],
  ['files', file('', '/nowhere'), [import.meta.filename], ['/nowhere']],
])('%s are told from what they are not', (_, setting, right, wrong) => {
  for (const value of right) expect(faultsOf({ X: setting }, { X: value }), value).toEqual([]);
  for (const value of wrong) expect(faultsOf({ X: setting }, { X: value }), value).toHaveLength(1);
});

test('a fault never shows a secret', () => {
  const secrets = { X: database('') };
  for (const value of ['mysql://u:hunter2@h/d', 'hunter2', 'hunter2\n']) {
    expect(faultsOf(secrets, { X: value }).join()).not.toContain('hunter2');
  }
});
