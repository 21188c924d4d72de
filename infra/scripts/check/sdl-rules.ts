import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type TypeNode,
} from 'graphql';

/** Types, fields, arguments, inputs and enum values of the supergraph without a description, one line each. */
export function undescribed(supergraphSdl: string): string[] {
  const problems: string[] = [];
  const need = (name: string, node: { readonly description?: unknown }) => {
    if (node.description === undefined) problems.push(`${name} has no description`);
  };
  for (const definition of parse(supergraphSdl).definitions) {
    if (!('name' in definition) || definition.name === undefined || isMachinery(definition.name.value)) continue;
    const type = definition.name.value;
    if (definition.kind === Kind.DIRECTIVE_DEFINITION || isReference(definition)) continue;
    if (!isRoot(type)) need(type, definition as { readonly description?: unknown });
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION) {
      for (const value of definition.values ?? []) need(`${type}.${value.name.value}`, value);
    }
    if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
      for (const field of definition.fields ?? []) need(`${type}.${field.name.value}`, field);
    }
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      for (const field of definition.fields ?? []) {
        need(`${type}.${field.name.value}`, field);
        for (const argument of field.arguments ?? []) {
          need(`${type}.${field.name.value}(${argument.name.value})`, argument);
        }
      }
    }
  }
  return problems;
}

/** What composition adds for routers: `join__Graph`, `link__Purpose`. */
function isMachinery(name: string): boolean {
  return name.includes('__');
}

/** A type that every subgraph only refers to: its owner, who describes it, is not part of the contract yet. */
function isReference(definition: DefinitionNode): boolean {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return false;
  const joins = (definition.directives ?? []).filter(({ name }) => name.value === 'join__type');
  const refersOnly = ({ arguments: given = [] }: ConstDirectiveNode) =>
    given.some(({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value);
  return joins.length > 0 && joins.every(refersOnly);
}

export function isRoot(type: string): boolean {
  return type === 'Query' || type === 'Mutation' || type === 'Subscription';
}

/** Mutations that do not take one `input` with an idempotency key, or do not answer with a payload that can hold a refusal. */
export function mutationProblems(supergraphSdl: string): string[] {
  const document = parse(supergraphSdl);
  const mutation = objectType(document, 'Mutation');
  return (mutation?.fields ?? []).flatMap((field) => {
    const name = field.name.value;
    const [argument, ...others] = field.arguments ?? [];
    const pascal = name.charAt(0).toUpperCase() + name.slice(1);
    const problems: string[] = [];
    if (argument === undefined || others.length > 0 || printed(argument.type) !== `${pascal}Input!`) {
      problems.push(`Mutation.${name} does not take exactly input: ${pascal}Input!`);
    }
    if (inputField(document, `${pascal}Input`, 'idempotencyKey') !== 'String!') {
      problems.push(`${pascal}Input has no idempotencyKey: String!`);
    }
    if (printed(field.type) !== `${pascal}Payload`) problems.push(`Mutation.${name} does not answer ${pascal}Payload`);
    const payload = objectType(document, `${pascal}Payload`)?.fields ?? [];
    if (!payload.some((part) => part.name.value === 'refusal' && printed(part.type) === 'Refusal')) {
      problems.push(`${pascal}Payload has no refusal: Refusal`);
    }
    const filled = payload.filter(({ type }) => type.kind === Kind.NON_NULL_TYPE);
    return [...problems, ...filled.map((part) => `${pascal}Payload.${part.name.value} is not nullable`)];
  });
}

function objectType(document: DocumentNode, name: string): ObjectTypeDefinitionNode | undefined {
  return document.definitions
    .filter((definition) => definition.kind === Kind.OBJECT_TYPE_DEFINITION)
    .find((definition) => definition.name.value === name);
}

function inputField(document: DocumentNode, type: string, field: string): string | undefined {
  const input = document.definitions
    .filter((definition) => definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    .find((definition) => definition.name.value === type);
  const found = input?.fields?.find(({ name }) => name.value === field);
  return found === undefined ? undefined : printed(found.type);
}

/** A type as the schema writes it. */
export function printed(type: TypeNode): string {
  if (type.kind === Kind.NON_NULL_TYPE) return `${printed(type.type)}!`;
  return type.kind === Kind.LIST_TYPE ? `[${printed(type.type)}]` : type.name.value;
}
