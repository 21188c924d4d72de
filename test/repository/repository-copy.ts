import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { JARS_DIR, ROOT } from '@qtm/local';

const NOT_COPIED = new Set(['node_modules', '.local', '.git']);

/**
 * A copy of this repository in a temporary folder, in which everything runs: what is installed is linked, the repository's own packages
 * to the copy itself.
 */
export function copyOfRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'qtm-copy-'));
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
  linkModules(copy);
  if (existsSync(JARS_DIR)) {
    mkdirSync(join(copy, '.local'));
    symlinkSync(JARS_DIR, join(copy, '.local/jars'));
  }
  return copy;
}

function linkModules(copy: string): void {
  const [from, to] = [join(ROOT, 'node_modules'), join(copy, 'node_modules')];
  mkdirSync(join(to, '@qtm'), { recursive: true });
  for (const name of readdirSync(from)) if (name !== '@qtm') symlinkSync(join(from, name), join(to, name));
  for (const name of readdirSync(join(from, '@qtm'))) {
    const workspace = join(from, '@qtm', name);
    // A relative link leads to the same place in the copy.
    if (lstatSync(workspace).isSymbolicLink()) symlinkSync(readlinkSync(workspace), join(to, '@qtm', name));
  }
}
