import {
  buildSchema,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  type ValueNode,
} from 'graphql';

/** One root field of the supergraph, and the service that answers it. */
export interface Operation {
  readonly kind: 'query' | 'mutation';
  readonly name: string;
  readonly service: string;
  readonly field: GraphQLField<unknown, unknown>;
}

/** A type that a service resolves by its key, for whoever asks `_entities`. */
export interface Entity {
  readonly type: GraphQLObjectType;
  readonly service: string;
  /** Field that is the key, such as `id` or `slug`. */
  readonly key: string;
}

/** What clients can ask, as the composed supergraph says it: nothing about operations is written down anywhere else here. */
export interface Contract {
  readonly schema: GraphQLSchema;
  readonly operations: readonly Operation[];
  readonly entities: readonly Entity[];
  readonly services: readonly string[];
}

/**
 * Reads a composed supergraph.
 * @throws Error where a root field belongs to no subgraph, which means that this is no supergraph
 */
export function readContract(supergraphSdl: string): Contract {
  const schema = buildSchema(supergraphSdl, { assumeValid: true });
  const operations = (['query', 'mutation'] as const).flatMap((kind) => {
    const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
    return Object.values(root?.getFields() ?? {}).map((field): Operation => {
      const [service] = ownersOf(field);
      if (service === undefined) throw new Error(`${kind} ${field.name} belongs to no subgraph`);
      return { kind, name: field.name, service, field };
    });
  });
  const entities = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) => keysOf(type).map(({ service, key }) => ({ type, service, key })));
  return { schema, operations, entities, services: [...new Set(operations.map(({ service }) => service))].sort() };
}

/** Whether one service alone can answer a field of a type; without a service it is asked of the supergraph, which can. */
export function answers(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, service?: string): boolean {
  if (service === undefined) return true;
  const owners = ownersOf(field);
  if (owners.length > 0) return owners.includes(service);
  const homes = directivesOf(type, 'join__type').map(({ graph }) => graphName(graph));
  return homes.length === 0 || homes.includes(service);
}

function ownersOf(field: GraphQLField<unknown, unknown>): readonly string[] {
  return directivesOf(field, 'join__field')
    .filter(({ external }) => external !== true)
    .map(({ graph }) => graphName(graph));
}

function keysOf(type: GraphQLObjectType) {
  return directivesOf(type, 'join__type').flatMap(({ graph, key, resolvable }) =>
    typeof key === 'string' && resolvable !== false ? [{ service: graphName(graph), key }] : [],
  );
}

/** Composition names its graphs in capitals with underscores. */
function graphName(graph: unknown): string {
  return String(graph).toLowerCase().replaceAll('_', '-');
}

type Arguments = Readonly<Record<string, unknown>>;

function directivesOf(
  of: { readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined },
  name: string,
): readonly Arguments[] {
  return (of.astNode?.directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map(({ arguments: given = [] }) =>
      Object.fromEntries(given.map((argument) => [argument.name.value, plain(argument.value)])),
    );
}

function plain(value: ValueNode): unknown {
  return 'value' in value ? value.value : undefined;
}
