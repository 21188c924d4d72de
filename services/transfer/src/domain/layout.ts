import {
  boolean,
  distinct,
  type Form,
  instant,
  integer,
  isObjectClass,
  isUuid,
  listOf,
  nullable,
  object,
  objectClass,
  oneOf,
  sha256,
  sorted,
  text,
  uuid,
} from './layout-form.ts';
import type { RegisterEntry } from './register-entry.ts';
import { REASON_TYPES, type Transfer, type TransferState } from './transfer.ts';

/** The register as files, in the layout of the doctrine (S2:46-50): docs/decisions/0019-transfer-contract.md says what each holds. */

/** `access/operators/<slug>.json`: who holds an object now, and what set it there. */
export interface EntryFile {
  readonly identityId: string;
  readonly registerVersion: number;
  /** `onboarding:<event id>` or `transfer:<transfer id>`, where another register did not have words of its own for its beginning. */
  readonly setBy: string;
  readonly updatedAt: string;
}

/** `governance/transfers/<transfer id>.json`: what a transfer is, and every transition it made. Of reasons references and hashes. */
export interface TransferFile extends Omit<Transfer, 'id' | 'importedFrom'> {
  readonly transferId: string;
  readonly transitions: readonly Transition[];
}

/** One transition of a transfer, as its journal keeps it. */
export interface Transition {
  readonly transition: string;
  readonly priorState: TransferState | null;
  readonly newState: TransferState;
  readonly actorId: string;
  readonly clause: string;
  readonly at: string;
  readonly priorHolderIdentityId: string;
  readonly evidenceSha256: readonly string[];
  readonly eventId: string;
}

/** `access/memberships/<identity id>.json`: whose workspaces an identity may see. */
export interface MembershipFile {
  readonly operatorSlugs: readonly string[];
}

/** `governance/transfer-index/<slug>.json`: which transfer holds an object. */
export interface IndexFile {
  readonly transferId: string;
}

interface FileOf {
  readonly entry: EntryFile;
  readonly history: TransferFile;
  readonly membership: MembershipFile;
  readonly index: IndexFile;
}
type Kind = keyof FileOf;

export interface OfObject {
  readonly objectClass: string;
  readonly objectId: string;
}

/** What a path says of its file. */
export type Place<K extends Kind = Kind> = {
  readonly entry: { readonly kind: 'entry' } & OfObject;
  readonly history: { readonly kind: 'history'; readonly transferId: string };
  readonly membership: { readonly kind: 'membership'; readonly identityId: string };
  readonly index: { readonly kind: 'index' } & OfObject;
}[K];

/** The class that the doctrine's own paths speak of. Objects of others lie beside it, by class and percent-encoded id. */
const OPERATOR = 'operator';
const SLUG = /^[a-z](?:-?[a-z0-9])*$/;
const MAX_ID_LENGTH = 200;
const ENDING = '.json';

/** Where a file lies below the folder of the register. */
export function pathOf(place: Place): string {
  switch (place.kind) {
    case 'entry':
      return `access/${place.objectClass === OPERATOR ? 'operators' : `objects/${place.objectClass}`}/${fileOf(place)}`;
    case 'history':
      return `governance/transfers/${place.transferId}${ENDING}`;
    case 'membership':
      return `access/memberships/${place.identityId}${ENDING}`;
    case 'index':
      return `governance/transfer-index/${place.objectClass === OPERATOR ? '' : `${place.objectClass}/`}${fileOf(place)}`;
  }
}

const fileOf = ({ objectId }: OfObject) => `${encodeURIComponent(objectId)}${ENDING}`;

/** What a path says; undefined where it is none of the layout. What has a path has one. */
export function placeOf(path: string): Place | undefined {
  if (!path.endsWith(ENDING)) return undefined;
  const place = candidateOf(path.slice(0, -ENDING.length).split('/'));
  return place !== undefined && pathOf(place) === path ? place : undefined;
}

/** Whether a path lies where indexes lie, be its file one or not. */
export const isIndexPath = (path: string): boolean => path.startsWith('governance/transfer-index/');

function candidateOf([top, folder, ...names]: readonly string[]): Place | undefined {
  const [name = ''] = names;
  switch (`${top}/${folder}`) {
    case 'access/operators':
      return placed('entry', [OPERATOR, ...names]);
    case 'access/objects':
      return placed('entry', names);
    case 'access/memberships':
      return isUuid(name) ? { kind: 'membership', identityId: name } : undefined;
    case 'governance/transfers':
      return isUuid(name) ? { kind: 'history', transferId: name } : undefined;
    case 'governance/transfer-index':
      return placed('index', names.length === 1 ? [OPERATOR, ...names] : names);
    default:
      return undefined;
  }
}

function placed(kind: 'entry' | 'index', [of = '', name = '']: readonly string[]): Place | undefined {
  const objectId = decoded(name);
  const isObject = objectId !== undefined && isObjectClass(of) && (of === OPERATOR ? SLUG : ANYTHING).test(objectId);
  return isObject && [...objectId].length <= MAX_ID_LENGTH ? { kind, objectClass: of, objectId } : undefined;
}
const ANYTHING = /./su;

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

const STATES = ['proposed', 'accepted', 'completed', 'rejected', 'canceled', 'expired', 'voided'] as const;
const MAX_TEXT = 200;
/** What a transfer may gather, with room beside it. */
const MAX_EVIDENCE = 60;
const MAX_TRANSITIONS = 60;
const MAX_CREDENTIALS = 20;
const MAX_OPERATORS = 10_000;

const state = oneOf(...STATES);
const reference = nullable(object({ ref: uuid, hash: sha256 }));

const EVIDENCE = object({
  source: oneOf('SYSTEM', 'PARTY'),
  kind: oneOf('REGISTER_ENTRY', 'SESSION', 'CREDENTIAL_CHECK', 'DOCUMENT', 'STATEMENT', 'REFERENCE'),
  sha256,
  media_type: nullable(text(0, 127)),
  storage_ref: nullable(text(0, 1_024)),
  added_by: uuid,
  added_at: instant,
});

const TERMS = object({
  policy_version: integer(1),
  distinct_actors: oneOf('strict', 'literal'),
  waiver_allowed: boolean,
  review_required: boolean,
  required_credentials: distinct(text(1, MAX_TEXT), MAX_CREDENTIALS),
  voidable: boolean,
  proposed_until: nullable(instant),
  accepted_until: nullable(instant),
  cool_off_s: integer(0),
});

const TRANSITION = object({
  transition: text(1, MAX_TEXT),
  prior_state: nullable(state),
  new_state: state,
  actor_id: text(1, MAX_TEXT),
  clause: text(1, MAX_TEXT),
  at: instant,
  prior_holder_identity_id: uuid,
  evidence_sha256: listOf(sha256, MAX_EVIDENCE),
  event_id: uuid,
});

/** What each file holds, key by key as it is written. */
const FORMS: Readonly<Record<Kind, Form>> = {
  entry: object({ identity_id: uuid, register_version: integer(1), set_by: text(1, MAX_TEXT), updated_at: instant }),
  history: object({
    transfer_id: uuid,
    state,
    object_class: objectClass,
    object_id: text(1, MAX_ID_LENGTH),
    from_identity_id: uuid,
    to_identity_id: uuid,
    from_register_version: integer(1),
    to_register_version: nullable(integer(2)),
    reason_type: nullable(oneOf(...REASON_TYPES)),
    reason: reference,
    proposed_by: uuid,
    proposed_at: instant,
    accepted_by: nullable(uuid),
    accepted_at: nullable(instant),
    ended_by: nullable(uuid),
    ended_at: nullable(instant),
    end_reason: reference,
    terms: TERMS,
    waived_by: nullable(uuid),
    evidence: listOf(EVIDENCE, MAX_EVIDENCE),
    transitions: listOf(TRANSITION, MAX_TRANSITIONS),
  }),
  membership: object({ operator_slugs: sorted(text(1, MAX_ID_LENGTH), MAX_OPERATORS) }),
  index: object({ transfer_id: uuid }),
};

/** The largest file: a transfer with all the evidence it may have, every character of it escaped. */
export const MAX_FILE_BYTES = 512 * 1_024;

/** How JSON is written, and how names are spelled in it: the kit's own. */
export interface Wire {
  readonly canonicalJson: (value: object) => string;
  readonly toWire: (value: object) => object;
  readonly fromWire: <T>(value: object) => T;
}

/** What a file says, or why it says nothing. */
export type Read<K extends Kind> = { readonly value: FileOf[K] } | { readonly fault: string };

/** Reads a file. One meaning has one form, so that what was read is written again byte by byte. */
export function readFile<K extends Kind>(place: Place<K>, content: string, wire: Wire): Read<K> {
  const bytes = new TextEncoder().encode(content).length;
  if (bytes > MAX_FILE_BYTES) return { fault: `has ${bytes} bytes, more than ${MAX_FILE_BYTES}` };
  const value = parsed(content);
  if (value === undefined) return { fault: 'is no JSON' };
  const fault = FORMS[place.kind](value, '');
  if (fault !== undefined) return { fault: `${fault.at === '' ? '' : `${fault.at} `}${fault.what}` };
  if (`${wire.canonicalJson(value as object)}\n` !== content) {
    return {
      fault: 'is not written as RFC 8785 has it (keys in order, no blanks, each once), with one newline behind it',
    };
  }
  const read = wire.fromWire<FileOf[K]>(value as object);
  return nameFault(place, read) ?? { value: read };
}

/** A transfer says its id itself, too. */
function nameFault(place: Place, read: object): { readonly fault: string } | undefined {
  if (place.kind !== 'history' || (read as TransferFile).transferId === place.transferId) return undefined;
  return { fault: `is named after another transfer than ${(read as TransferFile).transferId}` };
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** The bytes of a file, as text. */
export function written(file: FileOf[Kind], { canonicalJson, toWire }: Wire): string {
  return `${canonicalJson(toWire(file))}\n`;
}

/** What the file of an entry says. `importedSetBy`: what the file said that it came from, where it came from one. */
export function entryFile(
  { holderIdentityId, registerVersion, setBy, setById, since }: RegisterEntry,
  importedSetBy: string | null,
): EntryFile {
  const from = setBy === 'import' && importedSetBy !== null ? importedSetBy : `${setBy}:${setById}`;
  return { identityId: holderIdentityId, registerVersion, setBy: from, updatedAt: since };
}

/** What the file of a transfer says. `transitions`: those it made here and, before them, those that it was imported with. */
export function transferFile(transfer: Transfer, transitions: readonly Transition[]): TransferFile {
  const { id, importedFrom: _, ...said } = transfer;
  return { ...said, transferId: id, transitions };
}
