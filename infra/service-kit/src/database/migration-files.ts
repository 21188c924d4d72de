import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder under which all migrations of a release lie. */
export const RELEASE_ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
  /** Why releases without this file cannot run on a database that has it; null where they can. */
  readonly breaks: string | null;
}

const BREAKS = /^-- breaks older releases: (.+)$/m;

/** The migrations of a release for one service, in the order in which they are applied: the kit's, those of the relations, its own. */
export async function migrationFiles(service: string, root = RELEASE_ROOT): Promise<readonly MigrationFile[]> {
  const files: MigrationFile[] = [];
  for (const layer of ['infra/service-kit', 'infra/relations', `services/${service}`]) {
    const folder = join(root, layer, 'migrations');
    for (const name of (await readdir(folder)).filter((entry) => entry.endsWith('.sql')).sort()) {
      const sql = await readFile(join(folder, name), 'utf8');
      files.push({
        name: `${layer}/${name}`,
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
        breaks: BREAKS.exec(sql)?.[1] ?? null,
      });
    }
  }
  return files;
}
