import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of its own for the data of a stack; whoever makes it removes it. */
export function makeDataFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'qtm-local-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A folder that is gone after the test. */
export function dataFolder(): string {
  const { path, remove } = makeDataFolder();
  onTestFinished(remove);
  return path;
}
