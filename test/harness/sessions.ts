import { createHash } from 'node:crypto';
import { identityId, type PrincipalKind, type Session } from '@qtm/service-kit/process';

const ISSUER = 'https://issuer.qtm.local';

/** A session as the kit has it once a token was verified; for tests inside one process. */
export function sessionOf(subject: string, roles: readonly string[] = [], kind: PrincipalKind = 'HUMAN'): Session {
  return {
    identityId: identityId(ISSUER, subject),
    issuer: ISSUER,
    subject,
    kind,
    roles,
    sessionHash: createHash('sha256').update(subject).digest('hex'),
    authTime: 0,
    acr: null,
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
}
