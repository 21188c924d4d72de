import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import {
  buildSchema,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { entryFile, transferFile } from './register-files.ts';

/** What the supergraph offers, read from its SDL: an operation or entity that is added is tried without an edit here. */
const schema = buildSchema(readFileSync(join(ROOT, 'schema/generated/supergraph.graphql'), 'utf8'), {
  assumeValidSDL: true,
});
type Field = GraphQLField<unknown, unknown>;

/** An id that nothing has. */
export const NO_ID = '019b8d2e-7a00-7000-8000-000000000001';
const OTHER_ID = '019b8d2e-7a00-7000-8000-000000000002';
const SAMPLES: Readonly<Record<string, unknown>> = {
  ID: NO_ID,
  Slug: 'no-such-crew',
  Sha256: 'a'.repeat(64),
  String: 'word',
  Int: 1,
  Float: 1,
  Boolean: true,
};

/** Inputs whose form their types do not say. */
const FORMS: Readonly<Record<string, object>> = {
  importRegisterEntry: entryFile('no-such-crew', NO_ID),
  importTransfer: transferFile(NO_ID, 'no-such-crew', NO_ID, OTHER_ID),
};

/** A mutation with an input of the right form, and the service that decides it. */
export interface Tried {
  readonly field: string;
  readonly service: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Every mutation. Ids and other values are taken by the names of the input's fields, otherwise they mean nothing. */
export function everyMutation(ids: Readonly<Record<string, unknown>> = {}): readonly Tried[] {
  return fieldsOf(schema.getMutationType()).map((field) => {
    const type = getNamedType(field.args[0]?.type) as GraphQLInputObjectType;
    const fields = Object.values(type.getFields()).filter(({ name }) => name !== 'idempotencyKey');
    // Where a command takes one of two ids, it is tried with the first.
    const named = fields.find(({ name, type: of }) => String(of) === 'ID' && name in { ...ids, serviceEventId: '' });
    const given = fields.filter((one) => isRequiredInputField(one) || one === named);
    const samples = Object.fromEntries(given.map(({ name, type: of }) => [name, ids[name] ?? sampleOf(of)]));
    return { field: field.name, service: serviceOf(field), input: { ...samples, ...FORMS[field.name] } };
  });
}

/** A query and the root field that answers it. */
export interface Asked {
  readonly field: string;
  readonly query: string;
}

/** Queries for one thing by its id, with everything they can tell of it. */
export function queriesById(): readonly Asked[] {
  const byId = fieldsOf(schema.getQueryType()).filter(({ args }) =>
    args.some((one) => `${one.name}: ${one.type}` === 'id: ID!'),
  );
  return byId.map((field) => {
    return { field: field.name, query: `query ($id: ID!) { ${field.name}(id: $id) ${selectionOf(field.type, 2)} }` };
  });
}

/** Queries of one object by its class and id, and of an instant where they take one, with everything they can tell of it. */
export function queriesByObject(instant: string): readonly Asked[] {
  const byObject = fieldsOf(schema.getQueryType()).filter(({ args }) => args.some(({ name }) => name === 'objectId'));
  return byObject.map((field) => {
    const when = field.args.some(({ name }) => name === 'instant') ? `, instant: "${instant}"` : '';
    const call = `${field.name}(objectClass: "operator", objectId: $id${when})`;
    return { field: field.name, query: `query ($id: String!) { ${call} ${selectionOf(field.type, 2)} }` };
  });
}

/** Queries that ask for no id: lists, counts, desks. */
export function queriesOfMany(): readonly Asked[] {
  return fieldsOf(schema.getQueryType()).flatMap(({ name, args, type }) => {
    const required = args.filter(isRequiredArgument);
    if (required.some((one) => one.name !== 'surface')) return [];
    const call = required.length === 0 ? name : `${name}(surface: "municipal")`;
    return [{ field: name, query: `{ ${call} ${selectionOf(type, 3)} }` }];
  });
}

/** Every list, a page of one from a cursor on, and the service that answers it. */
export function pages(): readonly (Asked & { readonly service: string })[] {
  const lists = fieldsOf(schema.getQueryType()).filter(({ args }) => args.some((one) => one.name === 'after'));
  return lists.map((field) => {
    const { name, type } = field;
    const query = `query ($after: String) { ${name}(first: 1, after: $after) ${selectionOf(type, 2)} }`;
    return { field: name, query, service: serviceOf(field) };
  });
}

/** Aggregates of which there is a list, by their types in the journal. */
export function listedTypes(): readonly string[] {
  return pages().map(({ field }) => journalTypeOf(answerOf(field).replace(/Connection$/, '')));
}

/** Aggregates that can be asked for by an id or by a key; others show in lists alone, or with what they belong to. */
export function askedTypes(): ReadonlySet<string> {
  const byId = queriesById().map(({ field }) => answerOf(field));
  const byKey = everyEntity().flatMap(({ type, selection }) => (selection === '' ? [] : [type]));
  return new Set([...byId, ...byKey].map(journalTypeOf));
}

const answerOf = (query: string): string => String(getNamedType(schema.getQueryType()?.getFields()[query]?.type));
const journalTypeOf = (type: string): string => type.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** A type that a subgraph knows by a key. */
export interface Entity {
  readonly type: string;
  readonly service: string;
  readonly key: string;
  /** What the subgraph itself can tell of one: its plain fields, and its history. Nothing where it cannot look it up. */
  readonly selection: string;
}

export function everyEntity(): readonly Entity[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) =>
      directives(type.astNode, 'join__type').flatMap((found) => {
        const { graph = '', key = '', resolvable } = argumentsOf(found);
        if (key === '') return [];
        const service = serviceNamed(graph);
        const own = fieldsOf(type).filter((field) => isOf(field, graph));
        const plain = own.filter(
          (field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument),
        );
        const told = [
          ...plain.map(({ name }) => name),
          ...own.flatMap(({ name }) => (name === 'history' ? [HISTORY] : [])),
        ];
        return [{ type: type.name, service, key, selection: resolvable === 'false' ? '' : told.join(' ') }];
      }),
    );
}

const HISTORY = 'history { edges { cursor node { transition actorId clause basis newState eventId } } totalCount }';

const fieldsOf = (type: GraphQLObjectType | null | undefined): readonly Field[] =>
  Object.values(type?.getFields() ?? {});

/** Everything that can be asked without arguments, to this depth. */
function selectionOf(of: GraphQLType, depth: number): string {
  const type = getNamedType(of);
  if (!isObjectType(type)) return '';
  const fields = fieldsOf(type).filter(({ args }) => !args.some(isRequiredArgument));
  const told = fields.flatMap((field) => {
    if (isLeafType(getNamedType(field.type))) return [field.name];
    return depth > 0 ? [`${field.name} ${selectionOf(field.type, depth - 1)}`] : [];
  });
  return `{ __typename ${told.filter((one) => !one.endsWith('{ __typename }')).join(' ')} }`;
}

function sampleOf(of: GraphQLType): unknown {
  const text = String(of).replaceAll('!', '');
  if (text.startsWith('[')) return text.includes('Input') ? [] : [SAMPLES[text.slice(1, -1)]];
  const type = schema.getType(text);
  return isEnumType(type) ? type.getValues()[0]?.name : (SAMPLES[text] ?? 1);
}

interface Defined {
  readonly directives?: readonly ConstDirectiveNode[];
}

const directives = (node: Defined | null | undefined, name: string) =>
  (node?.directives ?? []).filter((one) => one.name.value === name);

const argumentsOf = (directive: ConstDirectiveNode): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, 'value' in value ? String(value.value) : '']),
  );

/** A field without a mark is of every subgraph that has its type. */
function isOf(field: Field, graph: string): boolean {
  const marks = directives(field.astNode, 'join__field').map(argumentsOf);
  return marks.length === 0 || marks.some((mark) => mark.graph === graph);
}

function serviceOf(field: Field): string {
  const [mark] = directives(field.astNode, 'join__field').map(argumentsOf);
  return serviceNamed(mark?.graph ?? '');
}

/** `FLEET_YARD` → `fleet-yard`, as the supergraph says it. */
function serviceNamed(graph: string): string {
  const graphs = schema.getType('join__Graph');
  const value = isEnumType(graphs) ? graphs.getValue(graph) : undefined;
  const [named] = directives(value?.astNode, 'join__graph').map(argumentsOf);
  return named?.name ?? '';
}
