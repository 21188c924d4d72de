import {
  type Decision,
  type DomainEvent,
  event,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';
import { canonicalJson } from './canonical-json.ts';

export const EVIDENCE_KINDS = ['NOTE', 'LOCATION', 'DOCUMENT', 'PHOTO', 'SIGNATURE'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** So many valid pieces of a kind at least, before the stage is left. */
export interface RequiredEvidence {
  readonly kind: EvidenceKind;
  readonly minimum: number;
}

export interface PackStage {
  readonly name: string;
  readonly title: string;
  readonly evidence: readonly RequiredEvidence[];
}

export interface OutcomeCode {
  readonly code: string;
  readonly title: string;
}

/** What a pack says: how work moves inside a service event of one surface. Not who does it, nor where (T-WF-12). */
export interface PackDefinition {
  readonly surface: string;
  readonly version: number;
  readonly title: string;
  /** In their order; never empty. */
  readonly stages: readonly PackStage[];
  readonly outcomeCodes: readonly OutcomeCode[];
}

/** A published version of a surface's pack. It never changes. */
export interface Pack extends PackDefinition {
  readonly id: string;
  readonly state: 'PUBLISHED';
  /** SHA-256 of `definitionText`, lower-case hex. */
  readonly sha256: string;
  readonly publishedAt: string;
}

/** Nobody commands a pack: the service publishes it, once. */
export const TRANSITIONS = { PUBLISHED: {} } as const satisfies TransitionTable<Pack['state'], never>;

export type PackEvent = DomainEvent<'pack', 'pack_published', Pack>;
export type PackRefusalCode = 'PACK_CHANGED';

export function packId(surface: string, version: number): string {
  return `${surface}:${version}`;
}

/** What is hashed of a definition: every word of it, in canonical form, under the names of the published state. */
export function definitionText({ surface, version, title, stages, outcomeCodes }: PackDefinition): string {
  return canonicalJson({ surface, version, title, stages, outcome_codes: outcomeCodes });
}

/**
 * Publishes a version once; the same again changes nothing. Another content under a published version is refused, and the service
 * does not start: work under way, and records, name the version they rest on.
 */
export function publish(
  published: Pack | undefined,
  definition: PackDefinition,
  command: { readonly sha256: string; readonly now: string },
): Decision<PackEvent, Refusal<PackRefusalCode>> {
  const { sha256, now } = command;
  const id = packId(definition.surface, definition.version);
  if (published === undefined) {
    return [event('pack_published', 'pack', { ...definition, id, state: 'PUBLISHED', sha256, publishedAt: now })];
  }
  return published.sha256 === sha256
    ? []
    : refuse('PACK_CHANGED', { pack: id, published: published.sha256, found: sha256 });
}

export function firstStage({ stages }: PackDefinition): string {
  return (stages[0] as PackStage).name;
}

export function lastStage({ stages }: PackDefinition): string {
  return (stages.at(-1) as PackStage).name;
}

/** The stage that follows; undefined after the last one. */
export function stageAfter({ stages }: PackDefinition, stage: string): string | undefined {
  const index = stages.findIndex(({ name }) => name === stage);
  return index < 0 ? undefined : stages[index + 1]?.name;
}

/** What is known of a piece of evidence when counting it. */
export interface CountedEvidence {
  readonly stage: string;
  readonly kind: EvidenceKind;
  readonly state: 'ATTACHED' | 'VALIDATED';
}

export interface Requirement extends RequiredEvidence {
  readonly stage: string;
  /** Number of valid pieces of the kind at the stage. */
  readonly validated: number;
}

/** What the pack requires, stage by stage, and how much of it is there. Incomplete evidence counts for nothing (T-SP-14). */
export function requirements({ stages }: PackDefinition, evidence: readonly CountedEvidence[]): readonly Requirement[] {
  return stages.flatMap(({ name: stage, evidence: required }) =>
    required.map(({ kind, minimum }) => {
      const counted = evidence.filter(
        (item) => item.state === 'VALIDATED' && item.stage === stage && item.kind === kind,
      );
      return { stage, kind, minimum, validated: counted.length };
    }),
  );
}

/** The requirements that are not met yet; of one stage where it is given. */
export function missing(
  pack: PackDefinition,
  evidence: readonly CountedEvidence[],
  stage?: string,
): readonly Requirement[] {
  return requirements(pack, evidence).filter(
    (requirement) => requirement.validated < requirement.minimum && (stage ?? requirement.stage) === requirement.stage,
  );
}
