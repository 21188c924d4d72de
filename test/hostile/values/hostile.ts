import fc from 'fast-check';
import { type GraphQLInputType, getNullableType, isEnumType, isInputObjectType, isListType } from 'graphql';
import { raw } from './raw.ts';

/** Stands in every hostile text, so that whatever repeats one is found: a log must not. */
export const MARK = 'qtmforged';

/** Lengths at and around every limit of a text that the contract names, and far beyond. */
const LENGTHS = [
  1, 2, 3, 40, 41, 63, 64, 200, 201, 255, 256, 500, 501, 1_000, 1_001, 1_024, 1_025, 2_000, 2_001, 4_000, 4_001, 10_001,
  20_000, 20_001, 65_536, 300_000,
];

const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  `${MARK}\u0000end`,
  `${MARK}\u0001\u0007\u0008\u000b\u000c\u001b\u007f\u0085`,
  `${MARK}\ud800`,
  `\udfff${MARK}`,
  `\udc00\ud800${MARK}`,
  `${MARK}\u202emit\u202c\u2066\u2069`,
  `${MARK}\u200b\u200d\ufeff\u2060`,
  `${MARK}\ufffe\uffff\u{10ffff}`,
  `${MARK}${'\u0301'.repeat(600)}`,
  `${'👩‍👩‍👧‍👦'.repeat(60)}${MARK}`,
  `'; drop table job; -- ${MARK}`,
  `${MARK}' or '1'='1`,
  `${MARK}') union select value from personal_value --`,
  `${MARK}\\'; select pg_sleep(20); --`,
  `$1 $2 $$ ${MARK} $$ %s %d :name @p`,
  `${MARK}\n{"level":"fatal","service":"jobs","time":"2026-01-01T00:00:00.000Z","msg":"${MARK}"}`,
  `${MARK}\r\n\u001b[2J\u001b[31mred\u001b[0m`,
  `${MARK}\u2028\u2029`,
  `{"__proto__":{"${MARK}":true}}`,
  '__proto__',
  'constructor',
  'toString',
  `../../../../etc/passwd?${MARK}`,
  `<script>${MARK}</script><img src=x onerror=1>`,
  `\${jndi:ldap://127.0.0.1:1/${MARK}}`,
  `{{7*7}}#{7*7}${MARK}`,
  `${MARK},a/b@1.1~aaaaaaaaaaaaaaaaaaaaaa`,
  'null',
  'undefined',
  'NaN',
];

/** Texts that no form of a text, and no reader of one, has reason to expect. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.constantFrom(...LENGTHS).map((length) => 'a'.repeat(length)),
  fc.constantFrom(...LENGTHS).map((length) => '😀'.repeat(Math.min(length, 20_001))),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);

/** Slugs that look like another's, and what is nearly a slug. */
export const hostileSlug: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    'nоrth',
    'ｎｏｒｔｈ',
    'n\u200borth',
    '\u202ehtron',
    'ıtem',
    'north\n',
    'north ',
    'North',
    'NORTH',
    '-north',
    'north-',
    'north--crew',
    'no_rth',
    '1north',
    'ab',
    'a'.repeat(40),
    'a'.repeat(41),
    `a${'-a'.repeat(50_000)}`,
    'admin',
    'null',
    'root',
    'graphql',
    'rn0l1-5vv',
    'ß',
    'n%6frth',
    'north/../south',
    'north:identity:EXECUTE',
  ),
  hostileText,
);

const hostileId: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '019B8D2E-7A00-7000-8000-000000000099',
    '{019b8d2e-7a00-7000-8000-000000000099}',
    'urn:uuid:019b8d2e-7a00-7000-8000-000000000099',
    '019b8d2e7a0070008000000000000099',
    '019b8d2e-7a00-7000-8000-00000000009',
    '019b8d2e-7a00-7000-8000-000000000099\n',
    'municipal:1',
    'municipal:99999999999999999999',
    'a:b:c:d:e',
    0,
    -1,
    9_007_199_254_740_993n.toString(),
  ),
  hostileText,
);

const hostileInstant: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    '0000-01-01T00:00:00Z',
    '0000-01-01T00:00:00+23:59',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
    '9999-12-31T23:59:59-23:59',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T25:00:00Z',
    '2016-12-31T23:59:60Z',
    '2026-01-01T00:00:00+99:99',
    `2026-01-01T00:00:00.${'9'.repeat(100_000)}Z`,
    '2026-01-01t00:00:00z',
    '2026-01-01',
    '+012026-01-01T00:00:00Z',
    '-002026-01-01T00:00:00Z',
    '٢٠٢٦-٠١-٠١T00:00:00Z',
    'infinity',
    'now',
    'epoch',
    1_767_225_600,
  ),
  fc.date({ noInvalidDate: false }).map((date) => (Number.isNaN(date.getTime()) ? 'NaN' : date.toISOString())),
  hostileText,
);

const hostileNumber: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    -0,
    -1,
    1.5,
    2_147_483_647,
    2_147_483_648,
    -2_147_483_648,
    -2_147_483_649,
    Number.MAX_SAFE_INTEGER,
    Number.MAX_SAFE_INTEGER + 1,
    Number.MIN_VALUE,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    raw('1e400'),
    raw('-1e999'),
    raw(`1${'0'.repeat(400)}`),
    raw(`0.${'0'.repeat(400)}1`),
    '1',
    'NaN',
    'Infinity',
    true,
  ),
  fc.double(),
  fc.integer(),
);

const hostileSha: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    'a'.repeat(63),
    'a'.repeat(65),
    'A'.repeat(64),
    'g'.repeat(64),
    `${'a'.repeat(64)}\n`,
    '０'.repeat(64),
  ),
  hostileText,
);

const nested = (depth: number) => raw(`${'['.repeat(depth)}1${']'.repeat(depth)}`);

/** What is of no type that was asked for. */
const wrongType: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, {}, [], [[]], true, 5, 'x', { [MARK]: 1 }, [null], { toString: 1 }),
  fc.constantFrom(10, 1_000, 5_000).map(nested),
  fc.anything({ maxDepth: 3, withNullPrototype: false }).filter(isJson),
);

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  ID: hostileId,
  Slug: hostileSlug,
  DateTime: hostileInstant,
  Sha256: hostileSha,
  Int: hostileNumber,
  Float: hostileNumber,
  Boolean: fc.constantFrom<unknown>('true', 1, 0, null, [true]),
};

/** Values at, beside and beyond the limits of an input type, and such as are of another type altogether. */
export function hostileFor(type: GraphQLInputType): fc.Arbitrary<unknown> {
  const named = getNullableType(type);
  const weighted = (arbitrary: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: wrongType });
  if (isListType(named)) {
    const item = hostileFor(named.ofType);
    const long = fc.constantFrom(51, 501, 10_000);
    return weighted(
      fc.oneof(
        fc.array(item, { maxLength: 3 }),
        long.chain((length) => item.map((one) => Array.from({ length: lengthFor(one, length) }, () => one))),
        item,
      ),
    );
  }
  if (isEnumType(named)) {
    const names = named.getValues().map(({ name }) => name);
    return weighted(fc.constantFrom<unknown>(...names, names[0]?.toLowerCase(), `${names[0]} `, '__proto__', 0, MARK));
  }
  if (isInputObjectType(named)) return wrongType;
  return weighted(SCALARS[named.name] ?? hostileText);
}

/** No request may be larger than a body may be, or nothing but that would be tried. */
function lengthFor(item: unknown, wanted: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(500_000 / (JSON.stringify(item)?.length ?? 1))));
}
