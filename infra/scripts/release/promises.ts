import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefinitionNode } from 'graphql';
import { parse } from 'yaml';
import { type Contract, type JsonSchema, readContract } from '../generate/contract.ts';
import { wholeDefinitions } from './definitions.ts';
import { promiseOf } from './schema-promise.ts';

/** One row of an authority matrix: who may make a transition. */
export interface MatrixRow {
  readonly transition: string;
  readonly [part: string]: unknown;
}

/** What is promised at one time, without what only explains it. */
export interface Release {
  /** Service → namespace: topics and event types follow from it. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** GraphQL definitions by service; `shared` are those every service has. */
  readonly graphs: ReadonlyMap<string, readonly DefinitionNode[]>;
  /** JSON Schemas by path below `schema/`. */
  readonly schemas: ReadonlyMap<string, JsonSchema>;
  readonly matrices: ReadonlyMap<string, readonly MatrixRow[]>;
}

export const SHARED = 'shared';

/**
 * What the contract below `root/schema` promises now.
 * @throws ContractError where it cannot be read
 */
export function presentRelease(root: string, contract: Contract = readContract(root)): Release {
  return {
    namespaces: JSON.parse(readFileSync(join(root, 'schema/namespaces.json'), 'utf8')),
    graphs: new Map([
      [SHARED, wholeDefinitions([contract.sharedSdl])],
      ...contract.services.map(({ name, sdl }) => [name, wholeDefinitions(sdl)] as const),
    ]),
    schemas: new Map([...contract.schemas.values()].map(({ path, schema }) => [path, promiseOf(schema)])),
    matrices: new Map(
      contract.services.map(({ name }) => [name, matrixOf(join(root, 'schema', name, 'authority.yaml'))]),
    ),
  };
}

function matrixOf(file: string): readonly MatrixRow[] {
  const rows = (parse(readFileSync(file, 'utf8')) ?? []) as readonly MatrixRow[];
  return rows.map(({ seed: _, ...row }) => row);
}
