import { type DomainEvent, isRefusal, type PersonalRef, type Refusal } from '@qtm/service-kit/domain';
import { expect } from 'vitest';
import { complete } from '../completion.ts';
import { type AllottedItem, attach, type Evidence } from '../evidence.ts';
import type { EvidenceItem } from '../evidence-form.ts';
import type { EvidenceKind, Pack, PackDefinition, PackStage } from '../pack.ts';
import { publish } from '../pack.ts';
import type { SealedRecord } from '../record.ts';
import {
  abort,
  advanceStage,
  type CompletedServiceEvent,
  type ServiceEvent,
  type ServiceEventState,
  type StartedJob,
  start,
} from '../service-event.ts';

/** A UUID that tells by its end which of the story's objects it is. */
export const id = (n: number): string => `019b8d2e-7a00-7000-8000-${n.toString(16).padStart(12, '0')}`;
/** The story's clock: so many minutes after the request. */
export const at = (minutes: number): string =>
  new Date(Date.UTC(2026, 0, 5, 10, minutes)).toISOString().replace('.000Z', '.123456Z');
/** Stands in for SHA-256, in its form: a rule must not care which digest it is given. FNV-1a from eight offsets. */
export const sha256 = (text: string): string =>
  Array.from({ length: 8 }, (_, offset) => {
    let hash = 0x811c9dc5 + offset;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  }).join('');
export const ref = (n: number): PersonalRef => ({ ref: id(n), hash: sha256(`salt and value ${n}`) });

export const BY = '7c9e6679-7425-5de9-944b-e07fc1f90ae7';
export const SUBMITTER = 'f2a1c5de-3b0e-5f4b-9a4d-0c6b1f6f7a10';
export const RECORD_ID = id(0x40);

const stage = (name: string, ...evidence: [EvidenceKind, number][]): PackStage => {
  return { name, title: name, evidence: evidence.map(([kind, minimum]) => ({ kind, minimum })) };
};

export const MUNICIPAL: PackDefinition = {
  surface: 'municipal',
  version: 1,
  title: 'Municipal service request',
  stages: [stage('inspection'), stage('resolution', ['NOTE', 1])],
  outcomeCodes: [{ code: 'RESOLVED', title: 'Resolved' }],
};
export const FREIGHT: PackDefinition = {
  surface: 'freight',
  version: 1,
  title: 'Freight delivery',
  stages: [stage('pickup', ['PHOTO', 1]), stage('in_transit'), stage('delivered', ['SIGNATURE', 1], ['DOCUMENT', 1])],
  outcomeCodes: [
    { code: 'DELIVERED', title: 'Delivered' },
    { code: 'REFUSED_BY_CONSIGNEE', title: 'Refused by the consignee' },
  ],
};

export function published(definition: PackDefinition): Pack {
  return only<Pack>(publish(undefined, definition, { sha256: sha256(definition.surface), now: at(-60) }));
}

export const JOB: StartedJob = {
  id: id(0x15),
  serviceEventId: id(0x25),
  intakeId: id(2),
  requestId: id(1),
  taskId: id(3),
  heldBy: 'nypd',
  surface: 'municipal',
  packVersion: 1,
  startedAt: at(9),
  selfGoverned: false,
  audience: 'ADMIN',
  intakeSnapshot: { submittedBy: SUBMITTER, addressedTo: 'nypd' },
};

const NOTHING: Omit<EvidenceItem, 'kind'> = {
  note: null,
  location: null,
  sha256: null,
  sizeBytes: null,
  mediaType: null,
  storageRef: null,
  capturedAt: null,
};
const FILE = { sha256: sha256('a file'), sizeBytes: 4_096, storageRef: 's3://evidence/4096' };

/** One complete item of each kind; `overrides` make it what a test needs. */
export function item(kind: EvidenceKind, overrides: Partial<EvidenceItem> = {}): EvidenceItem {
  const contents: Record<EvidenceKind, Partial<EvidenceItem>> = {
    NOTE: { note: 'Nobody there, lights out.' },
    LOCATION: { location: { latitude: 40.58507695307629, longitude: -73.92773945669528, accuracyM: 12 } },
    DOCUMENT: { ...FILE, mediaType: 'application/pdf' },
    PHOTO: { ...FILE, mediaType: 'image/jpeg' },
    SIGNATURE: { ...FILE, mediaType: 'image/png' },
  };
  return { ...NOTHING, kind, ...contents[kind], ...overrides };
}

export function bare(kind: EvidenceKind, overrides: Partial<EvidenceItem> = {}): EvidenceItem {
  return { ...NOTHING, kind, ...overrides };
}

export function allotted(n: number, what: EvidenceItem): AllottedItem {
  const personal = what.kind === 'NOTE' || what.kind === 'LOCATION';
  return { id: id(n), item: what, content: personal ? ref(n + 1) : null };
}

/** Attaches a complete piece of this kind, `n` minutes into the story. */
export function attachedTo(serviceEvent: ServiceEvent, kind: EvidenceKind, n: number): Evidence {
  const command = { ...allotted(0x100 + 2 * n, item(kind)), stage: null, by: BY, now: at(n) };
  return only<Evidence>(attach(serviceEvent, command, { attached: 0 }));
}

export function started(definition = MUNICIPAL): ServiceEvent {
  return start({ ...JOB, surface: definition.surface }, published(definition), BY).after;
}

/** Follows the pack to its end, one minute a step: the service event at its last stage and everything it requires. */
export function atLastStage(definition = MUNICIPAL): { serviceEvent: ServiceEvent; evidence: readonly Evidence[] } {
  const pack = published(definition);
  let serviceEvent = started(definition);
  const evidence: Evidence[] = [];
  let minute = 10;
  for (const [index, { evidence: required }] of pack.stages.entries()) {
    for (const { kind } of required) evidence.push(attachedTo(serviceEvent, kind, minute++));
    const toStage = pack.stages[index + 1]?.name;
    if (toStage === undefined) break;
    serviceEvent = only(advanceStage(serviceEvent, { toStage, by: BY, now: at(minute++) }, { pack, evidence }));
  }
  return { serviceEvent, evidence };
}

export function completed(definition = MUNICIPAL) {
  const { serviceEvent, evidence } = atLastStage(definition);
  const pack = published(definition);
  const outcome = definition.outcomeCodes[0]?.code ?? '';
  const command = { outcome, recordId: RECORD_ID, by: BY, now: at(30) };
  const [first, second] = accepted(complete(serviceEvent, command, { pack, evidence, sha256 }));
  return { serviceEvent: first?.after as CompletedServiceEvent, record: second?.after as SealedRecord, evidence, pack };
}

export function aborted(): ServiceEvent {
  return only(abort(started(), { reason: { text: 'no access', ref: ref(0x70) }, by: BY, now: at(20) }));
}

/** A municipal service event in each of its states. */
export const IN_STATE: Readonly<Record<ServiceEventState, () => ServiceEvent>> = {
  STARTED: () => started(),
  IN_STAGE: () => atLastStage().serviceEvent,
  COMPLETED: () => completed().serviceEvent,
  ABORTED: aborted,
};

/** The facts of a decision that must not be a refusal. */
export function accepted(decision: readonly DomainEvent[] | Refusal): readonly DomainEvent[] {
  if (isRefusal(decision)) throw new Error(`refused: ${JSON.stringify(decision)}`);
  return decision;
}

/** The state after the only fact of a decision. */
export function only<T>(decision: readonly DomainEvent[] | Refusal): T {
  const events = accepted(decision);
  expect(events).toHaveLength(1);
  return events[0]?.after as T;
}

/** The code and details of a decision that must be a refusal. */
export function refusal(decision: readonly DomainEvent[] | Refusal): { code: string; [detail: string]: string } {
  if (!isRefusal(decision)) throw new Error(`accepted: ${JSON.stringify(decision)}`);
  return { ...Object.fromEntries(decision.details.map(({ name, value }) => [name, value])), code: decision.code };
}
