import { expect, test } from 'vitest';
import { unlike } from './register.ts';

const acme = { operator: 'acme', holder: 'i-1' };

test.each([
  ['agrees', [acme], []],
  ['has no entry', [], ['acme is held by i-1, the register has no entry of it']],
  ['names another', [{ ...acme, holder: 'i-2' }], ['acme is held by i-1, the register names i-2']],
])('a register that %s', (_, entries, findings) => {
  expect(unlike([acme], entries)).toEqual(findings);
});
