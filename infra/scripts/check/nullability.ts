import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type TypeNode,
} from 'graphql';
import { isRoot, printed } from './sdl-rules.ts';

/** Fields that hold a personal value, by type: `{ Job: ['cancelReason'] }`. */
export type PersonalFields = ReadonlyMap<string, readonly string[]>;

/**
 * Fields of the supergraph that must be nullable and are not: root fields, fields that lead to another subgraph's entity, fields a
 * subgraph adds to another's type, and personal values. "Not visible to you" and "not there yet" are both null; where null is
 * forbidden, one unseen fact would take the whole answer with it.
 */
export function nullabilityProblems(supergraphSdl: string, personal: PersonalFields): string[] {
  const types = parse(supergraphSdl).definitions.filter(({ kind }) => kind === Kind.OBJECT_TYPE_DEFINITION);
  const objects = types as readonly ObjectTypeDefinitionNode[];
  const owners = new Map(objects.flatMap((type) => ownerOf(type)));
  return objects.flatMap((type) => {
    const name = type.name.value;
    return (type.fields ?? []).flatMap((field) => {
      const reason = reasonToBeNullable(type, field, owners, personal);
      return reason === undefined || allowsNull(field.type)
        ? []
        : [`${name}.${field.name.value}: ${printed(field.type)} must be nullable: ${reason}`];
    });
  });
}

function reasonToBeNullable(
  type: ObjectTypeDefinitionNode,
  field: FieldDefinitionNode,
  owners: ReadonlyMap<string, string>,
  personal: PersonalFields,
): string | undefined {
  const name = type.name.value;
  const graphs = graphsOf(type, field);
  const owner = owners.get(name);
  const target = owners.get(namedType(field.type));
  if (isRoot(name)) return 'a root field';
  if (personal.get(name)?.includes(field.name.value)) return 'a personal value';
  if (target !== undefined && graphs.some((graph) => graph !== target)) return `it leads to an entity of ${target}`;
  if (owner !== undefined && !graphs.includes(owner)) return `${graphs.join()} adds it to a type of ${owner}`;
  return undefined;
}

/** An entity belongs to the subgraph that shows its version, or, where none does, to the one that resolves most of its fields. */
function ownerOf(type: ObjectTypeDefinitionNode): [string, string][] {
  const isEntity = directives(type, 'join__type').some((directive) => argument(directive, 'key') !== undefined);
  if (!isEntity) return [];
  const fields = type.fields ?? [];
  const version = fields.find(({ name }) => name.value === 'version');
  const [byVersion, ...others] = version === undefined ? [] : graphsOf(type, version);
  if (byVersion !== undefined && others.length === 0) return [[type.name.value, byVersion]];
  const counts = new Map<string, number>();
  for (const graph of fields.flatMap((field) => graphsOf(type, field))) counts.set(graph, (counts.get(graph) ?? 0) + 1);
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return first === undefined ? [] : [[type.name.value, first[0]]];
}

/** The subgraphs that resolve a field: those named on it, or, where none is named, every one that has the type. */
function graphsOf(type: ObjectTypeDefinitionNode, field: FieldDefinitionNode): string[] {
  const joins = directives(field, 'join__field').filter((directive) => argument(directive, 'external') !== 'true');
  const source = joins.length > 0 ? joins : directives(type, 'join__type');
  return [...new Set(source.flatMap((directive) => argument(directive, 'graph') ?? []))].map((graph) =>
    graph.toLowerCase(),
  );
}

function allowsNull(type: TypeNode): boolean {
  return type.kind !== Kind.NON_NULL_TYPE;
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

function directives(node: { readonly directives?: readonly ConstDirectiveNode[] | undefined }, name: string) {
  return (node.directives ?? []).filter((directive) => directive.name.value === name);
}

function argument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((candidate) => candidate.name.value === name)?.value;
  if (value === undefined) return undefined;
  return 'value' in value ? String(value.value) : undefined;
}
