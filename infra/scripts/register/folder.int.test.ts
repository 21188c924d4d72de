import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderFault, readFolder, writeFolder } from './folder.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'register-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const FILES = new Map([
  ['access/operators/nypd.json', '{"a":"ä"}\n'],
  ['governance/transfers/1.json', '{}\n'],
]);

test('what is written is read again, into a folder that is empty or not there', async () => {
  for (const folder of [join(parent, 'new', 'deep'), join(parent, 'empty')]) {
    if (folder.endsWith('empty')) await mkdir(folder);
    await writeFolder(folder, FILES);
    expect(await readFolder(folder, 100)).toEqual(new Map([...FILES].map(([path, content]) => [path, { content }])));
  }
  expect((await readdir(parent)).sort()).toEqual(['empty', 'new']);
});

test('nothing is written where something is', async () => {
  const folder = join(parent, 'full');
  await mkdir(folder);
  await writeFile(join(folder, 'mine.txt'), 'mine');
  await expect(writeFolder(folder, FILES)).rejects.toThrow(FolderFault);
  await expect(writeFolder(join(folder, 'mine.txt'), FILES)).rejects.toThrow(FolderFault);
  expect(await readdir(parent, { recursive: true })).toEqual(['full', join('full', 'mine.txt')]);
});

test('every file is told of, whether it can be read or not', async () => {
  await mkdir(join(parent, 'below'));
  await writeFile(join(parent, 'below', 'latin.json'), Buffer.from([0xe4]));
  await writeFile(join(parent, 'long.json'), 'x'.repeat(101));
  await writeFile(join(parent, '.hidden'), '\uFEFF');
  await symlink(join(parent, 'long.json'), join(parent, 'link.json'));
  expect(await readFolder(parent, 100)).toEqual(
    new Map([
      ['.hidden', { content: '\uFEFF' }],
      ['below/latin.json', { fault: 'is no UTF-8' }],
      ['link.json', { fault: 'is no regular file' }],
      ['long.json', { fault: 'has 101 bytes, more than 100' }],
    ]),
  );
  await expect(readFolder(join(parent, 'nowhere'), 100)).rejects.toThrow(FolderFault);
});
