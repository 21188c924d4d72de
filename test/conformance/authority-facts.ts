import type { ServiceDefinition, Ternary } from '@qtm/service-kit';
import type { PrincipalKind, Session } from '@qtm/service-kit/process';
import { type Answers, type Evaluation, evaluate } from '../../infra/service-kit/src/authority/evaluate.ts';
import type { MatrixRow } from '../../infra/service-kit/src/authority/matrix.ts';
import { DEFAULT_STEP_UP, isSessionFresh, SESSION_FRESH } from '../../infra/service-kit/src/authority/step-up.ts';
import { isOwnClock, OWN_CLOCK } from '../../infra/service-kit/src/clock/own-clock.ts';
import { sessionOf } from '../harness/sessions.ts';

/** What an identity can be to an operator. */
export type Relation = 'HOLDER' | 'EXECUTE' | 'GOVERN' | 'MEMBER';

/** Every way an act can be tried, as far as authority looks: constructed facts, put to the commands' own conditions. */
export interface Facts {
  readonly kind: PrincipalKind;
  /** What the issuer says. */
  readonly role: string | null;
  /** A role that was granted here. */
  readonly granted: { readonly role: string; readonly unknown: boolean } | null;
  /** State of the identity that acts, as far as it is known. */
  readonly identity: Knowledge;
  /** What the identity is to the operator that the act is about. */
  readonly standing: { readonly relation: Relation; readonly unknown: boolean } | null;
  readonly operator: Knowledge;
  readonly poolMember: Knowledge;
  readonly audience: 'ADMIN' | 'OPERATOR';
  /** Whom the job is for: the operator of the act, another, or a pool. */
  readonly target: 'CREW' | 'RIVALS' | 'POOL';
  readonly onboardedByOneself: boolean;
  readonly aboutOneself: boolean;
  readonly origin: 'ACTOR' | 'SYSTEM' | null;
  /** What one is to a transfer or its object. */
  readonly holds: boolean;
  readonly isTarget: boolean;
  readonly isProposer: boolean;
  readonly isAcceptor: boolean;
  readonly terms: Terms;
  /** What the register says of the object of a transfer. */
  readonly register: 'AS_PROPOSED' | 'MOVED_ON' | 'OTHER_HOLDER';
  readonly credentialsAsked: boolean;
  readonly answersAll: boolean;
  readonly sessionIsFresh: boolean;
  /** Whether it is the service itself, by its clock. */
  readonly byOwnClock: boolean;
}

/** Whether one identity may take more than one of propose, accept, complete, and what is said about a waiver. */
export type Terms = 'LITERAL' | 'STRICT' | 'WAIVED' | 'WAIVED_BESIDE_OTHERS' | 'WAIVED_AGAINST_TERMS';

/** A state, that it is not known here at all, or that it cannot be known at the moment. */
export type Knowledge = string | null | 'unknown';

const BASE: Facts = {
  kind: 'HUMAN',
  role: null,
  granted: null,
  identity: 'ACTIVE',
  standing: null,
  operator: 'ACTIVE',
  poolMember: null,
  audience: 'ADMIN',
  target: 'CREW',
  onboardedByOneself: false,
  aboutOneself: false,
  origin: null,
  holds: false,
  isTarget: false,
  isProposer: false,
  isAcceptor: false,
  terms: 'STRICT',
  register: 'AS_PROPOSED',
  credentialsAsked: false,
  answersAll: true,
  sessionIsFresh: true,
  byOwnClock: false,
};

const KINDS: readonly PrincipalKind[] = ['HUMAN', 'SERVICE', 'AGENT'];
const RELATIONS: readonly Relation[] = ['HOLDER', 'EXECUTE', 'GOVERN', 'MEMBER'];
/** What an issuer may say of an identity. */
export const ISSUED_ROLES = [
  'requester',
  'operator',
  'operator_governor',
  'admin_governor',
  'super_admin',
  'clo_reviewer',
  'finance',
  'auditor',
  'executive',
];

type Variations = readonly Partial<Facts>[];
const each = <K extends keyof Facts>(key: K, values: readonly Facts[K][]): Variations =>
  values.map((value) => ({ [key]: value }));

const STANDINGS = each('standing', [
  null,
  ...RELATIONS.flatMap((relation) => [false, true].map((unknown) => ({ relation, unknown }))),
]);
const TARGETS: Variations = [
  { target: 'CREW' },
  { target: 'RIVALS', poolMember: 'ACTIVE' },
  ...each('poolMember', [null, 'ACTIVE', 'REMOVED', 'unknown']).map((one) => ({ ...one, target: 'POOL' as const })),
];

/** Of every act: who tries it. */
const ALWAYS: readonly Variations[] = [each('kind', KINDS), each('identity', ['ACTIVE', 'SUSPENDED', null, 'unknown'])];

const YES_NO = [false, true];
const [HOLDS, IS_TARGET, IS_PROPOSER] = [each('holds', YES_NO), each('isTarget', YES_NO), each('isProposer', YES_NO)];

/** Who took part before, and under which terms: strict ones in every way, the others where they make a difference. */
const PARTS: Variations = [
  ...[false, true].flatMap((isProposer) => [false, true].map((isAcceptor) => ({ isProposer, isAcceptor }))),
  { isAcceptor: true, terms: 'WAIVED' },
  ...each('terms', ['LITERAL', 'WAIVED', 'WAIVED_BESIDE_OTHERS', 'WAIVED_AGAINST_TERMS']).map((one) => ({
    ...one,
    isProposer: true,
  })),
];
/** What a completion wants proved: all of it, and what may be missing, with and without a fresh session. */
const PROOFS: Variations = [false, true].flatMap((sessionIsFresh) => [
  { sessionIsFresh },
  { sessionIsFresh, credentialsAsked: true },
  { sessionIsFresh, answersAll: false },
]);

/** What makes a difference to a clause. */
const DIMENSIONS: Readonly<Record<string, readonly Variations[]>> = {
  identity_active: [],
  own_session: [],
  operator_active: [each('operator', ['ACTIVE', 'ONBOARDING', 'SUSPENDED', 'RETIRED', null, 'unknown'])],
  executes_for: [STANDINGS],
  holder: [STANDINGS],
  governs: [STANDINGS, each('audience', ['ADMIN', 'OPERATOR'])],
  not_oneself: [each('aboutOneself', [false, true])],
  not_onboarder: [each('onboardedByOneself', [false, true])],
  system_origin: [each('origin', [null, 'ACTOR', 'SYSTEM'])],
  origin_fits_principal: [each('origin', [null, 'ACTOR', 'SYSTEM'])],
  holds_object: [HOLDS],
  to_party: [IS_TARGET],
  proposer: [IS_PROPOSER],
  party: [HOLDS, IS_TARGET, IS_PROPOSER],
  distinct_actor: [PARTS],
  from_party_still_holds: [each('register', ['AS_PROPOSED', 'MOVED_ON', 'OTHER_HOLDER'])],
  credentials_valid: [PROOFS],
  seven_answers_complete: [PROOFS],
  session_fresh: [PROOFS],
  own_clock: [each('byOwnClock', YES_NO)],
};

/**
 * Every combination of what can make a difference to a row, the roles that it does not name included.
 * @throws Error for a clause of which nothing is constructed here
 */
export function* factsFor(row: MatrixRow): Generator<Facts> {
  const named = [...row.anyOf.flatMap((ground) => ('relation' in ground ? ground.relation : [])), ...row.allOf];
  const grants = row.anyOf.flatMap((ground) => ('role' in ground ? ground.role : []));
  const roles: Variations = [
    ...each('role', [null, ...ISSUED_ROLES]),
    ...['admin_governor', ...grants].flatMap((role) =>
      each('granted', [
        { role, unknown: false },
        { role, unknown: true },
      ]),
    ),
  ];
  const dimensions = new Set([...ALWAYS, roles, ...(row.transition === 'job.claim' ? [TARGETS] : [])]);
  for (const clause of named) {
    const found = DIMENSIONS[clause];
    if (found === undefined)
      throw new Error(`no facts are constructed for the clause '${clause}' of ${row.transition}`);
    for (const variations of found) dimensions.add(variations);
  }
  yield* combined(BASE, [...dimensions]);
}

function* combined(facts: Facts, [first, ...rest]: readonly Variations[]): Generator<Facts> {
  if (first === undefined) yield facts;
  else for (const variation of first) yield* combined({ ...facts, ...variation }, rest);
}

const NOW = '2026-01-05T10:00:00.000000Z';
const ONESELF = sessionOf('oneself').identityId;
const ANOTHER = sessionOf('another').identityId;

const known = (state: Knowledge) =>
  state === null
    ? undefined
    : {
        id: 'crew',
        version: 1,
        unknown: state === 'unknown',
        value: { state: state === 'unknown' ? 'ACTIVE' : state },
      };

/** The answers of a command to the clauses of its row: those of its own conditions, nothing of this file. */
export function answersTo(service: ServiceDefinition, transition: string, facts: Facts): Answers {
  const command = service.commands.find((one) => one.transition === transition);
  if (command === undefined) throw new Error(`${service.name} has no command for ${transition}`);
  const session: Session = {
    ...sessionOf('oneself', facts.role === null ? [] : [facts.role]),
    kind: facts.kind,
    authTime: facts.sessionIsFresh ? Date.parse(NOW) / 1_000 : 0,
    ...(facts.byOwnClock ? { own: true } : {}),
  };
  const standing = { relations: facts.standing === null ? [] : [facts.standing] };
  const looked = service.principal.read(session, {
    $identity: known(facts.identity),
    $roles: facts.granted === null ? [] : [facts.granted],
  });
  const grounds = {
    session,
    principal: looked,
    input: {
      idempotencyKey: 'key',
      identityId: facts.aboutOneself ? ONESELF : ANOTHER,
      asOperator: 'crew',
      ...(facts.origin === null ? {} : { origin: facts.origin }),
      waiveDistinctActors: facts.terms.startsWith('WAIVED'),
    },
    state: transition.startsWith('transfer.')
      ? transferOf(transition, facts)
      : {
          audience: facts.audience,
          mode: facts.target === 'POOL' ? 'POOL' : 'ASSIGNED',
          operator: facts.target === 'POOL' ? null : facts.target === 'CREW' ? 'crew' : 'rivals',
          onboardedBy: facts.onboardedByOneself ? ONESELF : ANOTHER,
          holderIdentityId: facts.holds ? ONESELF : ANOTHER,
        },
    facts: {
      standing,
      governor: standing,
      operator: known(facts.operator),
      poolMember: known(facts.poolMember),
      entry: entryOf(transition, facts),
      superAdmins: facts.terms === 'WAIVED_BESIDE_OTHERS' ? [ONESELF, ANOTHER] : [ONESELF],
    },
    confirmed: {},
  };
  return {
    kind: facts.kind,
    role: looked.hasRole,
    condition(name): Ternary {
      if (name === 'identity_active') return looked.identityActive;
      if (name === SESSION_FRESH) return isSessionFresh(session, NOW, DEFAULT_STEP_UP);
      if (name === OWN_CLOCK) return isOwnClock(session);
      const condition = command.spec.conditions?.[name];
      if (condition === undefined) throw new Error(`${transition} does not define '${name}'`);
      return condition(grounds);
    },
  };
}

/** A transfer that the command could move on, as far as conditions look at it. */
function transferOf(
  transition: string,
  { isTarget, isProposer, isAcceptor, terms, credentialsAsked, answersAll }: Facts,
) {
  const proposedBy = isProposer ? ONESELF : ANOTHER;
  const acceptedBy = isAcceptor ? ONESELF : ANOTHER;
  return {
    id: 'transfer',
    state: transition === 'transfer.complete' || transition === 'transfer.void' ? 'accepted' : 'proposed',
    objectClass: 'operator',
    objectId: 'crew',
    fromIdentityId: HELD_BY,
    toIdentityId: isTarget ? ONESELF : ANOTHER,
    fromRegisterVersion: 1,
    proposedBy,
    proposedAt: 'first',
    acceptedBy,
    acceptedAt: 'then',
    terms: {
      distinctActors: terms === 'LITERAL' ? 'literal' : 'strict',
      waiverAllowed: terms !== 'WAIVED_AGAINST_TERMS',
      requiredCredentials: credentialsAsked ? ['registrar'] : [],
      policyVersion: 1,
      voidable: true,
      proposedUntil: null,
      acceptedUntil: null,
    },
    evidence: answersAll
      ? [
          { kind: 'REGISTER_ENTRY', sha256: 'ab' },
          { kind: 'SESSION', sha256: 'cd', addedBy: proposedBy, addedAt: 'first' },
          { kind: 'SESSION', sha256: 'ef', addedBy: acceptedBy, addedAt: 'then' },
        ]
      : [],
  };
}
const HELD_BY = sessionOf('holder').identityId;

/** What the register says of the object; a proposal finds it as the row it locks, a transfer beside its own. */
function entryOf(transition: string, { holds, register }: Facts) {
  const entry = {
    holderIdentityId: holds ? ONESELF : register === 'OTHER_HOLDER' ? ANOTHER : HELD_BY,
    registerVersion: register === 'MOVED_ON' ? 2 : 1,
  };
  const locked = transition === 'transfer.propose' || transition === 'transfer.complete';
  return locked ? { value: entry } : entry;
}

/** The row without each of its principals, grounds and conditions in turn. */
function removals(row: MatrixRow): readonly { readonly clause: string; readonly row: MatrixRow }[] {
  const without = <T>(list: readonly T[], at: number) => list.filter((_, index) => index !== at);
  return [
    ...row.principals.map((kind, at) => ({ clause: kind, row: { ...row, principals: without(row.principals, at) } })),
    ...row.anyOf.map((ground, at) => ({
      clause: 'role' in ground ? `role:${ground.role}` : ground.relation,
      row: { ...row, anyOf: without(row.anyOf, at) },
    })),
    ...row.allOf.map((clause, at) => ({ clause, row: { ...row, allOf: without(row.allOf, at) } })),
  ];
}

/** Clauses whose removal changes the verdict for no facts at all. */
export function deadClauses(row: MatrixRow, answers: (facts: Facts) => Answers): readonly string[] {
  let left = removals(row);
  for (const facts of factsFor(row)) {
    if (left.length === 0) break;
    const given = answers(facts);
    const verdict: Evaluation['outcome'] = evaluate(row, given).outcome;
    left = left.filter((removal) => evaluate(removal.row, given).outcome === verdict);
  }
  return left.map(({ clause }) => clause);
}
