import type { Session } from '../process/session.ts';

/** The condition of a matrix: the service does it itself, since its time has come. */
export const OWN_CLOCK = 'own_clock';

/** True of the session alone that a service makes for itself; whatever a token says, its session is of another kind. */
export function isOwnClock(session: Session): boolean {
  return session.own === true;
}
