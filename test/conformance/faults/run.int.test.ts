import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { NODE, ROOT } from '@qtm/local';
import { expect, test } from 'vitest';

/** The command as it is run, on the guards whose names hold this. */
async function faults(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(NODE, ['test/conformance/main.ts', 'faults', ...args], { cwd: ROOT });
  const [output, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { code, output };
}

test('a guard that a test knows of is noticed; one that none knows of is not, and that fails', async () => {
  const { output, code } = await faults('--only', 'role_grant ACTIVE', '--plant');
  expect(output).toMatch(/^noticed +role_grant ACTIVE: no grant/);
  expect(output).toContain('NOT NOTICED planted: known to no test');
  expect(code).toBe(1);
});
