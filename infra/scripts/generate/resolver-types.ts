import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as resolvers from '@graphql-codegen/typescript-resolvers';
import { type DocumentNode, Kind } from 'graphql';
import type { SdlFile, ServiceContract } from './contract.ts';
import { TYPESCRIPT_HEADER } from './header.ts';
import { pascalCase } from './names.ts';
import { versionedType } from './state-types.ts';
import { subgraphDocument } from './supergraph.ts';

/**
 * Types of the resolvers of one service. The parent of a type that is an aggregate of the service is the aggregate's published state
 * with its version, so that a resolver hands on what the store returned; every other parent is the GraphQL type itself.
 */
export async function resolverTypes(service: ServiceContract, sharedSdl: SdlFile): Promise<string> {
  const document = withoutLinks(subgraphDocument(service.sdl, sharedSdl));
  const types = await codegen({
    filename: 'graphql.ts',
    schema: document,
    documents: [],
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers },
    config: {
      federation: true,
      contextType: '@qtm/service-kit#Context',
      namingConvention: typeName,
      mappers: mappersOf(service, document),
      scalars: { _FieldSet: 'string', DateTime: 'string', Sha256: 'string', Slug: 'string' },
      strictScalars: true,
      enumsAsTypes: true,
      useTypeImports: true,
      immutableTypes: true,
      maybeValue: 'T | null | undefined',
      inputMaybeValue: 'T | null | undefined',
      skipTypename: true,
    },
  });
  return `${TYPESCRIPT_HEADER}\n\n${types.trim()}\n`;
}

/** Type names that TypeScript, or the generated code itself, already uses for something else. */
const TAKEN = new Set([
  'Record',
  'Omit',
  'Pick',
  'Exclude',
  'Partial',
  'Promise',
  'Array',
  'Maybe',
  'Scalars',
  'Resolver',
]);

/** Names as the schema has them; the names of fields, which become part of names of types, with a capital. */
function typeName(name: string): string {
  return TAKEN.has(name) ? `${name}Type` : name.charAt(0).toUpperCase() + name.slice(1);
}

function mappersOf(service: ServiceContract, document: DocumentNode): Record<string, string> {
  const aggregates = new Map(service.aggregates.map((file) => [pascalCase(file.name), file.schema]));
  return Object.fromEntries(
    document.definitions.flatMap((definition) => {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
      const aggregate = aggregates.get(definition.name.value);
      return aggregate === undefined ? [] : [[definition.name.value, `./states.ts#${versionedType(aggregate)}`]];
    }),
  );
}

/** The code generator knows the federation directives, but not how a schema imports them. */
function withoutLinks(document: DocumentNode): DocumentNode {
  return {
    kind: Kind.DOCUMENT,
    definitions: document.definitions.filter((definition) => definition.kind !== Kind.SCHEMA_EXTENSION),
  };
}
