import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { serviceNames } from './contract.ts';

/** Generated files by their path below the root. */
export type Output = ReadonlyMap<string, string>;

/** Paths, sorted, where the tree differs from `output`: changed, missing, or no longer generated. */
export function staleFiles(root: string, output: Output): string[] {
  const stale = [...output].filter(([path, text]) => contentOf(root, path) !== text).map(([path]) => path);
  return [...stale, ...orphans(root, output)].sort();
}

/** Makes the tree equal to `output` and returns the paths that changed, sorted. */
export function writeOutput(root: string, output: Output): string[] {
  const stale = staleFiles(root, output);
  for (const path of stale) {
    const text = output.get(path);
    const absolute = join(root, path);
    if (text === undefined) {
      rmSync(absolute);
    } else {
      mkdirSync(dirname(absolute), { recursive: true });
      writeFileSync(absolute, text);
    }
  }
  return stale;
}

/** Files in the folders that hold generated code only, which nothing generates any more. */
function orphans(root: string, output: Output): string[] {
  const folders = ['schema/generated', ...serviceNames(root).map((service) => `services/${service}/src/generated`)];
  return folders.flatMap((folder) => {
    if (!existsSync(join(root, folder))) return [];
    return readdirSync(join(root, folder))
      .map((name) => `${folder}/${name}`)
      .filter((path) => !output.has(path));
  });
}

function contentOf(root: string, path: string): string | undefined {
  const absolute = join(root, path);
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : undefined;
}
