import { matchesGlob, posix } from 'node:path';

/** The build argument, as instructions name it. */
const WORKSPACE = /\$\{WORKSPACE\}/g;

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile, by stage; comments and line ends inside one instruction are gone. */
export function stagesOf(dockerfile: string): readonly (readonly Instruction[])[] {
  const lines = dockerfile.split('\n').filter((line) => !line.startsWith('#'));
  const instructions = lines.join('\n').replaceAll('\\\n', ' ').split('\n');
  const stages: Instruction[][] = [];
  for (const line of instructions) {
    const [, name, text] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || text === undefined) continue;
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text });
  }
  return stages;
}

export interface Copy {
  /** Paths below the root of the repository. */
  readonly from: readonly string[];
  /** Path in the image. */
  readonly to: string;
}

/** What a stage takes from the repository, for one workspace. */
export function copiesOf(stage: readonly Instruction[], workspace: string): readonly Copy[] {
  let folder = '/';
  const copies: Copy[] = [];
  for (const { name, text } of stage) {
    const expanded = text.replaceAll(WORKSPACE, workspace);
    if (name === 'WORKDIR') folder = posix.resolve(folder, expanded);
    if (name !== 'COPY' || expanded.startsWith('--from=')) continue;
    const paths = expanded.split(/\s+/);
    copies.push({ from: paths.slice(0, -1), to: posix.resolve(folder, paths.at(-1) ?? '') });
  }
  return copies;
}

/** The folder a container of this image starts in. */
export function workFolderOf(stage: readonly Instruction[], workspace: string): string {
  const folders = stage.filter(({ name }) => name === 'WORKDIR');
  return folders.reduce((folder, { text }) => posix.resolve(folder, text.replaceAll(WORKSPACE, workspace)), '/');
}

/** Variables that the image sets. */
export function environmentOf(stage: readonly Instruction[]): Readonly<Record<string, string>> {
  const pairs = stage.filter(({ name }) => name === 'ENV').flatMap(({ text }) => text.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** Tells of a path whether `.dockerignore` keeps it from the builder; the last pattern that matches decides. */
export function ignoredBy(dockerignore: string): (path: string) => boolean {
  const patterns = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return (path) => {
    const deciding = patterns.findLast((pattern) => {
      const glob = pattern.replace(/^!/, '');
      return matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`);
    });
    return deciding !== undefined && !deciding.startsWith('!');
  };
}
