import { type Compose, mainOf } from '../deployment/compose.ts';
import { type Copy, copiesOf, workFolderOf } from '../deployment/dockerfile.ts';
import { DOCKERFILE, type Ground } from '../deployment/ground.ts';

/** What is wrong with the one Dockerfile, for every workspace the compose file builds it with; one line each. */
export function dockerfileProblems(compose: Compose, ground: Ground): string[] {
  const builds = Object.values(compose.services).flatMap(({ build }) => build ?? []);
  const workspaces = [...new Set(builds.map(({ args }) => args.WORKSPACE))].sort();
  const own = ground.stages.at(-1) ?? [];
  const problems = [
    ...baseProblems(ground),
    ...(own.some(({ name, text }) => name === 'USER' && text !== 'root') ? [] : ['the image runs as root: no USER']),
    ...(own.some(({ name }) => name === 'HEALTHCHECK') ? [] : ['the image has no HEALTHCHECK']),
    ...workspaces.flatMap((workspace) => workspaceProblems(workspace, compose, ground)),
  ];
  return [...new Set(problems)].map((problem) => `${DOCKERFILE}: ${problem}`);
}

function baseProblems({ stages, nodeVersion }: Ground): string[] {
  const bases = stages.map(([from]) => from?.text ?? '');
  return bases
    .filter((base) => !base.startsWith(`node:${nodeVersion}-`))
    .map((base) => `FROM ${base} is not the Node of package.json, ${nodeVersion}`);
}

/** Everything that is copied is there, and everything that is run is copied. */
function workspaceProblems(workspace: string, compose: Compose, ground: Ground): string[] {
  const own = ground.stages.at(-1) ?? [];
  const copies = copiesOf(own, workspace);
  const missing = copies
    .flatMap(({ from }) => from)
    .filter((path) => !ground.exists(path) || ground.isIgnored(path))
    .map((path) => `COPY ${path}: it is ${ground.exists(path) ? 'kept away by .dockerignore' : 'not there'}`);
  const commands = Object.values(compose.services).filter(({ build }) => build?.args.WORKSPACE === workspace);
  const health = own.find(({ name }) => name === 'HEALTHCHECK')?.text ?? '';
  const [, healthFile = ''] = /"\/qtm\/([^"]+\.ts)"/.exec(health) ?? [];
  const run = [healthFile, ...commands.map((container) => mainOf(container) ?? '')].filter((path) => path !== '');
  const absent = [...new Set(run)]
    .filter((path) => !ground.exists(path) || ground.isIgnored(path) || !isCopied(path, copies))
    .map((path) => `${workspace}: ${path} is run, but not in the image`);
  const folder = workFolderOf(own, workspace);
  const lost = folder === `/qtm/${workspace}` ? [] : [`${workspace}: the image starts in ${folder}`];
  return [...missing, ...absent, ...lost];
}

function isCopied(path: string, copies: readonly Copy[]): boolean {
  return copies.some(({ from }) => from.some((source) => path === source || path.startsWith(`${source}/`)));
}
