import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPOSE_FILE, composeWith } from './compose.ts';
import type { Names } from './names.ts';

/** What the repository keeps of all services in one place, with the new one in it, by path below the root. */
export function registersWith(root: string, names: Names, manifest: string): ReadonlyMap<string, string> {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const namespaces = JSON.parse(read('schema/namespaces.json'));
  return new Map([
    ['schema/namespaces.json', namespacesWith(namespaces, names)],
    [COMPOSE_FILE, composeWith(read(COMPOSE_FILE), names.service, Object.keys(namespaces))],
    ['package-lock.json', lockWith(read('package-lock.json'), names, JSON.parse(manifest))],
  ]);
}

function namespacesWith(present: Readonly<Record<string, string>>, { service, namespace }: Names): string {
  const namespaces = Object.entries({ ...present, [service]: namespace });
  return json(Object.fromEntries(namespaces.sort(([a], [b]) => (a < b ? -1 : 1))));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Every workspace stands in the lock file; `npm ci` refuses one that does not know them all. */
function lockWith(text: string, { service }: Names, manifest: Manifest): string {
  const lock = JSON.parse(text);
  const { name, version, license, dependencies } = manifest;
  const packages = Object.entries({
    ...lock.packages,
    [`node_modules/${name}`]: { resolved: `services/${service}`, link: true },
    [`services/${service}`]: { name, version, license, dependencies },
  });
  // As npm orders them.
  packages.sort(([a], [b]) => a.localeCompare(b, 'en'));
  return json({ ...lock, packages: Object.fromEntries(packages) });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
