import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Found } from './layout.ts';

/** What is wrong with a folder, in words for whoever named it. */
export class FolderFault extends Error {}

const AT_A_TIME = 64;

/**
 * Every file below a folder, by its path with forward slashes. What cannot be read is told of, too: nothing is passed over.
 * @throws FolderFault where there is no such folder
 */
export async function readFolder(folder: string, maxBytes: number): Promise<ReadonlyMap<string, Found>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new FolderFault(`${folder} is no folder that can be read`);
  });
  const paths = names
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ isFile: entry.isFile(), absolute: join(entry.parentPath, entry.name) }));
  const found = new Map<string, Found>();
  for (let from = 0; from < paths.length; from += AT_A_TIME) {
    const batch = paths.slice(from, from + AT_A_TIME);
    const read = await Promise.all(batch.map(({ absolute, isFile }) => readOne(absolute, isFile, maxBytes)));
    batch.forEach(({ absolute }, index) => {
      found.set(relativeTo(folder, absolute), read[index] as Found);
    });
  }
  return found;
}

const relativeTo = (folder: string, absolute: string) => relative(folder, absolute).split(sep).join('/');

async function readOne(file: string, isFile: boolean, maxBytes: number): Promise<Found> {
  if (!isFile) return { fault: 'is no regular file' };
  try {
    const { size } = await lstat(file);
    if (size > maxBytes) return { fault: `has ${size} bytes, more than ${maxBytes}` };
    return { content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file)) };
  } catch (error) {
    if (error instanceof TypeError) return { fault: 'is no UTF-8' };
    return { fault: `cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}` };
  }
}

/**
 * Writes files below a folder that is not there yet, or empty: all of them, or none.
 * @throws FolderFault where there is something already
 */
export async function writeFolder(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const target = resolve(folder);
  await assertFree(target);
  await mkdir(dirname(target), { recursive: true });
  const partial = await mkdtemp(join(dirname(target), '.register-'));
  try {
    for (const [path, content] of files) {
      const file = join(partial, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    // Refuses where something came in meanwhile.
    await rmdir(target).catch(ifMissing);
    await rename(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function ifMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw new FolderFault(`the folder cannot be written: ${error.code}`);
}

/** @throws FolderFault where a folder holds something, or is none */
export async function assertFree(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new FolderFault(`${folder} is no folder that can be written`);
  });
  if (names.length > 0) throw new FolderFault(`${folder} is not empty; an export takes a folder of its own`);
}
