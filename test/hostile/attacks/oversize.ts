import { type Arena, headersOf } from '../arena.ts';
import type { Attempt, Door } from '../attempt.ts';
import { codesIn } from '../invariants/answer.ts';
import { shuffled } from '../values/draw.ts';
import { raw } from '../values/raw.ts';
import { graphqlRequest, type WireRequest } from '../wire.ts';
import type { WireAnswer } from '../wire-answer.ts';
import type { Attack } from './attack.ts';

/** Whoever asks something ordinary meanwhile is answered within this time. */
const MAX_NEIGHBOUR_MS = 10_000;
const KIB = 1_024;

const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const nested = (levels: number, open: string, close: string, core: string) =>
  `${open.repeat(levels)}${core}${close.repeat(levels)}`;

/** Fragments of which each spreads the next one twice: 2³⁰ selections in a page of text. */
const DOUBLING = times(30, (i) => `fragment F${i} on Identity { ...F${i + 1} ...F${i + 1} }`);
const TYPES_OF_TYPES = nested(9, 'fields { type { ', ' } }', 'name');

/** Documents that are much to read, to validate, to plan or to answer. */
const DOCUMENTS: Readonly<Record<string, () => string>> = {
  'a selection 200 levels deep': () => `{ ${nested(200, 'me { ', ' }', '__typename')} }`,
  'a selection 6,000 levels deep': () => `{ ${nested(6_000, 'a{', '}', 'a')} }`,
  'a selection that is never closed': () => `{ ${'a{'.repeat(50_000)}`,
  'a value 5,000 lists deep': () => `{ job(id: ${nested(5_000, '[', ']', '1')}) { id } }`,
  'a value 3,000 objects deep': () => `{ jobs(filter: ${nested(3_000, '{a:', '}', '1')}) { totalCount } }`,
  'a type 5,000 lists deep': () => `query ($a: ${nested(5_000, '[', ']', 'ID')}) { me { id } }`,
  '4,000 aliases of a plain field': () => `{ ${times(4_000, (i) => `a${i}: __typename`)} }`,
  '40,000 aliases of a plain field': () => `{ ${times(40_000, (i) => `a${i}: __typename`)} }`,
  '1,000 aliases of a look-up': () => `{ ${times(1_000, (i) => `a${i}: me { id }`)} }`,
  '300 aliases of a list': () =>
    `{ ${times(300, (i) => `a${i}: jobs(first: 100) { totalCount edges { node { id } } }`)} }`,
  '300 aliases of a list over services': () =>
    `{ ${times(300, (i) => `a${i}: jobs(first: 100) { edges { node { id task { id state } serviceEvent { id state } } } }`)} }`,
  'one field 6,000 times': () => `{ me { ${'id '.repeat(6_000)} } }`,
  '3,000 fields of one name that differ': () => `{ ${times(3_000, (i) => `a: job(id: "${i}") { id }`)} }`,
  'fragments in a circle': () =>
    '{ me { identity { ...A } } } fragment A on Identity { ...B } fragment B on Identity { ...A }',
  'a fragment of itself': () => '{ me { identity { ...A } } } fragment A on Identity { id ...A }',
  'fragments that double 30 times': () => `{ me { identity { ...F0 } } } ${DOUBLING} fragment F30 on Identity { id }`,
  '3,000 fragments': () =>
    `{ me { id ${times(3_000, (i) => `...F${i}`)} } } ${times(3_000, (i) => `fragment F${i} on Me { id }`)}`,
  '5,000 directives': () => `{ me { id ${'@include(if: true) '.repeat(5_000)} } }`,
  '5,000 directives nobody knows': () => `{ me { id ${times(5_000, (i) => `@d${i}`)} } }`,
  '5,000 variables': () => `query (${times(5_000, (i) => `$v${i}: ID`)}) { me { id } }`,
  '2,000 operations': () => times(2_000, (i) => `query Q${i} { me { id } }`),
  'a name of 200,000 letters': () => `{ ${'a'.repeat(200_000)} }`,
  'a comment of 900 KiB': () => `{ me { id } } #${'x'.repeat(900 * KIB)}`,
  '900 KiB of blanks': () => `{ me ${' '.repeat(900 * KIB)} { id } }`,
  'a text of 900 KiB': () => `{ job(id: "${'x'.repeat(900 * KIB)}") { id } }`,
  '100,000 wrong fields': () => `{ ${times(100_000, (i) => `w${i}`)} }`,
  'introspection of types of types': () => `{ __schema { types { ${TYPES_OF_TYPES} } } }`,
  'introspection 300 times': () =>
    `{ ${times(300, (i) => `a${i}: __schema { types { name fields { name type { name } } } }`)} }`,
  'a deferred part': () => '{ me { id ... @defer { identity { id } } } }',
  nothing: () => '',
  'a subscription': () => 'subscription { me { id } }',
  'a schema': () => 'type A { b: C }',
};

/** Bodies that are too large, too deep, or too many at once. */
const BODIES: Readonly<Record<string, () => WireRequest>> = {
  'a body over the limit': () => graphqlRequest('{ me { id } }', { a: 'x'.repeat(1_100 * KIB) }),
  'a body of 8 MiB': () => graphqlRequest('{ me { id } }', { a: 'x'.repeat(8 * KIB * KIB) }),
  'variables 100,000 lists deep': () =>
    graphqlRequest('query ($a: ID!) { job(id: $a) { id } }', { a: raw(nested(100_000, '[', ']', '1')) }),
  'variables 30,000 objects deep': () =>
    graphqlRequest('query ($a: ID!) { job(id: $a) { id } }', { a: raw('{'.repeat(30_000)) }),
  '50,000 variables': () =>
    graphqlRequest('{ me { id } }', Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`v${i}`, i]))),
  'a list of 50,000 ids': () =>
    graphqlRequest('query ($s: [TaskState!]) { tasks(filter: { states: $s }) { totalCount } }', {
      s: Array.from({ length: 50_000 }, () => 'OPEN'),
    }),
  'a batch of 500': () => ({
    ...graphqlRequest(''),
    body: JSON.stringify(Array.from({ length: 500 }, () => ({ query: '{ me { id } }' }))),
  }),
  'a persisted query of nobody': () => ({
    ...graphqlRequest(''),
    body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
  }),
  'a name of an operation that is none': () => ({
    ...graphqlRequest(''),
    body: '{"query":"query A { me { id } }","operationName":"__proto__"}',
  }),
  'extensions 60 levels deep': () => ({
    ...graphqlRequest(''),
    body: `{"query":"{ me { id } }","extensions":${nested(60, '{"a":', '}', '1')}}`,
  }),
};

/** What is too much to read, to validate, to plan, to answer, at every door; somebody else asks something ordinary at the same time. */
export const oversize: Attack = {
  name: 'oversize',
  describe:
    'documents, variables and bodies that are too large, too deep or too many, and an honest neighbour at the same door',
  atATime: 1,
  async *volleys(arena, draw) {
    const requests: Readonly<Record<string, () => WireRequest>> = {
      ...Object.fromEntries(
        Object.entries(DOCUMENTS).map(([what, document]) => [what, () => graphqlRequest(document())]),
      ),
      ...BODIES,
    };
    const doors = [arena.gateway, ...arena.services.values()];
    const all = Object.entries(requests).flatMap(([what, request]) => doors.map((door) => ({ what, request, door })));
    for (const { what, request, door } of draw(shuffled(all))) {
      const neighbour = await ordinary(arena, door);
      const attempt = await carried(arena, door, what, request());
      yield { attempts: [attempt, neighbour] };
    }
  },
};

async function carried(arena: Arena, door: Door, what: string, request: WireRequest): Promise<Attempt> {
  const person = personOf(arena, 'governor');
  const headers = { ...request.headers, ...(await headersOf(arena, person, door)) };
  // Who sends more than is read may be cut off in the middle of it.
  return { label: `${what} at ${door.name}`, door, person, request: { ...request, headers }, mayHangUp: true };
}

/** Asks every door what it can answer by itself. */
async function ordinary(arena: Arena, door: Door): Promise<Attempt> {
  const person = personOf(arena, 'second governor');
  return {
    label: `an ordinary query at ${door.name}`,
    door,
    person,
    request: graphqlRequest('{ __typename }', {}, await headersOf(arena, person, door)),
    verdict: neighbourly,
  };
}

function neighbourly(answer: WireAnswer): string | undefined {
  if (answer.status !== 200 || codesIn(answer).length > 0) return `answered with ${answer.status} ${codesIn(answer)}`;
  return answer.elapsedMs > MAX_NEIGHBOUR_MS ? `answered after ${Math.round(answer.elapsedMs)} ms` : undefined;
}

function personOf({ world }: Arena, name: string) {
  const person = world.actors.find((actor) => actor.name === name);
  if (person === undefined) throw new Error(`nobody is called ${name}`);
  return person;
}
