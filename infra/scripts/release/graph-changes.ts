import { CriticalityLevel, diff, type Change as Found } from '@graphql-inspector/core';
import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DefinitionNode,
  type GraphQLSchema,
  isTypeDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import type { Change } from './change.ts';
import { undescribed } from './definitions.ts';
import { type Release, SHARED } from './promises.ts';

type Told = Pick<Change, 'level' | 'what'> & { readonly coordinate: string };
type Types = ReadonlyMap<string, TypeDefinitionNode>;

/** They change what a request means that does not give the value. */
const CHANGED_DEFAULTS = ['FIELD_ARGUMENT_DEFAULT_CHANGED', 'INPUT_FIELD_DEFAULT_VALUE_CHANGED'];

/**
 * What changed in one subgraph of two releases, or in the shared types: for clients, and for a gateway that still serves the
 * supergraph of the release before. Descriptions promise nothing.
 */
export async function graphChanges(before: Release, after: Release, name: string): Promise<Change[]> {
  const [old, now] = [typesOf(before, name), typesOf(after, name)];
  const found = outermost(await diff(schemaOf(before, name), schemaOf(after, name)));
  const told = [...found.flatMap((change) => toldOf(change, old)), ...keyChanges(old, now)];
  const own = told.filter(({ coordinate }) => old.has(typeName(coordinate)) || now.has(typeName(coordinate)));
  return own.map(({ level, coordinate, what }) => {
    const type = now.get(typeName(coordinate)) ?? old.get(typeName(coordinate));
    return { level, where: `${type?.loc?.source.name}: ${coordinate}`, what };
  });
}

/** Without what came, or went, with the type or field it is part of. The library's own rule for this hides breaks, too. */
function outermost(changes: readonly Found[]): readonly Found[] {
  const whole = new Set(
    changes.filter(({ type }) => /^(?:TYPE|FIELD)_(?:ADDED|REMOVED)$/.test(type)).map(({ path }) => path),
  );
  return changes.filter(({ path = '' }) => {
    const [type, field, ...rest] = path.split('.');
    return !(field !== undefined && whole.has(type)) && !(rest.length > 0 && whole.has(`${type}.${field}`));
  });
}

function toldOf({ type, path = '', message, criticality }: Found, old: Types): Told[] {
  // Directives are federation's; what they promise are keys, which are compared below, and composition checks the others.
  if (type.startsWith('DIRECTIVE_')) return [];
  if (type === 'TYPE_REMOVED' && isReference(old.get(path))) return [];
  const breaks = criticality.level === CriticalityLevel.Breaking || CHANGED_DEFAULTS.includes(type);
  return [{ level: breaks ? 'breaking' : 'additive', coordinate: path, what: message }];
}

/** Keys by which other subgraphs, and gateways with the supergraph before this one, ask for an entity. */
function keyChanges(old: Types, now: Types): Told[] {
  return [...now].flatMap(([coordinate, type]) => {
    const [was, is] = [keysOf(old.get(coordinate)), keysOf(type)];
    if (!old.has(coordinate)) return [];
    return [
      ...was.filter((key) => !is.includes(key)).map((key) => told('breaking', coordinate, `Key '${key}' was removed`)),
      ...is.filter((key) => !was.includes(key)).map((key) => told('additive', coordinate, `Key '${key}' was added`)),
    ];
  });
}

function told(level: Change['level'], coordinate: string, what: string): Told {
  return { level, coordinate, what };
}

/** Keys that the subgraph itself resolves. */
function keysOf(type: TypeDefinitionNode | undefined): string[] {
  const keys = (type?.directives ?? []).filter(({ name }) => name.value === 'key');
  return keys.filter((key) => !isUnresolvable(key)).map((key) => String(argumentOf(key, 'fields')));
}

/** A type that only says how another subgraph's entity is named; what promises something is the field that leads to it. */
function isReference(type: TypeDefinitionNode | undefined): boolean {
  const keys = (type?.directives ?? []).filter(({ name }) => name.value === 'key');
  return keys.length > 0 && keys.every(isUnresolvable);
}

function isUnresolvable(key: ConstDirectiveNode): boolean {
  return argumentOf(key, 'resolvable') === false;
}

function argumentOf(directive: ConstDirectiveNode, name: string): unknown {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value !== undefined && 'value' in value ? value.value : undefined;
}

function typeName(coordinate: string): string {
  return coordinate.split('.')[0] ?? '';
}

function typesOf(release: Release, name: string): Types {
  const types = (release.graphs.get(name) ?? []).filter(isTypeDefinitionNode);
  return new Map(types.map((type) => [type.name.value, type]));
}

/** The shared types are part of every subgraph, so that what refers to them can be built. */
function schemaOf(release: Release, name: string): GraphQLSchema {
  const names = new Set([SHARED, name]);
  const definitions: DefinitionNode[] = [...names].flatMap((part) => release.graphs.get(part) ?? []);
  return buildASTSchema(undescribed(definitions), { assumeValidSDL: true });
}
