import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type PersonalRef,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';

export type IdentityKind = 'HUMAN' | 'SERVICE';

/** An authenticated principal, known by issuer and subject; never transferred (C-17). */
export interface Identity {
  readonly id: string;
  readonly state: 'ACTIVE' | 'SUSPENDED';
  readonly kind: IdentityKind;
  readonly subject: PersonalRef;
  readonly displayName: PersonalRef | null;
  readonly registeredAt: string;
  readonly registeredBy: string;
}

export type IdentityCommand = 'register' | 'suspend' | 'reinstate';

/** NONE: the principal is not known yet. */
export const TRANSITIONS = {
  NONE: { register: 'ACTIVE' },
  ACTIVE: { suspend: 'SUSPENDED' },
  SUSPENDED: { reinstate: 'ACTIVE' },
} as const satisfies TransitionTable<Identity['state'] | 'NONE', IdentityCommand>;

export type IdentityEvent = DomainEvent<
  'identity',
  'identity_registered' | 'identity_suspended' | 'identity_reinstated',
  Identity
>;
export type IdentityRefusalCode = 'WRONG_STATE' | 'ALREADY_REGISTERED';
type IdentityDecision<C extends IdentityRefusalCode> = Decision<IdentityEvent, Refusal<C>>;

export interface Registration {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly subject: PersonalRef;
  readonly displayName: PersonalRef | null;
  readonly now: string;
}

/** A principal makes itself known, once. */
export function register(
  existing: Identity | undefined,
  { id, kind, subject, displayName, now }: Registration,
): IdentityDecision<'ALREADY_REGISTERED'> {
  const from = existing?.state ?? 'NONE';
  if (next<Identity['state'] | 'NONE', IdentityCommand>(TRANSITIONS, from, 'register') === undefined) {
    return refuse('ALREADY_REGISTERED', { id, state: from });
  }
  const identity: Identity = {
    id,
    state: 'ACTIVE',
    kind,
    subject,
    displayName,
    registeredAt: now,
    registeredBy: id,
  };
  return [event('identity_registered', 'identity', identity)];
}

/** From now on the identity may not act anywhere. */
export function suspend(identity: Identity): IdentityDecision<'WRONG_STATE'> {
  return move(identity, 'suspend', 'identity_suspended');
}

export function reinstate(identity: Identity): IdentityDecision<'WRONG_STATE'> {
  return move(identity, 'reinstate', 'identity_reinstated');
}

function move(
  identity: Identity,
  command: 'suspend' | 'reinstate',
  name: IdentityEvent['name'],
): IdentityDecision<'WRONG_STATE'> {
  const to = next<Identity['state'] | 'NONE', IdentityCommand>(TRANSITIONS, identity.state, command);
  if (to === undefined || to === 'NONE') return refuse('WRONG_STATE');
  return [event(name, 'identity', { ...identity, state: to })];
}
