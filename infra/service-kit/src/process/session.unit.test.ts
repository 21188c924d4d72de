import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSessionVerifier, SessionError, type VerifySession } from './session.ts';

const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'EdDSA' }] });
const server = createServer((_request, response) => response.end(jwks));
let verify: VerifySession;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  verify = createSessionVerifier({ issuer: 'i', audience: 'a', jwksUrl, rolesClaim: 'roles' });
});
afterAll(() => server.close());

const token = (claims: object) => {
  const now = Math.floor(Date.now() / 1_000);
  const sound = { iss: 'i', aud: 'a', sub: 's', sid: 'x', iat: now, exp: now + 60, qtm_kind: 'HUMAN' };
  return new SignJWT({ ...sound, ...claims }).setProtectedHeader({ alg: 'EdDSA', kid: 'k' }).sign(privateKey);
};

test('a sound token makes a session', async () => {
  expect(await verify(await token({ roles: ['auditor', 5] }))).toMatchObject({ kind: 'HUMAN', roles: ['auditor'] });
});

test.each([[{ sub: 5 }], [{ sub: {} }], [{ sub: '' }], [{ sid: 5 }], [{ qtm_kind: ['HUMAN'] }], [{ act: 'somebody' }]])(
  'claims of another type make none, though they are signed: %j',
  async (claims) => {
    await expect(verify(await token(claims))).rejects.toThrow(SessionError);
  },
);
