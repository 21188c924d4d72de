import { EVIDENCE_KINDS, type EvidenceKind, type OutcomeCode, type PackDefinition, type PackStage } from './pack.ts';
import { namesSpineStep, reachesForSpine } from './spine.ts';

export const MAX_STAGES = 20;
export const MAX_OUTCOMES = 50;
/** Pieces required of one kind at one stage, and of the whole pack: well below what a service event may hold. */
export const MAX_REQUIRED = 20;
export const MAX_REQUIRED_IN_ALL = 100;
const MAX_VERSION = 999_999;
const MAX_TITLE_LENGTH = 200;
const MAX_NAME_LENGTH = 63;

const SURFACE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const STAGE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const OUTCOME = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

export type CheckedDefinition =
  | { readonly definition: PackDefinition }
  /** Everything that is wrong, one line each, for the one who writes the pack. */
  | { readonly faults: readonly string[] };

type Fields = Readonly<Record<string, unknown>>;

/** Reads what a pack file says, after its text was parsed. Reports every fault at once. */
export function checkDefinition(source: unknown): CheckedDefinition {
  const faults: string[] = [];
  const root = fieldsOf(source, 'pack', ['surface', 'version', 'title', 'stages', 'outcome_codes'], faults);
  const definition: PackDefinition = {
    surface: word(root.surface, 'surface', SURFACE, faults),
    version: integer(root.version, 'version', MAX_VERSION, faults),
    title: title(root.title, 'title', faults),
    stages: list(root.stages, 'stages', 1, MAX_STAGES, faults).map((item, i) => stage(item, `stages[${i}]`, faults)),
    outcomeCodes: list(root.outcome_codes, 'outcome_codes', 1, MAX_OUTCOMES, faults).map((item, i) =>
      outcome(item, `outcome_codes[${i}]`, faults),
    ),
  };
  distinct(
    definition.stages.map(({ name }) => name),
    'stages',
    faults,
  );
  distinct(
    definition.outcomeCodes.map(({ code }) => code),
    'outcome_codes',
    faults,
  );
  const inAll = definition.stages.flatMap(({ evidence }) => evidence).reduce((sum, { minimum }) => sum + minimum, 0);
  if (inAll > MAX_REQUIRED_IN_ALL)
    faults.push(`stages: ${inAll} pieces of evidence required, at most ${MAX_REQUIRED_IN_ALL}`);
  return faults.length === 0 ? { definition } : { faults };
}

function stage(source: unknown, path: string, faults: string[]): PackStage {
  const fields = fieldsOf(source, path, ['name', 'title', 'evidence'], faults);
  const name = word(fields.name, `${path}.name`, STAGE, faults);
  if (namesSpineStep(name)) {
    faults.push(
      `${path}.name: '${name}' is a step of the spine, which is the same on every surface; a stage lies within it`,
    );
  }
  const required = list(fields.evidence ?? [], `${path}.evidence`, 0, EVIDENCE_KINDS.length, faults);
  const evidence = required.flatMap((item, i) => {
    const at = `${path}.evidence[${i}]`;
    const requirement = fieldsOf(item, at, ['kind', 'minimum'], faults);
    const kind = kindOf(requirement.kind, `${at}.kind`, faults);
    const minimum = integer(requirement.minimum, `${at}.minimum`, MAX_REQUIRED, faults);
    return kind === undefined ? [] : [{ kind, minimum }];
  });
  distinct(
    evidence.map(({ kind }) => kind),
    `${path}.evidence`,
    faults,
  );
  return { name, title: title(fields.title, `${path}.title`, faults), evidence };
}

function outcome(source: unknown, path: string, faults: string[]): OutcomeCode {
  const fields = fieldsOf(source, path, ['code', 'title'], faults);
  return {
    code: word(fields.code, `${path}.code`, OUTCOME, faults),
    title: title(fields.title, `${path}.title`, faults),
  };
}

function fieldsOf(source: unknown, path: string, known: readonly string[], faults: string[]): Fields {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    faults.push(`${path}: must have the fields ${known.join(', ')}`);
    return {};
  }
  for (const key of Object.keys(source).filter((name) => !known.includes(name))) {
    faults.push(
      reachesForSpine(key)
        ? `${path}: '${key}' is a matter of the spine, which is the same on every surface; a pack only describes its stages`
        : `${path}: unknown field '${key}'`,
    );
  }
  return source as Fields;
}

function list(source: unknown, path: string, least: number, most: number, faults: string[]): readonly unknown[] {
  if (Array.isArray(source) && source.length >= least && source.length <= most) return source;
  faults.push(`${path}: must be a list of ${least} to ${most} entries`);
  return [];
}

function word(source: unknown, path: string, form: RegExp, faults: string[]): string {
  if (typeof source === 'string' && source.length <= MAX_NAME_LENGTH && form.test(source)) return source;
  faults.push(`${path}: must match ${form.source}, at most ${MAX_NAME_LENGTH} characters`);
  return '';
}

function title(source: unknown, path: string, faults: string[]): string {
  const fits = typeof source === 'string' && source.trim() !== '' && source.length <= MAX_TITLE_LENGTH;
  if (fits && source.isWellFormed() && !source.includes('\0')) return source;
  faults.push(`${path}: must be a text of 1 to ${MAX_TITLE_LENGTH} characters`);
  return '';
}

function integer(source: unknown, path: string, most: number, faults: string[]): number {
  if (typeof source === 'number' && Number.isInteger(source) && source >= 1 && source <= most) return source;
  faults.push(`${path}: must be a whole number from 1 to ${most}`);
  return 1;
}

function kindOf(source: unknown, path: string, faults: string[]): EvidenceKind | undefined {
  const kind = EVIDENCE_KINDS.find((known) => known === source);
  if (kind === undefined) faults.push(`${path}: must be one of ${EVIDENCE_KINDS.join(', ')}`);
  return kind;
}

/** Faulty names are reported as such, not also as repeated. */
function distinct(names: readonly string[], path: string, faults: string[]): void {
  const repeated = names.filter((name, i) => name !== '' && names.indexOf(name) !== i);
  for (const name of new Set(repeated)) faults.push(`${path}: '${name}' occurs more than once`);
}
