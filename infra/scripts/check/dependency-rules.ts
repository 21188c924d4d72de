import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { isTest, type SourceFile } from './source-files.ts';
import { textsOf } from './syntax.ts';

/** What a package.json says a workspace needs. */
export interface Manifest {
  /** The workspace's folder below the root. */
  readonly folder: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The manifests of all workspaces; those that serve nothing may also use what the root has for development. */
export function manifestsOf(root: string): readonly Manifest[] {
  const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
  const { devDependencies: shared } = read('package.json');
  return globSync('{gateway,test,infra/*,services/*}/package.json', { cwd: root }).map((path) => {
    const { dependencies, devDependencies } = read(path);
    return {
      folder: dirname(path),
      dependencies: dependencies ?? {},
      devDependencies: { ...shared, ...devDependencies },
    };
  });
}

/**
 * Imports of packages that the importing workspace does not name, one line each. Here every package is found all the same; in an image
 * only those of its workspace are installed.
 */
export function undeclaredPackages(files: readonly SourceFile[], manifests: readonly Manifest[]): string[] {
  return files
    .filter(({ path }) => /\.(ts|mjs)$/.test(path) && !isTest(path))
    .flatMap((file) => {
      const manifest = manifests.find(({ folder }) => file.path.startsWith(`${folder}/`));
      if (manifest === undefined) return [];
      const named = { ...manifest.dependencies, ...(isServing(manifest.folder) ? {} : manifest.devDependencies) };
      return textsOf(file)
        .imports.map(({ value, line }) => ({ name: packageOf(value), line }))
        .filter(({ name }) => name !== undefined && !(name in named))
        .map(({ name, line }) => `${file.path}:${line}: ${name} is no dependency of ${manifest.folder}/package.json`);
    });
}

function isServing(folder: string): boolean {
  return (
    folder.startsWith('services/') ||
    ['gateway', 'infra/service-kit', 'infra/relations', 'infra/docker'].includes(folder)
  );
}

/** The package of an import; undefined where it is a file, or part of Node. */
function packageOf(specifier: string): string | undefined {
  const parts = specifier.split('/');
  if (specifier.startsWith('.') || specifier.startsWith('node:') || builtinModules.includes(parts[0] ?? ''))
    return undefined;
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
