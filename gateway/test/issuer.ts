import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'qtm';

/** A token issuer with a JWKS endpoint, as any OIDC provider has one. */
export async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const jwk = { ...(await exportJWK(publicKey)), kid: '1', alg: 'EdDSA', use: 'sig' };
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    token(claims: Record<string, unknown> = {}, expires = '5m'): Promise<string> {
      return new SignJWT({ sid: 's1', qtm_kind: 'HUMAN', roles: [], auth_time: 0, acr: '1', ...claims })
        .setProtectedHeader({ alg: 'EdDSA', kid: '1' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject('alice')
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(privateKey);
    },
    close: () => new Promise<unknown>((resolve) => server.close(resolve)),
  };
}
