import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { answers, type Contract, type Operation } from './contract.ts';

export interface SelectionOptions {
  /** How many entities deep; lists, edges and payloads do not count. */
  readonly depth: number;
  /** Only what this service answers alone. */
  readonly service?: string | undefined;
}

/** An operation with everything that can be asked of its answer; its arguments are variables of the same names. */
export function documentOf(operation: Operation, given: readonly string[], options: SelectionOptions): string {
  const { kind, name, field } = operation;
  const used = field.args.filter((argument) => given.includes(argument.name));
  const head = used.map((argument) => `$${argument.name}: ${argument.type}`).join(', ');
  const passed = used.map((argument) => `${argument.name}: $${argument.name}`).join(', ');
  const call = `${name}${passed && `(${passed})`}${selectionOf(field.type, options)}`;
  return `${kind} Hostile${head && `(${head})`} { ${call} }`;
}

/** Look-ups of entities by their keys, as a gateway asks a service. */
export function entitiesDocument(types: readonly GraphQLObjectType[], options: SelectionOptions): string {
  const fragments = types.map((type) => `... on ${type.name}${selectionOf(type, options)}`);
  return `query Hostile($representations: [_Any!]!) { _entities(representations: $representations) { __typename ${fragments.join(' ')} } }`;
}

/** Everything of a type: every leaf, and what leads on, as deep as is asked for. Empty for a leaf. */
export function selectionOf(type: GraphQLOutputType, { depth, service }: SelectionOptions): string {
  const visit = (of: GraphQLObjectType, left: number, path: readonly string[]): string => {
    const parts = Object.values(of.getFields()).flatMap((field) => {
      if (!answers(of, field, service) || field.args.some(isRequiredArgument)) return [];
      const target = getNamedType(field.type);
      if (isLeafType(target)) return [field.name];
      if (!isObjectType(target) || path.includes(target.name)) return [];
      const cost = isEntity(target) ? 1 : 0;
      if (cost > left) return [];
      const inner = visit(target, left - cost, [...path, target.name]);
      return inner === '' ? [] : [`${field.name} { ${inner} }`];
    });
    return parts.join(' ');
  };
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  return ` { __typename ${visit(named, depth + (isEntity(named) ? 0 : 1), [named.name])} }`;
}

function isEntity(type: GraphQLObjectType): boolean {
  return 'id' in type.getFields() || 'slug' in type.getFields();
}

/** The operation of this name. */
export function operationNamed({ operations }: Contract, name: string): Operation {
  const found = operations.find((operation) => operation.name === name);
  if (found === undefined) throw new Error(`the supergraph has no operation ${name}`);
  return found;
}

/** The named type of what a field answers; of a list or a connection, of what is in it. */
export function subjectOf(field: GraphQLField<unknown, unknown>): string {
  return getNamedType(field.type).name.replace(/Connection$|Payload$/, '');
}
