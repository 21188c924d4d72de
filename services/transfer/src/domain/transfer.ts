import {
  type DomainEvent,
  next,
  type PersonalRef,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';
import type { TransferEvidence } from './evidence.ts';
import type { RegisterEntry } from './register-entry.ts';
import type { Terms } from './transfer-policy.ts';

export type TransferState = 'proposed' | 'accepted' | 'completed' | 'rejected' | 'canceled' | 'expired' | 'voided';
export type ReasonType = (typeof REASON_TYPES)[number];

/** Exactly these (S2:53-64). They classify for audit and change neither lifecycle nor authority. */
export const REASON_TYPES = [
  'sale',
  'delegation',
  'internal_reassignment',
  'succession',
  'recovery',
  'dispute_resolution',
] as const;

/** The governed movement of authority over one object from one identity to another. */
export interface Transfer {
  readonly id: string;
  readonly state: TransferState;
  readonly objectClass: string;
  readonly objectId: string;
  readonly fromIdentityId: string;
  readonly toIdentityId: string;
  readonly fromRegisterVersion: number;
  readonly toRegisterVersion: number | null;
  readonly reasonType: ReasonType | null;
  readonly reason: PersonalRef | null;
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly acceptedBy: string | null;
  readonly acceptedAt: string | null;
  readonly endedBy: string | null;
  readonly endedAt: string | null;
  readonly endReason: PersonalRef | null;
  readonly terms: Terms;
  readonly waivedBy: string | null;
  readonly evidence: readonly TransferEvidence[];
  readonly importedFrom: string | null;
}

export type TransferCommand =
  | 'propose'
  | 'accept'
  | 'complete'
  | 'reject'
  | 'cancel'
  | 'expire'
  | 'void'
  | 'add_evidence';

/** The lifecycle of the doctrine (S2:31-43), pair by pair. NONE: there is no transfer yet. */
export const DOCTRINE = {
  NONE: { propose: 'proposed' },
  proposed: { accept: 'accepted', reject: 'rejected', cancel: 'canceled' },
  accepted: { complete: 'completed' },
  completed: {},
  rejected: {},
  canceled: {},
} as const satisfies TransitionTable<Exclude<TransferState, 'expired' | 'voided'> | 'NONE', TransferCommand>;

/** The same with what came after it: evidence that is added, and the two extensions that a policy can switch off. */
export const TRANSITIONS = {
  ...DOCTRINE,
  proposed: { ...DOCTRINE.proposed, expire: 'expired', add_evidence: 'proposed' },
  accepted: { ...DOCTRINE.accepted, expire: 'expired', void: 'voided', add_evidence: 'accepted' },
  expired: {},
  voided: {},
} as const satisfies TransitionTable<TransferState | 'NONE', TransferCommand>;

/** States that hold the object: there is at most one transfer in them of each (S2:51). */
export const ACTIVE = ['proposed', 'accepted'] as const satisfies readonly TransferState[];

/** Whether a transfer that stands so holds its object. */
export const isActive = ({ state }: { readonly state: string }) => (ACTIVE as readonly string[]).includes(state);

export type TransferEvent = DomainEvent<
  'transfer',
  | 'transfer_proposed'
  | 'transfer_accepted'
  | 'transfer_completed'
  | 'transfer_rejected'
  | 'transfer_canceled'
  | 'transfer_expired'
  | 'transfer_voided'
  | 'transfer_evidence_added',
  Transfer
>;

/** The state that a command leads to, under the terms of the transfer; undefined where it has no such pair. */
export function nextState(transfer: Transfer, command: TransferCommand): TransferState | undefined {
  if (command === 'void' && !transfer.terms.voidable) return undefined;
  if (command === 'expire' && deadlineOf(transfer) === null) return undefined;
  return next<TransferState, TransferCommand>(TRANSITIONS, transfer.state, command);
}

/** When it expires as it stands; null where it does not. */
export function deadlineOf({ state, terms }: Pick<Transfer, 'state' | 'terms'>): string | null {
  if (state === 'proposed') return terms.proposedUntil;
  return state === 'accepted' ? terms.acceptedUntil : null;
}

/** Whether its deadline has passed, be it that the clock has run or not. Instants are text whose order is that of time. */
export function isOverdue(transfer: Transfer, now: string): boolean {
  const deadline = deadlineOf(transfer);
  return deadline !== null && now >= deadline;
}

/** Who else had a hand in how a transfer came to stand as it does; undefined where nobody had. */
export interface Origin {
  /** Brought it by a file, which says of itself who proposed and accepted it. */
  readonly importedBy?: string | undefined;
  /** Set the policy that its terms are of; undefined where a release brought it. */
  readonly termsSetBy?: string | undefined;
}

/**
 * Under strict terms one identity takes at most one of propose, accept, complete (S2:35). What came by a file is held to that whatever
 * terms the file gives it, and whoever brought it took every part that it tells of. Literal terms ask nothing but that whoever set them
 * does not complete under them: nobody loosens the rule for oneself. Of a state that accepts no such command nothing is asked: that is the
 * rule's to refuse.
 */
export function isDistinct(
  transfer: Transfer,
  command: 'accept' | 'complete',
  by: string,
  { importedBy, termsSetBy }: Origin = {},
): boolean {
  if (nextState(transfer, command) === undefined) return true;
  const literal = transfer.terms.distinctActors === 'literal' && importedBy === undefined;
  if (literal) return command === 'accept' || by !== termsSetBy;
  return by !== transfer.proposedBy && by !== transfer.acceptedBy && by !== importedBy;
}

/** What a waiver of distinct identities rests on: the terms allow it, and there is nobody else who could complete it. */
export function mayWaive({ terms }: Transfer, superAdmins: readonly string[], by: string): boolean {
  return terms.waiverAllowed && superAdmins.every((one) => one === by);
}

/** The from-party still holds the object, at the version that was seen at the proposal (S2:115). */
export function stillHolds(transfer: Transfer, entry: RegisterEntry | undefined): boolean {
  if (nextState(transfer, 'complete') === undefined) return true;
  return entry?.holderIdentityId === transfer.fromIdentityId && entry.registerVersion === transfer.fromRegisterVersion;
}

/** The identity that is to hold the object, as its owner tells. */
export interface Party {
  readonly state: string;
  readonly kind: string;
}

export type PartyRefusalCode = 'IDENTITY_UNKNOWN' | 'IDENTITY_NOT_HUMAN' | 'IDENTITY_NOT_ACTIVE';

/** Authority goes to an active human. */
export function partyFault(identityId: string, party: Party | undefined): Refusal<PartyRefusalCode> | undefined {
  if (party === undefined) return refuse('IDENTITY_UNKNOWN', { identityId });
  if (party.kind !== 'HUMAN') return refuse('IDENTITY_NOT_HUMAN', { identityId });
  return party.state === 'ACTIVE' ? undefined : refuse('IDENTITY_NOT_ACTIVE', { identityId, state: party.state });
}

export type ObjectRefusalCode = 'OBJECT_UNKNOWN' | 'OBJECT_NOT_TRANSFERABLE';

/** The object, as its owner tells, and the states in which it cannot be transferred: a suspended operator can, a retired one cannot. */
export function objectFault(
  object: { readonly state: string } | undefined,
  endedStates: readonly string[],
): Refusal<ObjectRefusalCode> | undefined {
  if (object === undefined) return refuse('OBJECT_UNKNOWN');
  return endedStates.includes(object.state) ? refuse('OBJECT_NOT_TRANSFERABLE', { state: object.state }) : undefined;
}
