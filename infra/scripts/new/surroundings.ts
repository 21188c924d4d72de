import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTypeDefinitionNode, Kind } from 'graphql';
import { parse } from 'yaml';
import { isRoot } from '../check/sdl-rules.ts';
import { readContract } from '../generate/contract.ts';
import { wholeDefinitions } from '../release/definitions.ts';
import { COMPOSE_FILE } from './compose.ts';
import type { Surroundings } from './names.ts';

/** Where every service's tables and views come from, before its own. */
const LAYERS = ['infra/service-kit/migrations', 'infra/relations/migrations'];
/** Folders beside those of services, in the contract and in the tests. */
const FOLDERS = ['shared', 'generated', 'released', 'gateway'];

/**
 * What a new service must not collide with in the repository below `root`.
 * @throws ContractError where the contract cannot be read
 */
export function surroundingsOf(root: string): Surroundings {
  const yaml = (path: string) => parse(readFileSync(join(root, path), 'utf8'), { merge: true });
  const { services, volumes } = yaml(COMPOSE_FILE);
  const contract = readContract(root);
  const files = [contract.sharedSdl, ...contract.services.flatMap(({ sdl }) => sdl)];
  const types = wholeDefinitions(files).filter(isTypeDefinitionNode);
  const fields = types.flatMap((type) => {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION || !isRoot(type.name.value)) return [];
    return type.fields ?? [];
  });
  return {
    namespaces: yaml('schema/namespaces.json'),
    domains: yaml('schema/domains.yaml'),
    takenServices: new Set([
      ...FOLDERS,
      ...readdirSync(join(root, 'services')),
      ...Object.keys({ ...services, ...volumes }),
    ]),
    takenTypes: new Set(types.map(({ name }) => name.value)),
    takenFields: new Set(fields.map(({ name }) => name.value)),
    takenTables: new Set(LAYERS.flatMap((layer) => tablesIn(join(root, layer)))),
  };
}

function tablesIn(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return files.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return [...text.matchAll(/^create (?:or replace )?(?:table|view) (\w+)/gim)].flatMap(([, table]) => table ?? []);
  });
}
