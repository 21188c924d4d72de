import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { explainDenied } from '../fault.ts';

export interface SigningKey {
  readonly privateKey: CryptoKey;
  /** What the JWKS endpoint publishes. */
  readonly publicJwk: JWK;
}

const ALGORITHM = 'EdDSA';

/** The issuer's key, made once per data folder, so that tokens of before a restart still hold. */
export async function signingKey(dataDir: string): Promise<SigningKey> {
  const file = fileIn(dataDir);
  try {
    mkdirSync(dataDir, { recursive: true });
    if (!existsSync(file)) {
      const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
      writeFileSync(file, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600, flag: 'wx' });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw explainDenied(error, dataDir);
  }
  const jwk = JSON.parse(readFileSync(file, 'utf8')) as JWK;
  const { d: _, ...open } = jwk;
  const kid = await calculateJwkThumbprint(open);
  return {
    privateKey: (await importJWK(jwk, ALGORITHM)) as CryptoKey,
    publicJwk: { ...open, kid, alg: ALGORITHM, use: 'sig' },
  };
}

/** Whether a stack has made its key here. */
export function hasSigningKey(dataDir: string): boolean {
  return existsSync(fileIn(dataDir));
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'issuer-key.json');
}
