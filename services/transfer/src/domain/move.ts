import {
  type Decision,
  type DomainEvent,
  event,
  type PersonalRef,
  type Refusal,
  refuse,
} from '@qtm/service-kit/domain';
import { type EvidenceRefusalCode, evidenceFault, type GivenEvidence, givenBy, made } from './evidence.ts';
import { restsOn } from './propose.ts';
import type { RegisterEntry } from './register-entry.ts';
import { importOpen } from './register-import.ts';
import {
  isOverdue,
  nextState,
  type ObjectRefusalCode,
  objectFault,
  type Party,
  type PartyRefusalCode,
  partyFault,
  type Transfer,
  type TransferCommand,
  type TransferEvent,
} from './transfer.ts';
import { later } from './transfer-policy.ts';

export type MoveRefusalCode =
  | EvidenceRefusalCode
  | ObjectRefusalCode
  | PartyRefusalCode
  | 'WRONG_STATE'
  | 'IMPORT_OPEN'
  | 'DEADLINE_PASSED'
  | 'DEADLINE_NOT_PASSED'
  | 'COOLING_OFF'
  | 'REVIEW_MISSING'
  | 'REASON_MISSING';

type MoveDecision<E extends DomainEvent = TransferEvent> = Decision<E, Refusal<MoveRefusalCode>>;

/** Who makes a transition, when, under which session. */
export interface Act {
  readonly by: string;
  readonly now: string;
  /** Hash of the session, which the system puts to evidence; the decision is the fact that comes of it. */
  readonly sessionSha256: string;
  /** The import of a register that is open; undefined where none is. */
  readonly openImport?: string | undefined;
}

/** The register's entry of the object at the transition: who holds it stands in every fact. */
type Holding = Pick<RegisterEntry, 'holderIdentityId'>;

/** Accepted by whom it goes to, or a super_admin. Authority does not move by it. */
export function accept(
  transfer: Transfer,
  evidence: readonly GivenEvidence[],
  { by, now, sessionSha256, openImport }: Act,
  holding: Holding,
): MoveDecision {
  const fault =
    movable(transfer, 'accept', now) ?? importOpen(openImport) ?? evidenceFault(evidence, by, transfer.evidence);
  if (fault !== undefined) return fault;
  return moved('transfer_accepted', holding, {
    ...transfer,
    state: 'accepted',
    acceptedBy: by,
    acceptedAt: now,
    evidence: [...transfer.evidence, made('SESSION', sessionSha256, { by, now }), ...givenBy(evidence, { by, now })],
  });
}

/** Rejected by whom it was to go to; canceled by whoever proposed it; voided where nobody will complete it. */
export function end(
  transfer: Transfer,
  command: 'reject' | 'cancel' | 'void',
  reason: PersonalRef | null,
  { by, now, sessionSha256 }: Act,
  holding: Holding,
): MoveDecision {
  const to = nextState(transfer, command);
  if (to === undefined) return refuse('WRONG_STATE');
  if (command === 'void' && reason === null) return refuse('REASON_MISSING');
  return moved(ENDED[command], holding, {
    ...transfer,
    state: to,
    endedBy: by,
    endedAt: now,
    endReason: reason,
    evidence: [...transfer.evidence, made('SESSION', sessionSha256, { by, now })],
  });
}
const ENDED = { reject: 'transfer_rejected', cancel: 'transfer_canceled', void: 'transfer_voided' } as const;

/** Its deadline has passed. The clock may end a transfer, and do nothing else to it (S2:79). */
export function expire(transfer: Transfer, now: string, holding: Holding): MoveDecision {
  const to = nextState(transfer, 'expire');
  if (to === undefined) return refuse('WRONG_STATE');
  if (!isOverdue(transfer, now)) return refuse('DEADLINE_NOT_PASSED');
  return moved('transfer_expired', holding, { ...transfer, state: to, endedAt: now });
}

/** Further evidence of a party, while somebody has still to decide. */
export function addEvidence(
  transfer: Transfer,
  evidence: readonly GivenEvidence[],
  { by, now }: Pick<Act, 'by' | 'now'>,
  holding: Holding,
): MoveDecision {
  const fault = movable(transfer, 'add_evidence', now) ?? evidenceFault(evidence, by, transfer.evidence);
  if (fault !== undefined) return fault;
  if (evidence.length === 0) return refuse('LIMIT_EXCEEDED', { field: 'evidence', limit: 'at least 1' });
  const all = [...transfer.evidence, ...givenBy(evidence, { by, now })];
  return moved('transfer_evidence_added', holding, { ...transfer, evidence: all });
}

export interface CompletionFacts {
  /** That the from-party holds it at the version of the proposal is the matrix's condition. */
  readonly entry: RegisterEntry;
  /** As their owners told just now; reading it is what makes them be asked. */
  readonly target: Party | undefined;
  readonly object: { readonly state: string } | undefined;
  readonly endedStates: readonly string[];
  /** Whether the governance task of the acceptance was reviewed. */
  readonly reviewed: boolean;
  /** Whether this identity took part before, and it was waived that it may not. */
  readonly waived: boolean;
  readonly credentialSha256: string;
  /** What the class calls a transfer of its objects, for example `operator_transferred`. */
  readonly classEvent: string;
}

/** Moves authority: the transfer is completed and the register says so, in one transaction, for good (S2:40-43). */
export function complete(
  transfer: Transfer,
  { by, now, sessionSha256, openImport }: Act,
  facts: CompletionFacts,
): MoveDecision<TransferEvent | DomainEvent<'register_entry', string, RegisterEntry>> {
  const { entry } = facts;
  // What owners say is read last: none of them is asked about what is refused anyway.
  const fault =
    movable(transfer, 'complete', now) ??
    importOpen(openImport) ??
    coolingOff(transfer, now) ??
    reviewMissing(transfer, facts) ??
    partyFault(transfer.toIdentityId, facts.target) ??
    objectFault(facts.object, facts.endedStates);
  if (fault !== undefined) return fault;
  const registerVersion = entry.registerVersion + 1;
  const completed: Transfer = {
    ...transfer,
    state: 'completed',
    toRegisterVersion: registerVersion,
    endedBy: by,
    endedAt: now,
    waivedBy: facts.waived ? by : null,
    evidence: [
      ...transfer.evidence,
      made('CREDENTIAL_CHECK', facts.credentialSha256, { by, now }),
      made('SESSION', sessionSha256, { by, now }),
    ],
  };
  const held: RegisterEntry = {
    ...entry,
    holderIdentityId: transfer.toIdentityId,
    registerVersion,
    setBy: 'transfer',
    setById: transfer.id,
    since: now,
  };
  const { reasonType, fromIdentityId } = transfer;
  return [
    event('transfer_completed', 'transfer', completed, restsOn(completed, entry.holderIdentityId)),
    event(facts.classEvent, 'register_entry', held, { transferId: transfer.id, fromIdentityId, reasonType }),
  ];
}

function coolingOff({ acceptedAt, terms }: Transfer, now: string): Refusal<MoveRefusalCode> | undefined {
  if (acceptedAt === null || terms.coolOffS === 0) return undefined;
  const from = later(acceptedAt, terms.coolOffS);
  return now < from ? refuse('COOLING_OFF', { completableFrom: from }) : undefined;
}

function reviewMissing(
  { terms }: Transfer,
  { reviewed }: Pick<CompletionFacts, 'reviewed'>,
): Refusal<MoveRefusalCode> | undefined {
  return terms.reviewRequired && !reviewed ? refuse('REVIEW_MISSING') : undefined;
}

/** What stands in the way of a step forward: the state, or a deadline that has passed whether or not the clock has run. */
function movable(transfer: Transfer, command: TransferCommand, now: string): Refusal<MoveRefusalCode> | undefined {
  if (nextState(transfer, command) === undefined) return refuse('WRONG_STATE');
  return isOverdue(transfer, now) ? refuse('DEADLINE_PASSED') : undefined;
}

function moved(name: TransferEvent['name'], { holderIdentityId }: Holding, after: Transfer): MoveDecision {
  return [event(name, 'transfer', after, restsOn(after, holderIdentityId))];
}
