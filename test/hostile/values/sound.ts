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
import { freshId, freshKey, freshSlug } from './fresh.ts';
import { entryFile, transferFile } from './register-files.ts';

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
  objectClass: 'operator',
  latitude: 40.5,
  longitude: -73.5,
};

/** Inputs of which few combinations of fields are sound: what to give of their optional fields, and what some must be. */
const RECIPES: Readonly<
  Record<string, { readonly give: readonly string[]; readonly as?: object | ((options: SoundOptions) => object) }>
> = {
  SubmitRequestInput: { give: ['surface', 'what', 'channel', 'actor', 'category', 'dueAt'] },
  RequestActorInput: { give: ['reference', 'name'] },
  AssignTaskInput: { give: ['operator', 'reason'] },
  AdvanceStageInput: { give: ['jobId'] },
  CompleteServiceEventInput: { give: ['jobId'] },
  AbortServiceEventInput: { give: ['jobId'] },
  AttachEvidenceInput: { give: ['jobId', 'note'], as: { kind: 'NOTE' } },
  CorrectionEvidenceInput: { give: ['note'], as: { kind: 'NOTE' } },
  ProposeTransferInput: { give: ['reason'] },
  AcceptTransferInput: { give: [] },
  CompleteTransferInput: { give: [] },
  TransferEvidenceInput: { give: ['mediaType'], as: { kind: 'STATEMENT' } },
  SetTransferPolicyInput: { give: ['lockable'], as: { lockable: true } },
  ImportRegisterEntryInput: { give: [], as: ({ draw }) => entryFile(draw) },
  ImportTransferInput: { give: [], as: ({ draw }) => transferFile(draw) },
  CloseRegisterImportInput: { give: [], as: importToClose },
};

/** A system has one import, and what is taken in needs an open one: so seldom it is closed. */
const CLOSED_PERCENT = 6;

function importToClose({ draw, ids }: SoundOptions): object {
  const importId = chance(draw, CLOSED_PERCENT) ? ids.of('RegisterImport', 'registerImportId') : undefined;
  return importId === undefined ? {} : { importId };
}

/** Fields whose names do not say what they hold: rows of this type, as a field of that name would hold them. */
const MEANT: Readonly<Record<string, Readonly<Record<string, readonly [type: string, field: string]>>>> = {
  // Whose holder is somebody who speaks.
  LockObjectInput: { objectId: ['Operator', 'operator'] },
  UnlockObjectInput: { objectId: ['Operator', 'operator'] },
  ImportRegisterEntryInput: { importId: ['RegisterImport', 'registerImportId'] },
  ImportTransferInput: { importId: ['RegisterImport', 'registerImportId'] },
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
    .map((field) => {
      const [meant, as] = MEANT[type.name]?.[field.name] ?? [];
      const id = meant === undefined || as === undefined ? undefined : options.ids.of(meant, as);
      return [field.name, id ?? soundValue(field.type, `${path}.${field.name}`, options)] as const;
    });
  const further = typeof recipe?.as === 'function' ? recipe.as(options) : recipe?.as;
  return { ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)), ...further };
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
      // What is asked of the past, where all else is planned.
      if (field === 'instant') return new Date().toISOString();
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
      if (field === 'objectId') return ids.of('Operator', field) ?? freshSlug();
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
