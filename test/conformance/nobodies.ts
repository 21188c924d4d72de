import { join } from 'node:path';
import { signingKey, signToken, type TokenClaims } from '@qtm/local';
import type { TestSystem } from '../harness/system.ts';
import { Visitor, type VisitorOptions } from '../harness/visitor.ts';

type Sign = (claims: TokenClaims) => Promise<string>;

/** How a token comes about, and what it claims. */
interface Nobody {
  readonly sign?: (system: TestSystem) => Sign;
  readonly claims: VisitorOptions;
}

/** Signs as somebody who has a key of his own, and calls it by the name of the issuer's. */
const forge =
  ({ stack }: TestSystem): Sign =>
  async (claims) => {
    const { privateKey, publicJwk } = await signingKey(join(stack.dataDir, 'forger'));
    const { kid } = (await signingKey(stack.dataDir)).publicJwk;
    return signToken({ privateKey, publicJwk: { ...publicJwk, kid: kid ?? '' } }, claims);
  };

/** Lets the issuer sign, and says afterwards that one is somebody else. */
const tamper =
  ({ stack }: TestSystem): Sign =>
  async (claims) => {
    const [header, payload = '', signature] = (await stack.issuer.sign(claims)).split('.');
    const said = { ...JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')), sub: 'somebody-else' };
    return [header, Buffer.from(JSON.stringify(said)).toString('base64url'), signature].join('.');
  };

const IN_AN_HOUR_S = Math.floor(Date.now() / 1_000) + 3_600;

/** Sessions that are none. */
export const NOBODIES: Readonly<Record<string, Nobody>> = {
  'no session': { claims: { anonymous: true } },
  'a forged signature': { sign: forge, claims: {} },
  'another subject than was signed': { sign: tamper, claims: {} },
  'an expired session': { claims: { ttlSeconds: -60 } },
  'a session longer than 15 minutes': { claims: { ttlSeconds: 3_600 } },
  'a session that has not begun': { claims: { extra: { nbf: IN_AN_HOUR_S, exp: IN_AN_HOUR_S + 60 } } },
  'a session for another audience': { claims: { extra: { aud: 'another' } } },
  'a session of another issuer': { claims: { extra: { iss: 'https://issuer.example' } } },
};

/** Somebody by a session that is none. */
export function nobody(system: TestSystem, name: string, endpoint: string, options: VisitorOptions): Visitor {
  const { sign, claims } = NOBODIES[name] ?? { claims: {} };
  return new Visitor(endpoint, sign?.(system) ?? system.stack.issuer.sign, { ...claims, ...options });
}
