import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '@qtm/local';
import { expect, test } from 'vitest';

test('a command ends when the shell that npm runs it by is ended', async () => {
  // What follows keeps the shell from becoming the command itself.
  const shell = spawn('sh', ['-c', 'node infra/scripts/bootstrap.mjs check; echo over'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: Buffer[] = [];
  shell.stdout.on('data', (bytes) => said.push(bytes));
  await once(shell.stdout, 'data');
  shell.kill('SIGTERM');
  // Closed by the last process that holds it: the command itself, not the shell.
  await once(shell.stdout, 'close');
  const lines = Buffer.concat(said).toString();
  expect(lines).toContain('composition');
  expect(lines).not.toContain('repository');
});
