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
import { type LimitCode, nameFault, surfacesFault } from './limits.ts';
import { slugFault } from './slug.ts';

export type OperatorType = 'INDIVIDUAL' | 'ORGANIZATION' | 'AGENCY';
export type Readiness = 'READY' | 'NOT_READY';
export type OperatorState = 'ONBOARDING' | 'ACTIVE' | 'SUSPENDED' | 'RETIRED';

/** A recognised executable participant. Its slug stays the same through everything that happens to it (T-WF-05). */
export interface Operator {
  /** The slug. */
  readonly id: string;
  readonly state: OperatorState;
  readonly name: PersonalRef;
  readonly type: OperatorType;
  readonly surfaces: readonly string[];
  readonly readiness: Readiness;
  /** Named at onboarding; no command changes it. It follows the register, and only the register is asked who holds an operator. */
  readonly holderIdentityId: string;
  readonly registerVersion: number;
  readonly onboardedBy: string;
  readonly onboardedAt: string;
  readonly activatedBy: string | null;
  readonly activatedAt: string | null;
}

export type OperatorCommand = 'onboard' | 'activate' | 'suspend' | 'reinstate' | 'retire' | 'set_readiness';

/** NONE: there is no operator of this slug. */
export const TRANSITIONS = {
  NONE: { onboard: 'ONBOARDING' },
  ONBOARDING: { activate: 'ACTIVE', retire: 'RETIRED', set_readiness: 'ONBOARDING' },
  ACTIVE: { suspend: 'SUSPENDED', retire: 'RETIRED', set_readiness: 'ACTIVE' },
  SUSPENDED: { reinstate: 'ACTIVE', retire: 'RETIRED', set_readiness: 'SUSPENDED' },
  RETIRED: {},
} as const satisfies TransitionTable<OperatorState | 'NONE', OperatorCommand>;

export type OperatorEvent = DomainEvent<
  'operator',
  | 'operator_onboarded'
  | 'operator_activated'
  | 'operator_suspended'
  | 'operator_reinstated'
  | 'operator_retired'
  | 'operator_readiness_set'
  | 'operator_holder_changed',
  Operator
>;
export type OperatorRefusalCode =
  | LimitCode
  | 'WRONG_STATE'
  | 'SLUG_TAKEN'
  | 'SLUG_NOT_ALLOWED'
  | 'IDENTITY_UNKNOWN'
  | 'HOLDER_NOT_HUMAN'
  | 'HOLDER_DIFFERS';
type OperatorDecision = Decision<OperatorEvent, Refusal<OperatorRefusalCode>>;

export interface Onboarding {
  readonly slug: string;
  readonly name: { readonly value: string; readonly personal: PersonalRef };
  readonly type: OperatorType;
  readonly surfaces: readonly string[];
  readonly holderIdentityId: string;
  readonly by: string;
  readonly now: string;
}

export interface OnboardingFacts {
  /** State of the operator that has this slug; undefined where none has. */
  readonly existing: OperatorState | undefined;
  /** Of the identity that is to hold it; undefined where it is not registered. */
  readonly holderKind: 'HUMAN' | 'SERVICE' | undefined;
  /** What the register says of the slug already, by an import; undefined where it says nothing. */
  readonly register: Held | undefined;
}

/** Who holds an operator, and under which version of the register. */
export type Held = Pick<Operator, 'holderIdentityId' | 'registerVersion'>;

/** Takes a participant in and names who holds it (T-WF-01: nobody is born active). */
export function onboard(command: Onboarding, facts: OnboardingFacts): OperatorDecision {
  const { slug, name, type, holderIdentityId, by, now } = command;
  const slugIs = slugFault(slug);
  if (slugIs !== undefined) return refuse('SLUG_NOT_ALLOWED', { slug, fault: slugIs });
  const surfaces = [...new Set(command.surfaces)].sort();
  const fault = nameFault('name', name.value) ?? surfacesFault(surfaces);
  if (fault !== undefined) return fault;
  if (next<OperatorState | 'NONE', OperatorCommand>(TRANSITIONS, facts.existing ?? 'NONE', 'onboard') === undefined) {
    return refuse('SLUG_TAKEN', { slug });
  }
  if (facts.holderKind === undefined) return refuse('IDENTITY_UNKNOWN', { holderIdentityId });
  if (facts.holderKind !== 'HUMAN') return refuse('HOLDER_NOT_HUMAN', { holderIdentityId });
  if (facts.register !== undefined && facts.register.holderIdentityId !== holderIdentityId) {
    return refuse('HOLDER_DIFFERS', { slug, holder: facts.register.holderIdentityId });
  }
  const operator: Operator = {
    id: slug,
    state: 'ONBOARDING',
    name: name.personal,
    type,
    surfaces,
    readiness: 'NOT_READY',
    holderIdentityId,
    registerVersion: facts.register?.registerVersion ?? 1,
    onboardedBy: by,
    onboardedAt: now,
    activatedBy: null,
    activatedAt: null,
  };
  return [event('operator_onboarded', 'operator', operator)];
}

/** That it is not the one who onboarded it who activates it is the matrix's condition. */
export function activate(operator: Operator, { by, now }: { readonly by: string; readonly now: string }) {
  return move(operator, 'activate', 'operator_activated', { activatedBy: by, activatedAt: now });
}

export function suspend(operator: Operator): OperatorDecision {
  return move(operator, 'suspend', 'operator_suspended');
}

export function reinstate(operator: Operator): OperatorDecision {
  return move(operator, 'reinstate', 'operator_reinstated');
}

/** For good: no command leads away, and the slug is never given again. */
export function retire(operator: Operator): OperatorDecision {
  return move(operator, 'retire', 'operator_retired');
}

/** Shown to whoever assigns; decides nothing. Saying the same again changes nothing. */
export function setReadiness(operator: Operator, readiness: Readiness): OperatorDecision {
  return move(operator, 'set_readiness', 'operator_readiness_set', { readiness });
}

/**
 * What a completed transfer leads to here, an import of the register, or its restoring. It is in no cell of the table: no command makes it,
 * and it holds in every state and changes none.
 */
export function changeHolder(
  operator: Operator,
  { holderIdentityId, registerVersion }: Held,
): readonly OperatorEvent[] {
  if (registerVersion === operator.registerVersion && holderIdentityId === operator.holderIdentityId) return [];
  return [event('operator_holder_changed', 'operator', { ...operator, holderIdentityId, registerVersion })];
}

function move(
  operator: Operator,
  command: OperatorCommand,
  name: OperatorEvent['name'],
  change: Partial<Pick<Operator, 'activatedBy' | 'activatedAt' | 'readiness'>> = {},
): OperatorDecision {
  const to = next<OperatorState | 'NONE', OperatorCommand>(TRANSITIONS, operator.state, command);
  if (to === undefined || to === 'NONE') return refuse('WRONG_STATE');
  return [event(name, 'operator', { ...operator, ...change, state: to })];
}
