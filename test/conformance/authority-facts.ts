import type { ServiceDefinition, Ternary } from '@qtm/service-kit';
import type { PrincipalKind, Session } from '@qtm/service-kit/process';
import { type Answers, type Evaluation, evaluate } from '../../infra/service-kit/src/authority/evaluate.ts';
import type { MatrixRow } from '../../infra/service-kit/src/authority/matrix.ts';
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
}

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
  const session: Session = { ...sessionOf('oneself', facts.role === null ? [] : [facts.role]), kind: facts.kind };
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
    },
    state: {
      audience: facts.audience,
      mode: facts.target === 'POOL' ? 'POOL' : 'ASSIGNED',
      operator: facts.target === 'POOL' ? null : facts.target === 'CREW' ? 'crew' : 'rivals',
      onboardedBy: facts.onboardedByOneself ? ONESELF : ANOTHER,
    },
    facts: { standing, governor: standing, operator: known(facts.operator), poolMember: known(facts.poolMember) },
  };
  return {
    kind: facts.kind,
    role: looked.hasRole,
    condition(name): Ternary {
      if (name === 'identity_active') return looked.identityActive;
      const condition = command.spec.conditions?.[name];
      if (condition === undefined) throw new Error(`${transition} does not define '${name}'`);
      return condition(grounds);
    },
  };
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
