import { type Arena, headersOf } from '../arena.ts';
import type { Door } from '../attempt.ts';
import { codesIn } from '../invariants/answer.ts';
import type { RawRequest } from '../raw-wire.ts';
import { shuffled } from '../values/draw.ts';
import type { WireRequest } from '../wire.ts';
import type { WireAnswer } from '../wire-answer.ts';
import type { Person } from '../world/people.ts';
import type { Attack } from './attack.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const QUERY = '{"query":"{ __typename }"}';
const MUTATION = 'mutation { registerIdentity(input: { idempotencyKey: "k" }) { refusal { code } } }';

/** Requests that are HTTP, and not what was asked for. `changes` is true of those that would change something if they were taken. */
const REQUESTS: Readonly<Record<string, WireRequest & { readonly changes?: true }>> = {
  'no JSON': { headers: JSON_TYPE, body: '{"query":' },
  'JSON that is a text': { headers: JSON_TYPE, body: '"x"' },
  'JSON that is null': { headers: JSON_TYPE, body: 'null' },
  'JSON that is a number': { headers: JSON_TYPE, body: '1e9999' },
  'an empty list': { headers: JSON_TYPE, body: '[]' },
  'an empty body': { headers: JSON_TYPE, body: '' },
  'a prototype': { headers: JSON_TYPE, body: '{"__proto__":{"query":"{ __typename }"}}' },
  'a constructor': { headers: JSON_TYPE, body: '{"query":"{ __typename }","constructor":{"prototype":{"a":1}}}' },
  'a query that is an object': { headers: JSON_TYPE, body: '{"query":{"a":1}}' },
  'a query that is a list': { headers: JSON_TYPE, body: '{"query":["{ __typename }"]}' },
  'variables that are a text': { headers: JSON_TYPE, body: '{"query":"{ __typename }","variables":"x"}' },
  'variables that are a list': { headers: JSON_TYPE, body: '{"query":"{ __typename }","variables":[1]}' },
  'bytes that are no UTF-8': { headers: JSON_TYPE, body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x80, 0x22, 0x7d]) },
  'a byte order mark': { headers: JSON_TYPE, body: `\ufeff${QUERY}` },
  'UTF-16': { headers: { 'content-type': 'application/json; charset=utf-16' }, body: Buffer.from(QUERY, 'utf16le') },
  'no type': { body: QUERY },
  'a plain text': { headers: { 'content-type': 'text/plain' }, body: QUERY },
  'a form': {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `query=${encodeURIComponent(MUTATION)}`,
    changes: true,
  },
  'a form of parts': {
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"${MUTATION.replaceAll('"', '\\"')}"}\r\n--x--`,
    changes: true,
  },
  XML: {
    headers: { 'content-type': 'application/xml' },
    body: '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
  },
  'a document as such': { headers: { 'content-type': 'application/graphql' }, body: MUTATION, changes: true },
  'a type that is none': { headers: { 'content-type': 'x' }, body: QUERY },
  'a compressed body that is none': { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: QUERY },
  'a mutation by GET': {
    method: 'GET',
    path: `/graphql?query=${encodeURIComponent(MUTATION)}`,
    headers: JSON_TYPE,
    changes: true,
  },
  'a query by GET from a page': {
    method: 'GET',
    path: '/graphql?query=%7B__typename%7D',
    headers: { origin: 'http://evil.example' },
  },
  'a form from a page': {
    headers: { 'content-type': 'text/plain', origin: 'http://evil.example' },
    body: `{"query":${JSON.stringify(MUTATION)}}`,
    changes: true,
  },
  'an address that is garbled': { method: 'GET', path: '/graphql?query=%' },
  'an address of 12,000 letters': { method: 'GET', path: `/graphql?query=${'a'.repeat(12_000)}` },
  'a path upwards': { method: 'GET', path: '/graphql/../../../../etc/passwd' },
  'a path that is garbled': { method: 'GET', path: '/%ff%00' },
  'another page': { method: 'GET', path: '/.env' },
  'a test control': { method: 'POST', path: '/test/follower/pause', headers: JSON_TYPE, body: '{}' },
  'another method': { method: 'PUT', headers: JSON_TYPE, body: QUERY },
  'a deletion': { method: 'DELETE' },
  'a question before': {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
  },
};

/** Bytes that are hardly HTTP. Each may be hung up on; none may be waited for, and none may end the process. */
const BYTES: Readonly<Record<string, (authorization: string) => RawRequest>> = {
  'no HTTP at all': () => ({ bytes: ['\u0016\u0003\u0001garbage\r\n\r\n'] }),
  'a header of 100,000 letters': () => ({
    bytes: [`GET /graphql HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(100_000)}\r\n\r\n`],
  }),
  '5,000 headers': () => ({ bytes: [`GET /graphql HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(5_000)}\r\n`] }),
  'a token of 60,000 letters': () => ({
    bytes: [
      `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${'a.'.repeat(30_000)}\r\ncontent-length: 0\r\n\r\n`,
    ],
  }),
  'two lengths': (authorization) => ({
    bytes: [post(authorization, 'content-length: 24\r\ncontent-length: 5\r\n', QUERY)],
  }),
  'a length and chunks': (authorization) => ({
    bytes: [post(authorization, 'content-length: 4\r\ntransfer-encoding: chunked\r\n', `18\r\n${QUERY}\r\n0\r\n\r\n`)],
  }),
  'a length below nothing': (authorization) => ({ bytes: [post(authorization, 'content-length: -1\r\n', QUERY)] }),
  'a length beyond every number': (authorization) => ({
    bytes: [post(authorization, `content-length: ${'9'.repeat(40)}\r\n`, QUERY)],
  }),
  'chunks that are none': (authorization) => ({
    bytes: [post(authorization, 'transfer-encoding: chunked\r\n', 'zz\r\nxx\r\n')],
  }),
  'a body that never ends': (authorization) => ({
    bytes: [post(authorization, 'content-length: 1000\r\n', '{"query":')],
    hangUpAfterMs: 1_500,
  }),
  'a body letter by letter': (authorization) => ({
    bytes: [post(authorization, `content-length: ${QUERY.length}\r\n`, ''), ...QUERY],
    pauseMs: 20,
  }),
  'a request cut off in a header': () => ({
    bytes: ['POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-'],
    hangUpAfterMs: 500,
  }),
  'a second request within the first': (authorization) => ({
    bytes: [
      post(
        authorization,
        `content-length: ${QUERY.length}\r\n`,
        `${QUERY}GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      ),
    ],
  }),
  'another protocol': () => ({ bytes: ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'] }),
  'a line in a header': () => ({
    bytes: ['GET /graphql HTTP/1.1\r\nhost: x\r\nx-a: b\n{"level":"fatal","msg":"qtmforged"}\r\n\r\n'],
  }),
};

function post(authorization: string, headers: string, body: string): string {
  return `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: ${authorization}\r\nconnection: close\r\n${headers}\r\n${body}`;
}

/** Requests that are malformed or of another kind than a client's, at every door. */
export const transport: Attack = {
  name: 'transport',
  describe: 'malformed HTTP and JSON, wrong types and methods, pages of others, slow and broken bodies, at every door',
  atATime: 3,
  async *volleys(arena, draw) {
    const doors = [arena.gateway, ...arena.services.values()];
    const person = arena.world.insiders[0];
    if (person === undefined) return;
    const requests = Object.entries(REQUESTS).flatMap(([what, request]) =>
      doors.map((door) => ({ what, request, door })),
    );
    const bytes = Object.entries(BYTES).flatMap(([what, make]) => doors.map((door) => ({ what, make, door })));
    for (const one of draw(shuffled([...requests, ...bytes]))) {
      if ('request' in one) yield await framed(arena, person, one.what, one.door, one.request);
      else yield await unframed(arena, person, one.what, one.door, one.make);
    }
  },
};

async function framed(
  arena: Arena,
  person: Person,
  what: string,
  door: Door,
  request: WireRequest & { changes?: true },
) {
  const headers = { ...(await headersOf(arena, person, door)), ...request.headers };
  const verdict = request.changes === true ? refusedUnread : undefined;
  const label = `${what} at ${door.name}`;
  return {
    attempts: [
      { label, door, person, request: { ...request, headers }, ...(verdict === undefined ? {} : { verdict }) },
    ],
  };
}

async function unframed(
  arena: Arena,
  person: Person,
  what: string,
  door: Door,
  make: (authorization: string) => RawRequest,
) {
  const authorization = `Bearer ${await arena.sessions.token(person)}`;
  const request = { raw: make(authorization) };
  return { attempts: [{ label: `${what} at ${door.name}`, door, person, request, mayHangUp: true }] };
}

/** A page of another site can make a browser send it: so it is never read as an operation. */
function refusedUnread(answer: WireAnswer): string | undefined {
  const refused = answer.status >= 400 || codesIn(answer).length > 0;
  return refused && !/"registerIdentity":\{/.test(answer.body) ? undefined : `was taken: HTTP ${answer.status}`;
}
