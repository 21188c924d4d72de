import { createHmac, generateKeyPairSync, randomUUID, sign as signBytes } from 'node:crypto';
import { DEVELOPMENT_ISSUER, type TokenClaims } from '@qtm/local';
import { type Arena, doorsOf } from '../arena.ts';
import type { Door } from '../attempt.ts';
import { documentOf } from '../document.ts';
import { codesIn } from '../invariants/answer.ts';
import { chance, type Draw, oneOf, shuffled } from '../values/draw.ts';
import { graphqlRequest } from '../wire.ts';
import type { WireAnswer } from '../wire-answer.ts';
import type { Person } from '../world/people.ts';
import { type Attack, single } from './attack.ts';
import { argumentsOf } from './sweep.ts';

const MINUTE_S = 60;

/** A header that must make no session, by what is wrong with it. */
export type Forgeries = Readonly<Record<string, string | undefined>>;

/** What is forged for one person: everything an issuer would say of them, and each time one thing wrong. */
export async function forgeries(arena: Arena, person: Person): Promise<Forgeries> {
  const { sign } = arena;
  const sound = await arena.sessions.token(person);
  const [head = '', payload = '', signature = ''] = sound.split('.');
  const now = Math.floor(Date.now() / 1_000);
  const { subject, kind, roles } = person;
  const issued = (extra: Readonly<Record<string, unknown>>): Promise<string> => {
    const claims: TokenClaims = { subject, kind, roles, extra };
    return sign(claims);
  };
  const claims = {
    ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Readonly<Record<string, unknown>>),
    roles: ['super_admin', 'admin_governor'],
  };
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
  const own = generateKeyPairSync('ed25519');
  const ownJwk = own.publicKey.export({ format: 'jwk' });
  const published = publishedKey(arena);
  const bySelf = (header: object) => signed({ alg: 'EdDSA', typ: 'JWT', ...header }, claims, own.privateKey);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const rsaInput = `${encoded({ alg: 'RS256', typ: 'JWT', kid })}.${encoded(claims)}`;
  return {
    'no header': undefined,
    'an empty header': '',
    'no scheme': sound,
    'another scheme': `Basic ${Buffer.from('admin:admin').toString('base64')}`,
    'no token': 'Bearer ',
    'two tokens': `Bearer ${sound} ${sound}`,
    'two tokens and a comma': `Bearer ${sound}, Bearer ${sound}`,
    'no signature': `Bearer ${head}.${payload}.`,
    'two parts': `Bearer ${head}.${payload}`,
    'another’s signature': `Bearer ${head}.${encoded(claims)}.${signature}`,
    'a cut signature': `Bearer ${head}.${payload}.${signature.slice(0, -4)}`,
    'algorithm none': `Bearer ${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(claims)}.`,
    'algorithm None': `Bearer ${encoded({ alg: 'None', typ: 'JWT', kid })}.${encoded(claims)}.${signature}`,
    'no algorithm': `Bearer ${encoded({ typ: 'JWT', kid })}.${encoded(claims)}.${signature}`,
    ...Object.fromEntries(
      Object.entries(published).map(([form, key]) => [
        `HS256 with the public key as ${form}`,
        bearer(hmac(kid, claims, key)),
      ]),
    ),
    'HS256 with an empty key': bearer(hmac(kid, claims, '')),
    'a key of one’s own': bearer(bySelf({ kid })),
    'a key of one’s own, in the token': bearer(bySelf({ jwk: ownJwk })),
    'a key of one’s own, by address': bearer(
      bySelf({ kid, jku: 'http://127.0.0.1:9/jwks.json', x5u: 'http://127.0.0.1:9/' }),
    ),
    'a key identifier that leads elsewhere': bearer(bySelf({ kid: '../../../../dev/null' })),
    'a key identifier with SQL': bearer(bySelf({ kid: "x' or '1'='1" })),
    'RS256 with a key of one’s own': bearer(
      `${rsaInput}.${signBytes('sha256', Buffer.from(rsaInput), rsa.privateKey).toString('base64url')}`,
    ),
    'a critical header nobody knows': bearer(bySelf({ kid, crit: ['exp'], b64: false })),
    expired: bearer(await issued({ exp: now - MINUTE_S, iat: now - 2 * MINUTE_S, nbf: now - 2 * MINUTE_S })),
    'not valid yet': bearer(await issued({ nbf: now + 5 * MINUTE_S })),
    'issued in the future': bearer(
      await issued({ iat: now + 30 * MINUTE_S, exp: now + 40 * MINUTE_S, nbf: now + 30 * MINUTE_S }),
    ),
    'too long a life': bearer(await issued({ exp: now + 24 * 60 * MINUTE_S })),
    'another audience': bearer(await issued({ aud: 'another' })),
    'no audience': bearer(await issued({ aud: undefined })),
    'another issuer': bearer(await issued({ iss: 'https://issuer.example' })),
    'an issuer that begins alike': bearer(await issued({ iss: `${DEVELOPMENT_ISSUER}.example` })),
    'no subject': bearer(await issued({ sub: '' })),
    'a subject that is no text': bearer(await issued({ sub: 5 })),
    'no session id': bearer(await issued({ sid: undefined })),
    'a session id that is no text': bearer(await issued({ sid: { a: 1 } })),
    'no kind': bearer(await issued({ qtm_kind: undefined })),
    'a kind in small letters': bearer(await issued({ qtm_kind: 'human' })),
    'two kinds': bearer(await issued({ qtm_kind: ['HUMAN', 'SERVICE'] })),
    'an expiry that is no number': bearer(await issued({ exp: 'never' })),
    'no expiry': bearer(await issued({ exp: undefined })),
    'a chain of actors that is a text': bearer(await issued({ act: 'somebody' })),
    'a token of 6,000 characters': bearer(`${head}.${'A'.repeat(6_000)}.${signature}`),
    'letters that are none of a token': bearer('нет.токена.здесь'.normalize('NFKD').replace(/[^ -~]/g, '~')),
  };
}

const bearer = (token: string) => `Bearer ${token}`;

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function signed(header: object, claims: object, key: Parameters<typeof signBytes>[2]): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${signBytes(null, Buffer.from(input), key).toString('base64url')}`;
}

function hmac(kid: string, claims: object, key: string): string {
  const input = `${encoded({ alg: 'HS256', typ: 'JWT', kid })}.${encoded(claims)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

/** The issuer's public key in the forms a careless verifier might take for a secret. */
function publishedKey({ publicJwk }: Arena): Readonly<Record<string, string>> {
  const x = String(publicJwk.x);
  return {
    'its JWK': JSON.stringify(publicJwk),
    'its x': x,
    'its bytes': Buffer.from(x, 'base64url').toString('latin1'),
  };
}

/** Sessions that are none: every operation is answered with nothing but that. */
export const sessions: Attack = {
  name: 'sessions',
  describe: 'forged, altered, expired and foreign tokens, wrong algorithms and keys, at every door',
  atATime: 8,
  async *volleys(arena, draw) {
    const powerful = arena.world.actors.filter(({ name }) => /admin|governor|HOLDER/.test(name));
    const made = await Promise.all(powerful.map((person) => forgeries(arena, person)));
    const all = made.flatMap((headers, index) =>
      Object.entries(headers).map(([what, authorization]) => ({
        what,
        authorization,
        person: powerful[index] as Person,
      })),
    );
    for (const { what, authorization, person } of draw(shuffled(all))) {
      const operation = oneOf(draw, arena.contract.operations);
      if (operation === undefined) return;
      for (const door of doorsOf(arena, operation)) {
        yield single(attemptOf(arena, draw, door, operation, person, what, authorization));
      }
    }
  },
};

function attemptOf(
  arena: Arena,
  draw: Draw,
  door: Door,
  operation: Arena['contract']['operations'][number],
  person: Person,
  what: string,
  authorization: string | undefined,
) {
  const variables = argumentsOf(arena, draw, person, operation);
  const service = door === arena.gateway ? undefined : operation.service;
  const query = documentOf(operation, Object.keys(variables), { depth: 0, service });
  const headers = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(chance(draw, 30) ? { cookie: `session=${randomUUID()}`, 'x-forwarded-user': person.subject } : {}),
  };
  return {
    label: `${what} at ${door.name} for ${operation.name}`,
    door,
    sessionless: true,
    request: graphqlRequest(query, variables, headers),
    verdict: refusedForNoSession,
  };
}

function refusedForNoSession(answer: WireAnswer): string | undefined {
  return codesIn(answer).every((code) => code === 'UNAUTHENTICATED') && codesIn(answer).length > 0
    ? undefined
    : `answered with ${codesIn(answer).join(', ') || `HTTP ${answer.status}`}, not UNAUTHENTICATED`;
}
