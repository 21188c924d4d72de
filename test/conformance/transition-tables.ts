import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';

/** For each state, the commands it accepts and the state each leads to. */
export type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

const NAME = /^(?:([A-Z_]+)_)?TRANSITIONS$/;

/**
 * Every transition table of a service's rules, by its aggregate: `TRANSITIONS` of `job.ts` is that of `job`, `MEMBER_TRANSITIONS` of
 * `pool.ts` that of `pool_member`.
 */
export async function tablesOf(service: string): Promise<ReadonlyMap<string, Table>> {
  const folder = join(ROOT, 'services', service, 'src/domain');
  const tables = new Map<string, Table>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    for (const [name, value] of Object.entries((await import(join(folder, file))) as Record<string, Table>)) {
      const [matched, part] = NAME.exec(name) ?? [];
      if (matched === undefined) continue;
      const aggregate = file.replace('.ts', '').replaceAll('-', '_');
      tables.set(part === undefined ? aggregate : `${aggregate}_${part.toLowerCase()}`, value);
    }
  }
  return tables;
}
