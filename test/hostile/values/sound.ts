import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import { chance, type Draw, oneOf } from './draw.ts';

/** Where ids of rows come from. */
export interface Ids {
  /** An id for a field of this name, of rows of this type; undefined where there is none. */
  of(type: string, field: string): string | undefined;
}

export interface SoundOptions {
  readonly draw: Draw;
  readonly ids: Ids;
  /** GraphQL types that rows are known of, by which fields such as `taskId` are understood. */
  readonly types: readonly string[];
  /** The optional fields to give, as paths such as `input.reason`; drawn where absent. */
  readonly shape?: ReadonlySet<string> | undefined;
}

/** Values whose form only the domain knows; whatever has no word here is a text like any. */
const VOCABULARY: Readonly<Record<string, unknown>> = {
  surface: 'municipal',
  surfaces: 'municipal',
  channel: 'PHONE',
  category: 'noise',
  stage: 'inspection',
  toStage: 'resolution',
  outcome: 'RESOLVED',
  role: 'auditor',
  mediaType: 'image/png',
  storageRef: 's3://bucket/object',
  sizeBytes: 10,
  latitude: 40.5,
  longitude: -73.5,
};

/** Inputs of which few combinations of fields are sound: what to give of their optional fields, and what some must be. */
const RECIPES: Readonly<Record<string, { readonly give: readonly string[]; readonly as?: object }>> = {
  SubmitRequestInput: { give: ['surface', 'what', 'channel', 'actor', 'category', 'dueAt'] },
  RequestActorInput: { give: ['reference', 'name'] },
  AssignTaskInput: { give: ['operator', 'reason'] },
  AdvanceStageInput: { give: ['jobId'] },
  CompleteServiceEventInput: { give: ['jobId'] },
  AbortServiceEventInput: { give: ['jobId'] },
  AttachEvidenceInput: { give: ['jobId', 'note'], as: { kind: 'NOTE' } },
  CorrectionEvidenceInput: { give: ['note'], as: { kind: 'NOTE' } },
};

/** Otherwise as if there were none, so that other combinations are tried, too. */
const RECIPE_PERCENT = 80;
const IN_A_DAY_MS = 86_400_000;
/** Of a list that was not asked to be long. */
const LIST_LENGTH = 1;

/** A value of an input type that the system has no reason to refuse for its form. */
export function soundValue(type: GraphQLInputType, path: string, options: SoundOptions): unknown {
  if (isNonNullType(type)) return soundValue(type.ofType, path, options);
  if (isListType(type)) {
    return Array.from({ length: LIST_LENGTH }, () => soundValue(type.ofType, path, options));
  }
  if (isInputObjectType(type)) return soundObject(type, path, options);
  const field = path.split('.').at(-1) ?? '';
  if (isEnumType(type)) return oneOf(options.draw, type.getValues())?.name;
  if (field in VOCABULARY) return VOCABULARY[field];
  return soundScalar(type.name, field, options);
}

function soundObject(type: GraphQLInputObjectType, path: string, options: SoundOptions): object {
  const recipe = chance(options.draw, RECIPE_PERCENT) ? RECIPES[type.name] : undefined;
  const fields = Object.values(type.getFields());
  const optional = fields.filter((field) => !isRequiredInputField(field) && field.name !== 'expectedVersion');
  const given =
    options.shape === undefined
      ? (recipe?.give ?? options.draw(someOf(optional.map(({ name }) => name))))
      : optional.map(({ name }) => name).filter((name) => options.shape?.has(`${path}.${name}`));
  const entries = fields
    .filter((field) => isRequiredInputField(field) || given.includes(field.name))
    .map((field) => [field.name, soundValue(field.type, `${path}.${field.name}`, options)] as const);
  return { ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)), ...recipe?.as };
}

/** All of them, none of them, or some: where only one combination is sound, it is mostly one of the first two, or a small one. */
function someOf(names: string[]): fc.Arbitrary<string[]> {
  return fc.oneof(
    fc.constantFrom(names, []),
    fc.shuffledSubarray(names, { maxLength: Math.min(1, names.length) }),
    fc.shuffledSubarray(names),
  );
}

function soundScalar(scalar: string, field: string, { draw, ids, types }: SoundOptions): unknown {
  switch (scalar) {
    case 'ID':
      return ids.of(typeMeant(field, types) ?? '', field) ?? freshId();
    case 'Slug':
      return ids.of('Operator', field) ?? freshSlug();
    case 'DateTime':
      return new Date(Date.now() + IN_A_DAY_MS).toISOString();
    case 'Sha256':
      return 'a'.repeat(64);
    case 'Int':
      return draw(fc.integer({ min: 1, max: 100 }));
    case 'Float':
      return draw(fc.integer({ min: 1, max: 100 }));
    case 'Boolean':
      return draw(fc.boolean());
    default:
      return field === 'idempotencyKey' ? freshKey() : `Some text ${draw(fc.nat())}`;
  }
}

/** The type whose ids a field holds, by its name: `taskId` is a task's, `holderIdentityId` an identity's. */
export function typeMeant(field: string, types: readonly string[]): string | undefined {
  const name = field.replace(/Id$/, '').toLowerCase();
  if (name === field.toLowerCase()) return undefined;
  return types.filter((type) => name.endsWith(type.toLowerCase())).sort((a, b) => b.length - a.length)[0];
}

/** Which optional fields a value has, as paths, so that another one can be made like it. */
export function shapeOf(value: unknown, path: string): ReadonlySet<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...shapeOf(item, path)]));
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(
    Object.entries(value).flatMap(([name, inner]) => [`${path}.${name}`, ...shapeOf(inner, `${path}.${name}`)]),
  );
}

/** Keys and ids are new in every run, whatever the seed: what was used is used for ever. */
export function freshKey(): string {
  return `key-${randomBytes(9).toString('base64url')}`;
}

export function freshId(): string {
  const hex = randomBytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function freshSlug(): string {
  return `crew-${randomBytes(6).toString('hex')}`;
}
