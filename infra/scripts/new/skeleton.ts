import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Names } from './names.ts';

const TEMPLATES = join(import.meta.dirname, 'template');

/** Where each template goes; the templates themselves lie in `template/`, as they will look. */
const TARGETS: Readonly<Record<string, string>> = {
  'subgraph.graphql': 'schema/{{service}}/graphql/subgraph.graphql',
  'authority.yaml': 'schema/{{service}}/authority.yaml',
  'aggregate.json': 'schema/{{service}}/aggregates/{{aggregate}}.v1.json',
  'event.json': 'schema/{{service}}/events/{{aggregate}}_opened.v1.json',
  'package.json': 'services/{{service}}/package.json',
  'README.md': 'services/{{service}}/README.md',
  'migration.sql': 'services/{{service}}/migrations/0001-{{file}}.sql',
  'main.ts': 'services/{{service}}/src/main.ts',
  'service.ts': 'services/{{service}}/src/service.ts',
  'domain.ts': 'services/{{service}}/src/domain/{{file}}.ts',
  'domain.unit.test.ts': 'services/{{service}}/src/domain/{{file}}.unit.test.ts',
  'service.int.test.ts': 'services/{{service}}/test/{{service}}.int.test.ts',
};

/** The files of a new service that its team writes on in, by their path below the root. */
export function skeletonOf(root: string, names: Names): ReadonlyMap<string, string> {
  const words: Readonly<Record<string, string>> = { ...names, ...versionsIn(root) };
  const filled = (text: string) =>
    text.replaceAll(/\{\{([^{}]+)\}\}/g, (_, word: string) => {
      const value = words[word];
      if (value === undefined) throw new Error(`a template asks for ${word}, which nobody knows`);
      return value;
    });
  return new Map(
    Object.entries(TARGETS).map(([template, target]) => [
      filled(target),
      filled(readFileSync(join(TEMPLATES, `${template}.txt`), 'utf8')),
    ]),
  );
}

/** Versions of what a service rests on, as the repository has them now. */
function versionsIn(root: string): Record<string, string> {
  const manifest = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const kit = manifest('infra/service-kit');
  return {
    kitVersion: kit.version,
    relationsVersion: manifest('infra/relations').version,
    graphqlVersion: kit.dependencies.graphql,
  };
}
