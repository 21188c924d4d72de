/** `npm run format`: writes the sources in the one form that `npm run check` accepts. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
process.exitCode =
  spawnSync('node_modules/.bin/biome', ['check', '--write', '.'], { cwd: root, stdio: 'inherit' }).status ?? 1;
