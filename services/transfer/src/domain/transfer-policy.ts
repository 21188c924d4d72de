import {
  type Decision,
  type DomainEvent,
  event,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';

export type DistinctActors = 'strict' | 'literal';

/** What varies between classes of objects. A transfer keeps the terms it was proposed under. */
export interface TransferPolicy {
  /** Class of the objects. */
  readonly id: string;
  readonly state: 'IN_FORCE';
  readonly distinctActors: DistinctActors;
  readonly waiverAllowed: boolean;
  readonly reviewRequired: boolean;
  readonly recoveryBySuperAdmin: boolean;
  readonly requiredCredentials: readonly string[];
  readonly voidable: boolean;
  readonly lockable: boolean;
  readonly proposedExpiresS: number | null;
  readonly acceptedExpiresS: number | null;
  readonly coolOffS: number;
  /** Null: what the release brought. */
  readonly setBy: string | null;
  readonly setAt: string;
}

/** What a policy says, without who says it. */
export type Settled = Omit<TransferPolicy, 'id' | 'state' | 'setBy' | 'setAt'>;

export const TRANSITIONS = {
  NONE: {},
  IN_FORCE: { set: 'IN_FORCE' },
} as const satisfies TransitionTable<TransferPolicy['state'] | 'NONE', 'set'>;

export type PolicyRefusalCode = 'LIMIT_EXCEEDED' | 'DEADLINES_CONTRADICT';
type PolicyDecision = Decision<
  DomainEvent<'transfer_policy', 'transfer_policy_set', TransferPolicy>,
  Refusal<PolicyRefusalCode>
>;

/** One year. */
const MAX_SECONDS = 31_536_000;
const MAX_CREDENTIALS = 20;

/** Another version of a policy comes into force; what was proposed before keeps the terms of its own. */
export function setPolicy(
  policy: TransferPolicy,
  settled: Settled,
  { by, now }: { readonly by: string; readonly now: string },
): PolicyDecision {
  const { proposedExpiresS, acceptedExpiresS, coolOffS, requiredCredentials } = settled;
  const fault =
    secondsFault('proposedExpiresSeconds', proposedExpiresS, 1) ??
    secondsFault('acceptedExpiresSeconds', acceptedExpiresS, 1) ??
    secondsFault('coolOffSeconds', coolOffS, 0) ??
    credentialsFault(requiredCredentials) ??
    contradiction(settled);
  if (fault !== undefined) return fault;
  const after: TransferPolicy = { id: policy.id, state: 'IN_FORCE', ...settled, setBy: by, setAt: now };
  return [event('transfer_policy_set', 'transfer_policy', after)];
}

function secondsFault(field: string, seconds: number | null, least: number): Refusal<PolicyRefusalCode> | undefined {
  if (seconds === null || (seconds >= least && seconds <= MAX_SECONDS)) return undefined;
  return refuse('LIMIT_EXCEEDED', { field, limit: `${least} to ${MAX_SECONDS}` });
}

/** Both deadlines count from the proposal, cooling off from the acceptance: what may still be accepted must leave time to be completed. */
function contradiction({
  proposedExpiresS,
  acceptedExpiresS,
  coolOffS,
}: Settled): Refusal<PolicyRefusalCode> | undefined {
  if (acceptedExpiresS === null || acceptedExpiresS > (proposedExpiresS ?? 0) + coolOffS) return undefined;
  return refuse('DEADLINES_CONTRADICT', { acceptedExpiresSeconds: String(acceptedExpiresS) });
}

function credentialsFault(credentials: readonly string[]): Refusal<PolicyRefusalCode> | undefined {
  const named = credentials.every((name) => /^[a-z][a-z0-9_.-]{0,99}$/.test(name));
  if (named && credentials.length <= MAX_CREDENTIALS) return undefined;
  return refuse('LIMIT_EXCEEDED', { field: 'requiredCredentials', limit: `${MAX_CREDENTIALS} names of credentials` });
}

/** What a policy says to one transfer, fixed when it is proposed: deadlines are instants from then on. */
export interface Terms {
  readonly policyVersion: number;
  readonly distinctActors: DistinctActors;
  readonly waiverAllowed: boolean;
  readonly reviewRequired: boolean;
  readonly requiredCredentials: readonly string[];
  readonly voidable: boolean;
  readonly proposedUntil: string | null;
  readonly acceptedUntil: string | null;
  readonly coolOffS: number;
}

export function termsOf(policy: TransferPolicy & { readonly version: number }, now: string): Terms {
  const { version, distinctActors, waiverAllowed, reviewRequired, requiredCredentials, voidable, coolOffS } = policy;
  return {
    policyVersion: version,
    distinctActors,
    waiverAllowed,
    reviewRequired,
    requiredCredentials,
    voidable,
    proposedUntil: policy.proposedExpiresS === null ? null : later(now, policy.proposedExpiresS),
    acceptedUntil: policy.acceptedExpiresS === null ? null : later(now, policy.acceptedExpiresS),
    coolOffS,
  };
}

/** So many seconds after an instant; the microseconds stay as they are. */
export function later(instant: string, seconds: number): string {
  const [whole, fraction] = [instant.slice(0, WHOLE_SECONDS), instant.slice(WHOLE_SECONDS)];
  const moved = new Date(Date.parse(`${whole}Z`) + seconds * 1_000).toISOString();
  return `${moved.slice(0, WHOLE_SECONDS)}${fraction}`;
}
const WHOLE_SECONDS = '2026-01-05T10:00:00'.length;
