/** `npm run hostile`: hostile input by everybody at every door (`test/hostile`). */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';

const child = spawn(process.execPath, [join(ROOT, 'test/hostile/main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// From a terminal both get the signal. What the child has started ends with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
