import { posix } from 'node:path';
import { cyclesOf } from './cycles.ts';
import { isTest, type SourceFile } from './source-files.ts';
import { type Text, textsOf } from './syntax.ts';

/** Packages that only start, test or drive the system; nothing that serves may rest on them. */
const OUTER_PACKAGES = ['@qtm/local', '@qtm/scripts', '@qtm/test'];
const DOMAIN_VOCABULARY = '@qtm/service-kit/domain';
const TEST_LIBRARIES = ['vitest', 'fast-check'];

/**
 * Imports that cross a boundary, one line each: between services, out of a pure rule, from the kit to what stands on it, from what
 * serves to what tests it, out of a workspace by a path, and in a circle.
 */
export function boundaryProblems(files: readonly SourceFile[]): string[] {
  const modules = files.filter(({ path }) => /\.(ts|mjs)$/.test(path));
  const graph = new Map<string, readonly string[]>();
  const problems: string[] = [];
  for (const file of modules) {
    const { imports } = textsOf(file);
    graph.set(
      file.path,
      imports.filter(isRelative).map(({ value }) => resolve(file.path, value)),
    );
    for (const imported of imports) {
      const problem = problemOf(file.path, imported.value);
      if (problem !== undefined) problems.push(`${file.path}:${imported.line}: ${problem}`);
    }
  }
  return [...problems, ...cyclesOf(graph).map((cycle) => `${cycle[0]}: imports itself: ${cycle.join(' → ')}`)];
}

function problemOf(from: string, specifier: string): string | undefined {
  const to = isRelative({ value: specifier }) ? resolve(from, specifier) : specifier;
  const own = workspaceOf(from);
  const target = isRelative({ value: specifier }) ? workspaceOf(to) : packageOf(specifier);
  if (isService(target) && target !== own && target !== packageName(own)) return `imports the service ${target}`;
  if (isPure(from)) return pureProblem(from, to);
  if (isTest(from)) return undefined;
  if (isRelative({ value: specifier }) && target !== own) return `leaves its workspace by a path: ${specifier}`;
  const serves = own.startsWith('services/') || ['gateway', 'infra/service-kit', 'infra/relations'].includes(own);
  if (serves && OUTER_PACKAGES.includes(target)) return `imports ${target}, which serving code must not rest on`;
  if (own === 'infra/service-kit' && target.startsWith('@qtm/') && target !== '@qtm/service-kit') {
    return `the kit imports ${target}; it stands below everything`;
  }
  return undefined;
}

function pureProblem(from: string, to: string): string | undefined {
  const folder = `${workspaceOf(from)}/src/domain/`;
  if (to.startsWith(folder) || to === DOMAIN_VOCABULARY) return undefined;
  if (isTest(from) && TEST_LIBRARIES.includes(to)) return undefined;
  return `a pure rule imports ${to}; it may import its own folder and ${DOMAIN_VOCABULARY} only`;
}

function isPure(path: string): boolean {
  return /^services\/[^/]+\/src\/domain\//.test(path);
}

function isRelative({ value }: Pick<Text, 'value'>): boolean {
  return value.startsWith('.');
}

function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}

/** `services/<name>`, `infra/<name>`, or the first folder. */
function workspaceOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'services' || first === 'infra' ? `${first}/${second}` : first;
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

function packageName(workspace: string): string {
  return `@qtm/${workspace.split('/').at(-1)}-service`;
}

function isService(target: string): boolean {
  return target.startsWith('services/') || /^@qtm\/.+-service$/.test(target);
}
