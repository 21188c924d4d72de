import { type SigningKey, signToken } from '@qtm/local';

/** Somebody who acts in the replay, with a session that is renewed before it ends. */
export interface Principal {
  readonly subject: string;
  readonly displayName: string;
  token(): Promise<string>;
}

const TTL_S = 15 * 60;
const RENEW_AFTER_MS = 10 * 60_000;

export function principal(
  key: SigningKey,
  subject: string,
  displayName: string,
  roles: readonly string[] = [],
): Principal {
  let session: { readonly token: Promise<string>; readonly sinceMs: number } | undefined;
  return {
    subject,
    displayName,
    token() {
      if (session === undefined || performance.now() - session.sinceMs > RENEW_AFTER_MS) {
        const token = signToken(key, { subject, roles, ttlSeconds: TTL_S });
        session = { token, sinceMs: performance.now() };
      }
      return session.token;
    },
  };
}

/** Who takes part beside the agencies' holders: two governors, since nobody activates whom they onboarded, and who submits. */
export function cast(key: SigningKey) {
  return {
    governor: principal(key, 'nyc311-governor', 'NYC 311 governor', ['admin_governor']),
    secondGovernor: principal(key, 'nyc311-second-governor', 'NYC 311 second governor', ['admin_governor']),
    requester: principal(key, 'nyc311-requester', 'NYC 311', ['requester']),
  };
}
export type Cast = ReturnType<typeof cast>;
