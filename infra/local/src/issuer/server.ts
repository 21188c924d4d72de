import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SigningKey } from './key.ts';
import { DEVELOPMENT_AUDIENCE, DEVELOPMENT_ISSUER, signToken, type TokenClaims } from './token.ts';

export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  sign(claims: TokenClaims): Promise<string>;
  stop(): Promise<void>;
}

/** Publishes the keys as any OIDC provider does. It has no login: tokens are made by whoever can read the data folder. */
export async function startIssuer(key: SigningKey, port: number, host = '127.0.0.1'): Promise<Issuer> {
  const server = createServer((request, response) => {
    const address = `http://${request.headers.host}`;
    const documents: Readonly<Record<string, object>> = {
      '/livez': { live: true },
      '/readyz': { ready: true, reasons: [] },
      '/jwks.json': { keys: [key.publicJwk] },
      '/.well-known/openid-configuration': {
        issuer: DEVELOPMENT_ISSUER,
        jwks_uri: `${address}/jwks.json`,
        id_token_signing_alg_values_supported: ['EdDSA'],
        response_types_supported: ['none'],
        subject_types_supported: ['public'],
      },
    };
    const document = documents[request.url ?? ''];
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? { error: 'not found' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve());
  });
  return {
    issuer: DEVELOPMENT_ISSUER,
    audience: DEVELOPMENT_AUDIENCE,
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    sign: (claims) => signToken(key, claims),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
