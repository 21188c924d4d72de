import { type Grounds, type Session, type Sql, sql, type Ternary } from '@qtm/service-kit';
import type { AggregateState } from '@qtm/service-kit/domain';
import { GOVERNS, holdsAny, standing } from './operators.ts';
import { hasAnyRole, operatorsOf, type Viewer } from './view.ts';

/**
 * Who governs a piece of work: the network, or the operator that the requester addressed. Whatever follows from a task says so in two
 * columns of its table, `audience` and `governed_by`, and in its state.
 */

/** Roles that oversee the network: they see how work stands, never what it says of people. */
export const OVERSEERS = ['auditor', 'executive', 'super_admin'];
const GOVERNOR = 'admin_governor';

/** What the session's identity is to the operator that governs; `governedBy` finds its slug, null where the network does. */
export function governorFacts(governedBy: Sql, session: Session) {
  return { governor: standing(governedBy, session) };
}
export type GovernorFacts = ReturnType<typeof governorFacts>;

interface Governed extends AggregateState {
  readonly audience: string;
}

/** The condition `governs` of a matrix. */
export function governs<I>({ state, principal, facts }: Grounds<I, Governed, GovernorFacts>): Ternary {
  return state?.audience === 'ADMIN' ? principal.hasRole(GOVERNOR) : holdsAny(facts.governor, GOVERNS);
}

/** Rows that the session governs: a predicate over the two columns. */
export function governed(session: Session): Sql {
  return sql`(audience = 'ADMIN' and ${hasAnyRole(session, [GOVERNOR])}) or governed_by in ${operatorsOf(session, GOVERNS)}`;
}

/** Audiences of the work that a session's roles show it. */
export function audiencesOf(viewer: Viewer): readonly string[] {
  if (viewer.hasAnyRole(...OVERSEERS)) return ['ADMIN', 'OPERATOR'];
  return viewer.hasAnyRole(GOVERNOR) ? ['ADMIN'] : [];
}
