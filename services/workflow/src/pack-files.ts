import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { definitionText, type PackDefinition } from './domain/pack.ts';
import { checkDefinition } from './domain/pack-definition.ts';

/** Where the packs of this release lie: one file per version, `<surface>.v<version>.yaml`, kept for ever. */
export const PACK_FOLDER = fileURLToPath(new URL('../packs/', import.meta.url));

/** What a file says, and the hash under which it is published. */
export interface PackFile {
  readonly definition: PackDefinition;
  readonly sha256: string;
}

/**
 * Reads every pack of a folder, in the order of their file names.
 * @throws Error with every fault of every file, one line each
 */
export async function readPackFiles(folder = PACK_FOLDER): Promise<readonly PackFile[]> {
  const names = (await readdir(folder)).sort();
  const read = await Promise.all(
    names.map(async (name) => parsePackFile(name, await readFile(join(folder, name), 'utf8'))),
  );
  const faults = read.flatMap((file) => ('faults' in file ? file.faults : []));
  if (faults.length > 0) throw new Error(`packs that cannot be published:\n${faults.join('\n')}`);
  return read.flatMap((file) => ('faults' in file ? [] : [file]));
}

/** The pack in a file of this name, or what is wrong with it. */
export function parsePackFile(name: string, text: string): PackFile | { readonly faults: readonly string[] } {
  let source: unknown;
  try {
    // An alias could repeat a part without end, and a merge hides what is said.
    source = parse(text, { maxAliasCount: 0, uniqueKeys: true });
  } catch (error) {
    return { faults: [`${name}: ${(error as Error).message.split('\n')[0]}`] };
  }
  const checked = checkDefinition(source);
  if ('faults' in checked) return { faults: checked.faults.map((fault) => `${name}: ${fault}`) };
  const { definition } = checked;
  const expected = `${definition.surface}.v${definition.version}.yaml`;
  if (name !== expected) return { faults: [`${name}: says what belongs in ${expected}`] };
  return { definition, sha256: createHash('sha256').update(definitionText(definition), 'utf8').digest('hex') };
}
