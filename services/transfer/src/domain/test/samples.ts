import { type Decision, type DomainEvent, isRefusal, type Refusal } from '@qtm/service-kit/domain';
import type { GivenEvidence } from '../evidence.ts';
import type { Act, CompletionFacts } from '../move.ts';
import { type Proposal, type ProposeFacts, propose } from '../propose.ts';
import type { RegisterEntry } from '../register-entry.ts';
import type { Transfer, TransferState } from '../transfer.ts';
import type { Settled, TransferPolicy } from '../transfer-policy.ts';

/** What the tests of the rules begin with: frozen, so that a rule that changes what it is given fails. */
export const NOW = '2026-01-05T10:00:00.123456Z';
export const LATER = '2026-01-05T11:00:00.123456Z';
export const LAST = '2026-01-05T12:00:00.123456Z';
/** After every deadline. */
export const OVERDUE = '2027-01-05T10:00:00.123456Z';

export const HOLDER = '8c6d1f5e-0f39-5b2a-8a40-7e9b61c0a1d2';
export const TARGET = '3a7f2d60-51ee-5d4c-9b1f-24c5b8d9e0f3';
export const SUPER_ADMIN = '0d7f3c52-68e5-5a0f-8f1c-52a1d4e5b6c7';
export const OTHER = '5b1e9c44-2a7d-5f3b-9c68-41d7e0a8b2f5';

export const TRANSFER_ID = '018f2b7c-0000-7000-8000-000000000001';
export const SHA = {
  entry: 'e'.repeat(64),
  session: '5'.repeat(64),
  credential: 'c'.repeat(64),
  given: '9'.repeat(64),
};

export const personal = (text: string) => ({ ref: `ref of ${text}`, hash: `hash of ${text}` });

/** The same, unchangeable down to its last value. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const one of Object.values(value)) frozen(one);
  return Object.freeze(value);
}

/** The two extensions, as a policy switches them on and off. */
export const EXTENDED = { proposedExpiresS: 432_000, acceptedExpiresS: 864_000, voidable: true } as const;
export const DOCTRINE_ALONE = { proposedExpiresS: null, acceptedExpiresS: null, voidable: false } as const;

export function policyWith(change: Partial<Settled> = {}): TransferPolicy & { readonly version: number } {
  return frozen({
    id: 'operator',
    state: 'IN_FORCE',
    version: 3,
    distinctActors: 'strict',
    waiverAllowed: true,
    reviewRequired: false,
    recoveryBySuperAdmin: false,
    requiredCredentials: ['bonded'],
    lockable: true,
    coolOffS: 0,
    setBy: null,
    setAt: NOW,
    ...EXTENDED,
    ...change,
  });
}

export function entryWith(change: Partial<RegisterEntry> = {}): RegisterEntry {
  return frozen({
    id: 'operator:nypd',
    state: 'HELD',
    objectClass: 'operator',
    objectId: 'nypd',
    holderIdentityId: HOLDER,
    registerVersion: 4,
    setBy: 'onboarding',
    setById: 'event-1',
    since: '2025-12-01T08:00:00.000001Z',
    ...change,
  });
}

export const DOCUMENT: GivenEvidence = frozen({ kind: 'DOCUMENT', sha256: SHA.given });

export function documents(count: number): readonly GivenEvidence[] {
  return frozen(Array.from({ length: count }, () => DOCUMENT));
}

export const PROPOSAL: Proposal = frozen({
  id: TRANSFER_ID,
  toIdentityId: TARGET,
  reasonType: 'sale',
  reason: personal('sold'),
  evidence: [],
  by: HOLDER,
  now: NOW,
});

export const PROPOSE_FACTS: ProposeFacts = frozen({
  policy: policyWith(),
  entry: entryWith(),
  openImport: undefined,
  object: { state: 'ACTIVE' },
  endedStates: ['RETIRED'],
  target: { state: 'ACTIVE', kind: 'HUMAN' },
  activeTransfer: undefined,
  bySuperAdmin: false,
  entrySha256: SHA.entry,
  sessionSha256: SHA.session,
});

/** A transfer that was just proposed, under a policy. */
export function proposed(policy: Partial<Settled> = {}, proposal: Partial<Proposal> = {}): Transfer {
  return afterOf(propose({ ...PROPOSAL, ...proposal }, { ...PROPOSE_FACTS, policy: policyWith(policy) }));
}

/** A transfer in any state, as the rules would have brought it there; those that can end from either ended from the later. */
export function transferIn(state: TransferState, policy: Partial<Settled> = {}): Transfer {
  const first = proposed(policy);
  const session = first.evidence[1] as Transfer['evidence'][number];
  const accepted = {
    ...first,
    acceptedBy: TARGET,
    acceptedAt: LATER,
    evidence: [...first.evidence, { ...session, addedBy: TARGET, addedAt: LATER }],
  };
  const ended = { state, endedBy: SUPER_ADMIN, endedAt: LAST } as const;
  switch (state) {
    case 'proposed':
      return first;
    case 'accepted':
      return frozen({ ...accepted, state });
    case 'completed':
      return frozen({ ...accepted, ...ended, toRegisterVersion: first.fromRegisterVersion + 1 });
    case 'rejected':
    case 'canceled':
      return frozen({ ...first, ...ended });
    case 'expired':
      return frozen({ ...accepted, ...ended, endedBy: null });
    case 'voided':
      return frozen({ ...accepted, ...ended, endReason: personal('nobody completes it') });
  }
}

export const ACT: Act = frozen({ by: TARGET, now: LATER, sessionSha256: SHA.session });
export const COMPLETING: Act = frozen({ by: SUPER_ADMIN, now: LAST, sessionSha256: SHA.session });

export const COMPLETION_FACTS: CompletionFacts = frozen({
  entry: entryWith(),
  target: { state: 'ACTIVE', kind: 'HUMAN' },
  object: { state: 'ACTIVE' },
  endedStates: ['RETIRED'],
  reviewed: false,
  waived: false,
  credentialSha256: SHA.credential,
  classEvent: 'operator_transferred',
});

type AnyDecision<E extends DomainEvent> = Decision<E, Refusal>;

/** The facts of a decision that was to be accepted. */
export function factsOf<E extends DomainEvent>(decision: AnyDecision<E>): readonly E[] {
  if (isRefusal<E, Refusal>(decision)) throw new Error(`refused: ${decision.code} ${JSON.stringify(decision.details)}`);
  return frozen(decision);
}

/** The state after the first fact of a decision that was to be accepted. */
export function afterOf<E extends DomainEvent>(decision: AnyDecision<E>): E['after'] {
  const [first] = factsOf(decision);
  if (first === undefined) throw new Error('nothing happened');
  return first.after;
}

/** What was refused, or undefined where it was accepted. */
export function codeOf(decision: AnyDecision<DomainEvent>): string | undefined {
  return isRefusal<DomainEvent, Refusal>(decision) ? decision.code : undefined;
}

/** An instant so many microseconds after another. */
export function microsAfter(instant: string, micros: number): string {
  const [whole = '', fraction = ''] = instant.split('.');
  const total = BigInt(Date.parse(`${whole}Z`)) * 1_000n + BigInt(fraction.replace('Z', '')) + BigInt(micros);
  const rest = ((total % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return `${new Date(Number((total - rest) / 1_000n)).toISOString().slice(0, 19)}.${String(rest).padStart(6, '0')}Z`;
}
