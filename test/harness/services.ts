import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import type { ServiceDefinition } from '@qtm/service-kit';

/** The definition of a service, found by its folder: nobody imports a service by name. */
export async function loadService(name: string): Promise<ServiceDefinition> {
  return (await import(join(ROOT, 'services', name, 'src', 'service.ts'))).service;
}

/** A file of a service's rules, by its name in `domain/`. */
// biome-ignore lint/suspicious/noExplicitAny: a test knows which rules it asked for
export async function loadRules(service: string, file: string): Promise<any> {
  return import(join(ROOT, 'services', service, 'src', 'domain', `${file}.ts`));
}
