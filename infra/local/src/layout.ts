import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Where `npm start` keeps its data: databases, topics, the issuer's key, logs. */
export const START_DATA_DIR = join(ROOT, '.local', 'data');

/** Artifacts of Kafka, shared by all stacks of this checkout and kept when data is thrown away. */
export const JARS_DIR = join(ROOT, '.local', 'jars');

/** The pinned Node, which understands TypeScript. */
export const NODE = join(ROOT, 'node_modules', '.bin', 'node');

/** Services that can be run: every folder that has a `main.ts`. Nobody names one anywhere. */
export function servicesHere(): readonly string[] {
  return servicesOf(ROOT);
}

/** The same of another release, whose files lie in `root`. */
export function servicesOf(root: string): readonly string[] {
  return readdirSync(join(root, 'services'))
    .filter((name) => existsSync(mainOf(name, root)))
    .sort();
}

/** What runs a service; of this checkout, or of another release whose files lie in `root`. */
export function mainOf(service: string, root = ROOT): string {
  return join(root, 'services', service, 'src', 'main.ts');
}

export function gatewayMain(root = ROOT): string {
  return join(root, 'gateway', 'src', 'main.ts');
}
