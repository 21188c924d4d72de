import type { EntryFile, TransferFile, Transition } from './layout.ts';
import { isActive, TRANSITIONS, type Transfer, type TransferState } from './transfer.ts';

/**
 * Whether what files say can have happened: within one file, of a transfer and the entry of its object, and of two transfers of one
 * object. Each gives the first contradiction, in words, or undefined. Times of different transfers are not compared: they come from
 * clocks, and versions order them.
 */

type Contradiction = string | undefined;

const BY_TRANSFER = 'transfer:';

/** What an entry says had set it, where a transfer had. */
export function settingTransfer(setBy: string): string | undefined {
  return setBy.startsWith(BY_TRANSFER) ? setBy.slice(BY_TRANSFER.length) : undefined;
}

export function entryContradiction({ registerVersion, setBy, updatedAt }: EntryFile, now: string): Contradiction {
  if (updatedAt > now) return 'updated_at is later than now';
  const byTransfer = settingTransfer(setBy) !== undefined;
  if (registerVersion > 1 && !byTransfer)
    return 'set_by names no transfer, and only one makes a register_version above 1';
  return registerVersion === 1 && byTransfer
    ? 'set_by names a transfer, which makes a register_version above 1'
    : undefined;
}

/** What must be told of a transfer in each state: whether it was accepted, ended, and by somebody; undefined: it may. */
const TOLD: Readonly<Record<TransferState, { accepted?: boolean; ended: boolean; bySomebody: boolean }>> = {
  proposed: { accepted: false, ended: false, bySomebody: false },
  accepted: { accepted: true, ended: false, bySomebody: false },
  completed: { accepted: true, ended: true, bySomebody: true },
  rejected: { accepted: false, ended: true, bySomebody: true },
  canceled: { accepted: false, ended: true, bySomebody: true },
  expired: { ended: true, bySomebody: false },
  voided: { accepted: true, ended: true, bySomebody: true },
};

/** Within one transfer. */
export function transferContradiction(file: TransferFile, now: string): Contradiction {
  return (
    stateContradiction(file) ??
    termsContradiction(file) ??
    timeContradiction(file, now) ??
    evidenceContradiction(file) ??
    transitionsContradiction(file)
  );
}

function stateContradiction(file: TransferFile): Contradiction {
  const { state, fromIdentityId, toIdentityId, fromRegisterVersion, toRegisterVersion } = file;
  if (fromIdentityId === toIdentityId) return 'to_identity_id is from_identity_id';
  const { accepted, ended, bySomebody } = TOLD[state];
  const isAccepted = file.acceptedBy !== null;
  if (isAccepted !== (file.acceptedAt !== null)) return 'accepted_by and accepted_at do not stand together';
  if (accepted !== undefined && accepted !== isAccepted) return `accepted_by does not fit the state ${state}`;
  if (ended !== (file.endedAt !== null)) return `ended_at does not fit the state ${state}`;
  if (bySomebody !== (file.endedBy !== null)) return `ended_by does not fit the state ${state}`;
  if (file.endReason !== null && !GIVES_REASON.includes(state)) return `end_reason does not fit the state ${state}`;
  if (state === 'voided' && file.endReason === null) return 'end_reason is missing: voiding takes a reason';
  if (toRegisterVersion !== (state === 'completed' ? fromRegisterVersion + 1 : null)) {
    return 'to_register_version is not what the state makes of from_register_version';
  }
  return undefined;
}
const GIVES_REASON: readonly TransferState[] = ['rejected', 'canceled', 'voided'];

/** That what happened was allowed by the terms it happened under. */
function termsContradiction({ state, terms, proposedBy, acceptedBy, endedBy, waivedBy }: TransferFile): Contradiction {
  if (waivedBy !== null && (state !== 'completed' || waivedBy !== endedBy)) return 'waived_by did not complete it';
  if (waivedBy !== null && !terms.waiverAllowed) return 'waived_by waived what the terms do not allow to waive';
  if (terms.distinctActors === 'literal') return undefined;
  if (acceptedBy !== null && acceptedBy === proposedBy)
    return 'accepted_by proposed it, which strict terms do not allow';
  const tookPart = [proposedBy, acceptedBy].includes(endedBy);
  if (state === 'completed' && waivedBy === null && tookPart)
    return 'ended_by took part before, which strict terms do not allow';
  return undefined;
}

function timeContradiction(file: TransferFile, now: string): Contradiction {
  const { proposedAt, acceptedAt, endedAt, evidence, transitions } = file;
  if (!inOrder([proposedAt, acceptedAt, endedAt].filter((at) => at !== null))) {
    return 'proposed_at, accepted_at and ended_at do not follow each other';
  }
  if (!inOrder(transitions.map(({ at }) => at))) return 'transitions do not follow each other';
  const told = [...evidence.map(({ addedAt }) => addedAt), ...transitions.map(({ at }) => at)];
  return told.some((at) => at > now) ? 'it tells of a time later than now' : undefined;
}

const inOrder = (times: readonly string[]) =>
  times.every((at, index) => index === 0 || (times[index - 1] as string) <= at);

const BY_SYSTEM = ['REGISTER_ENTRY', 'SESSION', 'CREDENTIAL_CHECK'];

function evidenceContradiction({ evidence }: TransferFile): Contradiction {
  const wrong = evidence.findIndex(({ source, kind }) => BY_SYSTEM.includes(kind) !== (source === 'SYSTEM'));
  return wrong === -1 ? undefined : `evidence[${wrong}].source does not give evidence of its kind`;
}

/** The state that a transition leads to; undefined where the lifecycle has no such pair. */
function led(from: TransferState | null, transition: string): TransferState | undefined {
  const [aggregate, command = ''] = transition.split('.');
  if (aggregate !== 'transfer') return undefined;
  return (TRANSITIONS[from ?? 'NONE'] as Readonly<Partial<Record<string, TransferState>>>)[command];
}

/** Of which transition the state says who made it, and when. */
function saidOf(
  file: TransferFile,
  { newState, priorState }: Transition,
): readonly [string | null, string | null] | undefined {
  if (priorState === newState) return undefined;
  if (newState === 'proposed') return [file.proposedBy, file.proposedAt];
  return newState === 'accepted' ? [file.acceptedBy, file.acceptedAt] : [file.endedBy, file.endedAt];
}

/** Pair by pair as the lifecycle has them, up to the state, by whom and when the state says, on the evidence as it grew. */
function transitionsContradiction(file: TransferFile): Contradiction {
  const hashes = file.evidence.map(({ sha256 }) => sha256);
  let state: TransferState | null = null;
  let seen = 0;
  let wasAccepted = false;
  for (const [index, one] of file.transitions.entries()) {
    const wrong = (what: string) => `transitions[${index}].${what}`;
    if (one.priorState !== state) return wrong('prior_state is not the new_state before');
    if (led(state, one.transition) !== one.newState)
      return wrong('transition does not lead from prior_state to new_state');
    const [by, at] = saidOf(file, one) ?? [one.actorId, one.at];
    // Whoever let it expire is a service, of which the state says nothing.
    if (by !== one.actorId && one.newState !== 'expired') return wrong('actor_id is not whom the state names');
    if (at !== one.at) return wrong('at is not when the state says');
    if (one.priorHolderIdentityId !== file.fromIdentityId)
      return wrong('prior_holder_identity_id is not the from-party');
    const { length } = one.evidenceSha256;
    if (length < seen || one.evidenceSha256.some((hash, place) => hash !== hashes[place])) {
      return wrong('evidence_sha256 is not what had been given by then');
    }
    state = one.newState;
    seen = length;
    wasAccepted ||= state === 'accepted';
  }
  if (state !== file.state) return 'transitions do not lead to the state';
  if (file.acceptedBy !== null && !wasAccepted) return 'accepted_by accepted it in no transition';
  return seen === hashes.length ? undefined : 'transitions do not tell of all evidence';
}

/** What one transfer must know of another, or an entry of its transfers. */
export type Outline = Pick<
  Transfer,
  'state' | 'fromIdentityId' | 'toIdentityId' | 'fromRegisterVersion' | 'toRegisterVersion'
> & { readonly transferId: string };

/** Of a transfer and the entry of its object. */
export function againstEntry(transfer: Outline & Pick<Transfer, 'endedAt'>, entry: EntryFile): Contradiction {
  const { transferId, fromIdentityId, toIdentityId, fromRegisterVersion, toRegisterVersion } = transfer;
  const { registerVersion, identityId, updatedAt } = entry;
  const setBy = settingTransfer(entry.setBy);
  if (fromRegisterVersion > registerVersion)
    return `from_register_version is beyond the entry's, which is ${registerVersion}`;
  if (fromRegisterVersion === registerVersion && fromIdentityId !== identityId) {
    return `from_identity_id does not hold the object at version ${registerVersion}; ${identityId} does`;
  }
  if (isActive(transfer) && fromRegisterVersion !== registerVersion) {
    return `it is ${transfer.state} on a version of the entry that has gone by`;
  }
  if (toRegisterVersion !== registerVersion) {
    return setBy === transferId ? `the entry says that it set version ${registerVersion}` : undefined;
  }
  if (setBy !== transferId) return `the entry says that ${entry.setBy} set version ${registerVersion}`;
  if (toIdentityId !== identityId) return `to_identity_id does not hold the object; ${identityId} does`;
  return transfer.endedAt === updatedAt ? undefined : "ended_at is not the entry's updated_at";
}

/** Of two transfers of one object. */
export function againstOther(transfer: Outline, other: Outline): Contradiction {
  const named = `transfer ${other.transferId}`;
  if (isActive(transfer) && isActive(other)) return `${named} of the object is ${other.state}, too`;
  const [from, otherFrom] = [transfer.fromRegisterVersion, other.fromRegisterVersion];
  if (transfer.state === 'completed' && other.state === 'completed' && from === otherFrom) {
    return `${named} was completed on the same version of the entry`;
  }
  if (from === otherFrom && transfer.fromIdentityId !== other.fromIdentityId) {
    return `${named} names another holder at version ${from}`;
  }
  if (from === other.toRegisterVersion && transfer.fromIdentityId !== other.toIdentityId) {
    return `${named} made another identity the holder at version ${from}`;
  }
  if (transfer.toRegisterVersion === otherFrom && transfer.toIdentityId !== other.fromIdentityId) {
    return `${named} names another holder at version ${otherFrom}`;
  }
  return undefined;
}

/** The first version of an entry that no completed transfer tells of. */
export function untoldVersion({ registerVersion }: EntryFile, transfers: readonly Outline[]): number | undefined {
  const told = new Set(transfers.map(({ toRegisterVersion }) => toRegisterVersion));
  for (let version = 2; version <= registerVersion; version++) if (!told.has(version)) return version;
  return undefined;
}
