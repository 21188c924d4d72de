import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A text file of the repository. */
export interface SourceFile {
  /** Path below the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const FOLDERS = ['services', 'gateway', 'infra', 'schema', 'test'];
const SKIPPED = new Set(['node_modules', '.local', 'generated', 'released']);
const WRITTEN_BY_HAND = /\.(ts|mjs|sql|java|graphql)$/;

/** Every hand-written source file of services, gateway, infra, contract and tests, sorted by path. */
export function sourceFiles(root: string): SourceFile[] {
  return FOLDERS.flatMap((folder) => walk(root, folder));
}

export function isTest(path: string): boolean {
  return path.startsWith('test/') || path.includes('/test/') || /\.(unit|int|e2e)\.test\.ts$/.test(path);
}

function walk(root: string, folder: string): SourceFile[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !SKIPPED.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return walk(root, path);
      return WRITTEN_BY_HAND.test(entry.name) ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : [];
    });
}
