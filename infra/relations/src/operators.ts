import { type Fact, fact, type Known, known, type Session, type Sql, sql, type Ternary } from '@qtm/service-kit';

/** What an identity can be to an operator. */
export type Relation = 'HOLDER' | 'EXECUTE' | 'GOVERN' | 'MEMBER';

/** Who may execute for an operator: its holder, and whom the holder delegated it to. */
export const EXECUTES: readonly Relation[] = ['HOLDER', 'EXECUTE'];
/** Who may govern for an operator. */
export const GOVERNS: readonly Relation[] = ['HOLDER', 'GOVERN'];
/** Who may see an operator's work; members see and do nothing. */
export const SEES: readonly Relation[] = ['HOLDER', 'EXECUTE', 'GOVERN', 'MEMBER'];

/** What the session's identity is to one operator. */
export interface Standing {
  readonly relations: readonly { readonly relation: Relation; readonly unknown: boolean }[];
}

/** What the session's identity is to this operator; `operator` is a slug or an expression over a row of ours. */
export function standing(operator: string | Sql, session: Session): Fact<Standing> {
  return fact(
    sql`select relation, source, type, id, epoch, version, unknown from operator_relation
      where identity_id = ${session.identityId} and operator = ${operator}`,
    (rows) => ({ relations: rows.map((row) => ({ relation: row.relation, unknown: row.unknown })) }),
    'operator',
    'transfer',
  );
}

/** Who holds an operator, and under which version of the register. */
export interface Holding {
  readonly holderIdentityId: string;
  readonly registerVersion: number;
}

/**
 * What the register says of an operator now: its entry, or its onboarding where no entry was heard of yet. Undefined where no such
 * operator is known.
 */
export function registerOf(operator: string | Sql): Fact<Known<Holding> | undefined> {
  return fact(
    sql`select source, type, id, epoch, version, unknown, holder_identity_id, register_version from operator_register
      where operator = ${operator}`,
    ([row]) =>
      row && {
        id: row.id,
        version: row.version,
        unknown: row.unknown,
        value: { holderIdentityId: row.holder_identity_id, registerVersion: row.register_version },
      },
    'operator',
    'transfer',
  );
}

/** True where one of these relations holds; not to be known where the only ones there are rest on an unknown fact. */
export function holdsAny({ relations }: Standing, wanted: readonly Relation[]): Ternary {
  const found = relations.filter(({ relation }) => wanted.includes(relation));
  if (found.some(({ unknown }) => !unknown)) return true;
  return found.length > 0 ? 'unknown' : false;
}

/** The part of an operator's state that decisions of other services rest on; who holds it is the register's to say. */
export interface OperatorState {
  readonly id: string;
  readonly state: string;
  readonly surfaces: readonly string[];
  readonly readiness: string;
}

/** An operator as this service knows it. */
export function operatorOf(operator: string | Sql): Fact<Known<OperatorState> | undefined> {
  return known<OperatorState>('operator', 'operator', operator);
}

/** True where the operator is ACTIVE; false where it is not, or is not known at all. */
export function isActive(operator: Known<OperatorState> | undefined): Ternary {
  if (operator === undefined) return false;
  return operator.unknown ? 'unknown' : operator.value.state === 'ACTIVE';
}
