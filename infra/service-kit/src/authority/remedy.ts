import type { ClauseResult } from './evaluate.ts';
import type { MatrixRow } from './matrix.ts';

/** What would have to change for a relation or a condition of the matrix to hold, by its name. */
export type Remedies = Readonly<Record<string, string>>;

/** Of the conditions that the kit itself knows. */
export const KIT_REMEDIES: Remedies = {
  identity_active: 'your identity must be registered, and not suspended',
  session_fresh: 'you must prove again who you are: sign in anew, then repeat it',
  own_clock: 'nobody can do it: the service does it by itself once its time has come',
};

/** What would have to change for this clause to hold; null where it holds. */
export function remedyOf({ clause, group, holds }: ClauseResult, row: MatrixRow, remedies: Remedies): string | null {
  if (holds === true) return null;
  if (holds === 'unknown') return 'a fact that this rests on cannot be known at the moment; ask again later';
  if (group === 'principals') return `it takes a session of kind ${row.principals.join(' or ')}`;
  const role = /^role:(.+)$/.exec(clause)?.[1];
  if (role !== undefined) return `it takes the role ${role}`;
  const remedy = remedies[clause];
  if (remedy === undefined) throw new Error(`${row.transition}: the clause '${clause}' has no remedy`);
  return remedy;
}
