import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { print } from 'graphql';
import type { JsonSchema } from '../generate/contract.ts';
import { undescribed, wholeDefinitions } from './definitions.ts';
import { type MatrixRow, type Release, SHARED } from './promises.ts';

const FOLDER = 'schema/released';
const NAMESPACES = 'namespaces.json';
const HEADER = '# The contract as released, by `npm run release:contract`. Do not edit.';

/** What of one service (or of all, in `shared.json`) is not GraphQL. */
interface Facts {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly authority: readonly MatrixRow[];
}

/** What was promised at the last release; undefined before the first one. */
export function readBaseline(root: string): Release | undefined {
  const folder = join(root, FOLDER);
  if (!existsSync(join(folder, NAMESPACES))) return undefined;
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const namespaces: Record<string, string> = read(NAMESPACES);
  const names = [SHARED, ...Object.keys(namespaces)];
  const facts = new Map(names.map((name): [string, Facts] => [name, read(`${name}.json`)]));
  return {
    namespaces,
    graphs: new Map(
      names.map((name) => {
        const path = `${FOLDER}/${name}.graphql`;
        return [name, wholeDefinitions([{ path, text: readFileSync(join(root, path), 'utf8') }])];
      }),
    ),
    schemas: new Map([...facts.values()].flatMap(({ schemas }) => Object.entries(schemas))),
    matrices: new Map(Object.keys(namespaces).map((name) => [name, facts.get(name)?.authority ?? []])),
  };
}

/** Makes `release` the baseline: two files a service, and what all have in common. */
export function writeBaseline(root: string, release: Release): void {
  const folder = join(root, FOLDER);
  const names = [SHARED, ...Object.keys(release.namespaces)];
  const files = new Map([[NAMESPACES, json(release.namespaces)]]);
  for (const name of names) {
    files.set(`${name}.graphql`, `${HEADER}\n\n${print(undescribed(release.graphs.get(name) ?? []))}\n`);
    files.set(`${name}.json`, json({ schemas: schemasOf(release, name), authority: release.matrices.get(name) ?? [] }));
  }
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).filter((name) => /\.(?:json|graphql)$/.test(name) && !files.has(name))) {
    rmSync(join(folder, name));
  }
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
}

/** Schemas below the folder of a service; the shared ones are all that lie in no service's folder. */
function schemasOf(release: Release, name: string): Readonly<Record<string, JsonSchema>> {
  const ownerOf = (path: string) => {
    const [folder = ''] = path.split('/');
    return folder in release.namespaces ? folder : SHARED;
  };
  const own = [...release.schemas].filter(([path]) => ownerOf(path) === name);
  return Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const LINE_WIDTH = 120;

function json(value: unknown): string {
  return `${laidOut(value, '')}\n`;
}

/** JSON with one line for what fits into one, so that a release reads, and its changes show, property by property. */
function laidOut(value: unknown, indent: string): string {
  const line = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || indent.length + line.length <= LINE_WIDTH) return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => laidOut(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${laidOut(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${parts.map((part) => `${inner}${part}`).join(',\n')}\n${indent}${close}`;
}
