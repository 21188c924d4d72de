import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';

/** For each state, the commands it accepts and the state each leads to. */
export type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A transition table, the aggregate it is of, and where it stands. */
export interface TableFile {
  readonly aggregate: string;
  /** The module, absolute. */
  readonly file: string;
  /** What it exports the table as. */
  readonly name: string;
  readonly table: Table;
}

const NAME = /^(?:([A-Z_]+)_)?TRANSITIONS$/;

/**
 * Every transition table of a service's rules: `TRANSITIONS` of `job.ts` is that of `job`, `MEMBER_TRANSITIONS` of `pool.ts` that of
 * `pool_member`.
 */
export async function tableFilesOf(service: string): Promise<readonly TableFile[]> {
  const folder = join(ROOT, 'services', service, 'src/domain');
  const found: TableFile[] = [];
  for (const module of readdirSync(folder).sort()) {
    if (!module.endsWith('.ts') || module.endsWith('.test.ts')) continue;
    const file = join(folder, module);
    for (const [name, table] of Object.entries((await import(file)) as Record<string, Table>)) {
      const [matched, part] = NAME.exec(name) ?? [];
      if (matched === undefined) continue;
      const owner = module.replace('.ts', '').replaceAll('-', '_');
      found.push({ aggregate: part === undefined ? owner : `${owner}_${part.toLowerCase()}`, file, name, table });
    }
  }
  return found;
}
