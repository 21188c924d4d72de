import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SigningKey } from './key.ts';

/**
 * `iss` of every development token. A name and no address: identities derive from it, so it must not change with a port. Who verifies
 * finds the keys by the JWKS address alone.
 */
export const DEVELOPMENT_ISSUER = 'https://issuer.qtm.local';
export const DEVELOPMENT_AUDIENCE = 'qtm';

export const TOKEN_KINDS = ['HUMAN', 'SERVICE', 'AGENT'] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** Services accept no longer session. */
export const MAX_TTL_S = 15 * 60;

/** Who a token is for. */
export interface TokenClaims {
  readonly subject: string;
  readonly kind?: TokenKind;
  readonly roles?: readonly string[];
  /** Lifetime; as long as services accept where absent. */
  readonly ttlSeconds?: number;
  readonly sessionId?: string;
  /** Who acts for the subject, innermost last (RFC 8693 section 4.1). */
  readonly act?: object;
  /** Further claims, or others than a sound token has. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Signs a session as the development issuer. */
export function signToken(key: SigningKey, claims: TokenClaims): Promise<string> {
  const { subject, kind = 'HUMAN', roles = [], ttlSeconds = MAX_TTL_S, sessionId = randomUUID() } = claims;
  const now = Math.floor(Date.now() / 1_000);
  const payload = {
    iss: DEVELOPMENT_ISSUER,
    aud: DEVELOPMENT_AUDIENCE,
    sub: subject,
    sid: sessionId,
    iat: now,
    nbf: now,
    exp: now + ttlSeconds,
    auth_time: now,
    acr: 'development',
    qtm_kind: kind,
    roles: [...roles],
    ...(claims.act === undefined ? {} : { act: claims.act }),
    ...claims.extra,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid: key.publicJwk.kid ?? '' })
    .sign(key.privateKey);
}
