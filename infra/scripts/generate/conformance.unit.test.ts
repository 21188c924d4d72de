import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { conformance } from './conformance.ts';

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
  const page = conformance(root);
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
  expect(() => conformance(root)).toThrow(fault);
});
