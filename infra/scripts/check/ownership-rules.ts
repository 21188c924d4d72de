import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DefinitionNode, Kind, parse } from 'graphql';
import { parse as parseYaml } from 'yaml';
import type { Contract, JsonSchema, ServiceContract } from '../generate/contract.ts';
import { pascalCase } from '../generate/names.ts';

/** Words that the contract of a service does not speak, since another service answers what they are about. */
export interface Ownership {
  /** The statement that this keeps. */
  readonly statement: string;
  readonly service: string;
  /** Types and published states to look into; all of them where absent. */
  readonly within?: readonly string[];
  readonly never: readonly string[];
  readonly because: string;
}

/** A name in a contract, and the type or published state it stands in. */
interface Named {
  readonly type: string;
  readonly name: string;
}

const FILE = 'schema/ownership.yaml';

/** What `schema/ownership.yaml` says; undefined where there is none. */
export function readOwnership(root: string): readonly Ownership[] | undefined {
  return existsSync(join(root, FILE)) ? parseYaml(readFileSync(join(root, FILE), 'utf8')) : undefined;
}

/** Names in the contracts by which a service would answer what is another's to answer, one line each. */
export function ownershipProblems(contract: Contract, rules: readonly Ownership[] | undefined): string[] {
  if (rules === undefined) return [`${FILE} is missing`];
  return rules.flatMap((rule) => {
    const service = contract.services.find(({ name }) => name === rule.service);
    if (service === undefined) return [`${FILE}: ${rule.statement}: there is no service ${rule.service}`];
    const names = namesOf(service);
    const absent = (rule.within ?? []).filter((type) => !names.some((one) => one.type === type));
    return [
      ...absent.map((type) => `${FILE}: ${rule.statement}: ${rule.service} has no type ${type}`),
      ...names
        .filter(({ type }) => rule.within?.includes(type) ?? true)
        .flatMap(({ type, name }) =>
          rule.never
            .filter((word) => speaksOf(name, word))
            .map(
              (word) =>
                `schema/${service.name}: ${type}.${name} speaks of ${word} (${rule.statement}): ${rule.because}`,
            ),
        ),
    ];
  });
}

function namesOf(service: ServiceContract): readonly Named[] {
  const own = (path: string) => path.startsWith(`${service.name}/`);
  return [
    ...service.sdl.flatMap(({ text }) => parse(text).definitions.flatMap(namesOfDefinition)),
    ...service.aggregates.flatMap(({ name, schema }) => namesOfSchema(pascalCase(name), schema)),
    ...service.events
      .filter(({ path }) => own(path))
      .flatMap(({ name, schema }) => [
        { type: pascalCase(name), name },
        ...namesOfSchema(pascalCase(name), schema.properties?.data ?? {}),
      ]),
  ];
}

/** A type that only refers to another service's entity says nothing. */
function namesOfDefinition(definition: DefinitionNode): readonly Named[] {
  if (!('name' in definition) || definition.name === undefined || refersOnly(definition)) return [];
  const type = definition.name.value;
  const fields = 'fields' in definition ? (definition.fields ?? []) : [];
  return [
    { type, name: type },
    ...fields.flatMap((field) => [
      { type, name: field.name.value },
      ...('arguments' in field ? (field.arguments ?? []) : []).map(({ name }) => ({ type, name: name.value })),
    ]),
  ];
}

function refersOnly(definition: DefinitionNode): boolean {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return false;
  const given = (definition.directives ?? []).flatMap((directive) => directive.arguments ?? []);
  return given.some(({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value);
}

function namesOfSchema(type: string, schema: JsonSchema): readonly Named[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    { type, name },
    ...namesOfSchema(type, property),
  ]);
  return schema.items === undefined ? own : [...own, ...namesOfSchema(type, schema.items)];
}

/** True where a name holds this word, or these words in a row: `queue` is in `deskQueues`, `displayName` in `display_name`. */
function speaksOf(name: string, word: string): boolean {
  return ` ${wordsOf(name)} `.includes(` ${wordsOf(word)} `);
}

function wordsOf(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/s$/, ''))
    .join(' ');
}
