import type { Session } from '../process/session.ts';

/** The condition of the matrix that asks for a session which was proved again a moment ago (RFC 9470). */
export const SESSION_FRESH = 'session_fresh';

/** What makes a session fresh. */
export interface StepUp {
  /** Longest time since the principal proved who they are, in seconds. */
  readonly maxAgeS: number;
  /** Accepted classes of authentication (`acr`); any where there are none. */
  readonly acrValues: readonly string[];
}

export const DEFAULT_STEP_UP: StepUp = { maxAgeS: 300, acrValues: [] };

/** How far the issuer's clock may be ahead of the database's. */
const CLOCK_TOLERANCE_S = 5;

/**
 * Whether the principal proved who they are not longer ago than allowed, and well enough. A session that does not say when is never
 * fresh, and neither is one from a future that no clock explains. The tolerance adds nothing to the age.
 * @param now the database's clock of the decision, as text
 */
export function isSessionFresh(
  { authTime, acr }: Pick<Session, 'authTime' | 'acr'>,
  now: string,
  { maxAgeS, acrValues }: StepUp,
): boolean {
  if (!(authTime > 0)) return false;
  const ageS = Date.parse(now) / 1_000 - authTime;
  if (ageS < -CLOCK_TOLERANCE_S || ageS > maxAgeS) return false;
  return acrValues.length === 0 || (acr !== null && acrValues.includes(acr));
}
