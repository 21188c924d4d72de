import {
  DEVELOPMENT_AUDIENCE,
  DEVELOPMENT_ISSUER,
  provision,
  signingKey,
  signToken,
  type TokenClaims,
} from '@qtm/local';
import { inject } from 'vitest';

/** The stack of this run as a test file uses it. */
export function sharedStack() {
  const { dataDir, adminUrl, brokers, jwksUrl } = inject('stack');
  return {
    dataDir,
    postgres: { adminUrl },
    kafka: { brokers },
    issuer: {
      issuer: DEVELOPMENT_ISSUER,
      audience: DEVELOPMENT_AUDIENCE,
      jwksUrl,
      sign: async (claims: TokenClaims) => signToken(await signingKey(dataDir), claims),
      publicJwk: async () => ({ ...(await signingKey(dataDir)).publicJwk }),
    },
    provision: (service: string, options?: { readonly database?: string }) => provision(adminUrl, service, options),
  };
}
export type SharedStack = ReturnType<typeof sharedStack>;
