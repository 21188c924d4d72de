import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { conformance, PROMISED } from './conformance.ts';
import { casesIn } from './conformance-cases.ts';

const root = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function plant(statements: readonly object[], names: readonly string[]): void {
  const folder = join(root, 'test/conformance');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'statements.json'), JSON.stringify(statements));
  writeFileSync(join(folder, 'a.unit.test.ts'), names.map((name) => `test('${name}', () => undefined);`).join('\n'));
}

test('where nothing is stated there is no page', () => {
  expect(conformance(root)).toBeUndefined();
});

test('a statement is listed with its cases by name, and with what is not there yet', () => {
  plant(
    [
      { id: 'T-SP-01', states: 'One thing.', open: 'the rest' },
      { id: 'T-SP-02', states: 'Another.', open: 'all of it', waits: true },
    ],
    ['T-SP-01 allow: it works', 'T-SP-01 deny: the opposite does not', 'of no statement'],
  );
  const page = conformance(root, ['T-SP-01', 'T-SP-02']);
  for (const line of [
    '- allow: it works',
    '- deny: the opposite does not',
    '- not there yet: the rest',
    '**T-SP-02** Another.',
  ]) {
    expect(page).toContain(line);
  }
});

test.each([
  [['T-SP-01 allow: it works'], 'T-SP-01 has no case: deny'],
  [['T-SP-01 deny: not so'], 'T-SP-01 has no case: allow'],
  [['T-SP-01 allow: a', 'T-SP-01 deny: b', 'T-SP-09 deny: c'], 'T-SP-09 is tested and not stated'],
])('generation fails where %j is all there is', (names, fault) => {
  plant([{ id: 'T-SP-01', states: 'One thing.' }], names);
  expect(() => conformance(root, [])).toThrow(fault);
});

test('a promise is not given up by taking out its statement, even with its cases', () => {
  plant([{ id: 'T-SP-01', states: 'One thing.' }], ['T-SP-01 allow: a', 'T-SP-01 deny: b']);
  expect(() => conformance(root, ['T-SP-01', 'T-SP-02'])).toThrow('T-SP-02 is promised and not stated');
  expect(PROMISED).toHaveLength(77);
});

const found = (text: string) => casesIn(text).map(({ id, kind, name }) => `${id} ${kind} ${name}`);

test.each([
  ["test('T-SP-01 allow: a', () => {});"],
  ['it(`T-SP-01 allow: a`, async function () {});'],
  ["test.each([1])('T-SP-01 allow: a', () => {});"],
  ["test('T-SP-01 allow: a', { timeout: 9 }, () => {});"],
  ["describe('d', () => { describe.each([1])('e', () => { test('T-SP-01 allow: a', () => {}); }); });"],
  ["for (const one of [1]) { test.concurrent('T-SP-01 allow: a', () => {}); }"],
])('a case that runs counts: %s', (text) => {
  expect(found(text)).toEqual(['T-SP-01 allow a']);
});

test.each([
  ["// test('T-SP-01 allow: a', () => {});"],
  ["/* test('T-SP-01 allow: a', () => {}); */"],
  ["const name = 'T-SP-01 allow: a';"],
  ["test.skip('T-SP-01 allow: a', () => {});"],
  ["test.todo('T-SP-01 allow: a');"],
  ["test('T-SP-01 allow: a');"],
  ["test.skipIf(late)('T-SP-01 allow: a', () => {});"],
  ["test.runIf(early)('T-SP-01 allow: a', () => {});"],
  ["test.fails('T-SP-01 allow: a', () => {});"],
  ["test.skip.each([1])('T-SP-01 allow: a', () => {});"],
  ["test.each([])('T-SP-01 allow: a', () => {});"],
  ["test('T-SP-01 allow: a', { skip: true }, () => {});"],
  ["test('T-SP-01 allow: a', ({ skip, ...context }) => { context.skip(); });"],
  ["describe.skip('d', () => { test('T-SP-01 allow: a', () => {}); });"],
  ["describe('d', { todo: true }, () => { test('T-SP-01 allow: a', () => {}); });"],
  ["if (sunday) { test('T-SP-01 allow: a', () => {}); }"],
  ["const later = () => { test('T-SP-01 allow: a', () => {}); };"],
])('a case that does not run shows nothing: %s', (text) => {
  expect(found(text)).toEqual([]);
});
