import { type Decision, event, type PersonalRef, type Refusal, refuse } from '@qtm/service-kit/domain';
import { type EvidenceRefusalCode, evidenceFault, type GivenEvidence, givenBy, made } from './evidence.ts';
import type { RegisterEntry } from './register-entry.ts';
import { importOpen } from './register-import.ts';
import {
  type ObjectRefusalCode,
  objectFault,
  type Party,
  type PartyRefusalCode,
  partyFault,
  type ReasonType,
  TRANSITIONS,
  type Transfer,
  type TransferEvent,
} from './transfer.ts';
import { type TransferPolicy, termsOf } from './transfer-policy.ts';

export type ProposeRefusalCode =
  | EvidenceRefusalCode
  | ObjectRefusalCode
  | PartyRefusalCode
  | 'OBJECT_CLASS_UNKNOWN'
  | 'ALREADY_HOLDER'
  | 'OBJECT_LOCKED'
  | 'IMPORT_OPEN'
  | 'TRANSFER_ACTIVE'
  | 'RECOVERY_BY_SUPER_ADMIN_ONLY';

export interface Proposal {
  readonly id: string;
  readonly toIdentityId: string;
  readonly reasonType: ReasonType | null;
  readonly reason: PersonalRef | null;
  readonly evidence: readonly GivenEvidence[];
  readonly by: string;
  readonly now: string;
}

export interface ProposeFacts {
  /** Undefined where there is no such class. */
  readonly policy: (TransferPolicy & { readonly version: number }) | undefined;
  readonly entry: RegisterEntry | undefined;
  /** The import of a register that is open; undefined where none is. */
  readonly openImport: string | undefined;
  /** The object itself, as this service knows it, and the states in which it cannot be transferred. */
  readonly object: { readonly state: string } | undefined;
  readonly endedStates: readonly string[];
  readonly target: Party | undefined;
  /** The transfer that holds the object; undefined where none does. */
  readonly activeTransfer: string | undefined;
  /** Whether it is proposed by the role of super_admin. */
  readonly bySuperAdmin: boolean;
  /** Hashes of what the system puts to evidence: the register entry, and the session. */
  readonly entrySha256: string;
  readonly sessionSha256: string;
}

/** Proposes that authority over an object go to another identity. The from-party is the register's; there is no such input (S2:115). */
export function propose(
  { id, toIdentityId, reasonType, reason, evidence, by, now }: Proposal,
  facts: ProposeFacts,
): Decision<TransferEvent, Refusal<ProposeRefusalCode>> {
  const { policy, entry, openImport, target, activeTransfer } = facts;
  if (policy === undefined) return refuse('OBJECT_CLASS_UNKNOWN');
  if (entry === undefined) return refuse('OBJECT_UNKNOWN');
  const fault = importOpen(openImport) ?? evidenceFault(evidence, by) ?? objectFault(facts.object, facts.endedStates);
  if (fault !== undefined) return fault;
  // What the object says comes before what its target does: an entry can then tell what one could do with it, to whomever.
  if (activeTransfer !== undefined) return refuse('TRANSFER_ACTIVE', { transferId: activeTransfer });
  if (entry.state === 'LOCKED') return refuse('OBJECT_LOCKED');
  if (toIdentityId === entry.holderIdentityId) return refuse('ALREADY_HOLDER', { identityId: toIdentityId });
  const targetFault = partyFault(toIdentityId, target);
  if (targetFault !== undefined) return targetFault;
  if (reasonType === 'recovery' && policy.recoveryBySuperAdmin && !facts.bySuperAdmin) {
    return refuse('RECOVERY_BY_SUPER_ADMIN_ONLY');
  }
  const giver = { by, now };
  const transfer: Transfer = {
    id,
    state: TRANSITIONS.NONE.propose,
    objectClass: entry.objectClass,
    objectId: entry.objectId,
    fromIdentityId: entry.holderIdentityId,
    toIdentityId,
    fromRegisterVersion: entry.registerVersion,
    toRegisterVersion: null,
    reasonType,
    reason,
    proposedBy: by,
    proposedAt: now,
    acceptedBy: null,
    acceptedAt: null,
    endedBy: null,
    endedAt: null,
    endReason: null,
    terms: termsOf(policy, now),
    waivedBy: null,
    evidence: [
      made('REGISTER_ENTRY', facts.entrySha256, giver),
      made('SESSION', facts.sessionSha256, giver),
      ...givenBy(evidence, giver),
    ],
    importedFrom: null,
  };
  return [event('transfer_proposed', 'transfer', transfer, restsOn(transfer, entry.holderIdentityId))];
}

/** What a transition's fact holds beside the state after it. */
export function restsOn({ evidence }: Transfer, priorHolderIdentityId: string) {
  return { priorHolderIdentityId, evidenceSha256: evidence.map(({ sha256 }) => sha256) };
}
