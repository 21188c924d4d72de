import { v5 } from 'uuid';

/**
 * The identity behind a session: UUIDv5 of the subject in a namespace that is the UUIDv5 of the issuer, so the same person has
 * the same id in every service and no issuer can speak for another's subjects.
 */
export function identityId(issuer: string, subject: string): string {
  return v5(subject, v5(issuer, v5.URL));
}
