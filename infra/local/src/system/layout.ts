import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** The pinned Node, which understands TypeScript. */
export const NODE = join(ROOT, 'node_modules', '.bin', 'node');

/** Services that can be run: every folder that has a `main.ts`. Nobody names one anywhere. */
export function servicesHere(): readonly string[] {
  return readdirSync(join(ROOT, 'services'))
    .filter((name) => existsSync(mainOf(name)))
    .sort();
}

export function mainOf(service: string): string {
  return join(ROOT, 'services', service, 'src', 'main.ts');
}

export const GATEWAY_MAIN = join(ROOT, 'gateway', 'src', 'main.ts');
