import { canonicalJson, fromWire, toWire } from '@qtm/service-kit';
import { describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES, type Place, type Read, readFile, type Transition, written } from './domain/layout.ts';
import { PEOPLE, uuidOf } from './domain/test/histories.ts';
import { ENTRY, FILES } from './domain/test/layouts.ts';

const WIRE = { canonicalJson, toWire, fromWire };
const { second } = FILES;
const ENTRY_PLACE: Place<'entry'> = { kind: 'entry', objectClass: 'operator', objectId: 'nypd' };
const TRANSFER_PLACE: Place<'history'> = { kind: 'history', transferId: second.transferId };
const MEMBER_PLACE: Place<'membership'> = { kind: 'membership', identityId: PEOPLE[0] as string };
const INDEX_PLACE: Place<'index'> = { kind: 'index', objectClass: 'operator', objectId: 'nypd' };

const faultOf = (read: Read<'entry'>) => ('fault' in read ? read.fault : 'none');
const read = (place: Place, value: unknown) =>
  faultOf(readFile(place, `${JSON.stringify(sorted(value))}\n`, WIRE) as Read<'entry'>);

/** The same with its keys in order, whatever it is. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

const entry = toWire(ENTRY) as Record<string, unknown>;
const transfer = toWire(second) as Record<string, unknown>;
/** Each key of the file alone, and of what it holds. */
const OF_TRANSFER = [
  ...Object.keys(transfer).map((key) => [key]),
  ...Object.keys(transfer.terms as object).map((key) => ['terms', key]),
  ...Object.keys((transfer.evidence as object[])[0] as object).map((key) => ['evidence', '0', key]),
  ...Object.keys((transfer.transitions as object[])[0] as object).map((key) => ['transitions', '0', key]),
  ...Object.keys(transfer.reason as object).map((key) => ['reason', key]),
];
const named = ([first, ...rest]: readonly string[]) =>
  rest.reduce((path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : `${path}.${key}`), first ?? '');

/** The transfer with another value at a path; without it, where the value is undefined. */
function changed(path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(transfer);
  // biome-ignore lint/suspicious/noExplicitAny: walks whatever the path leads to
  let at: any = copy;
  for (const key of path.slice(0, -1)) at = at[key];
  if (value === undefined) delete at[path.at(-1) ?? ''];
  else at[path.at(-1) ?? ''] = value;
  return copy;
}

test('what files say is read as it was written', () => {
  expect(readFile(ENTRY_PLACE, written(ENTRY, WIRE), WIRE)).toEqual({ value: ENTRY });
  expect(readFile(TRANSFER_PLACE, written(second, WIRE), WIRE)).toEqual({ value: second });
  const member = { operatorSlugs: ['dot', 'nypd'] };
  expect(readFile(MEMBER_PLACE, '{"operator_slugs":["dot","nypd"]}\n', WIRE)).toEqual({ value: member });
  expect(written(member, WIRE)).toBe('{"operator_slugs":["dot","nypd"]}\n');
  const transferId = uuidOf(4, 1);
  expect(readFile(INDEX_PLACE, `{"transfer_id":"${transferId}"}\n`, WIRE)).toEqual({ value: { transferId } });
});

describe('a transfer', () => {
  test.each(OF_TRANSFER.map((path) => [named(path), path] as const))(
    'says %s, and says it in its form',
    (name, path) => {
      expect(read(TRANSFER_PLACE, changed(path, undefined))).toBe(`${name} is missing`);
      for (const value of [7.5, 'no such word', { no: 'such key' }, [[]], '\0']) {
        const isText = ['object_id', 'transition', 'actor_id', 'clause', 'media_type', 'storage_ref'].includes(
          path.at(-1) ?? '',
        );
        if (isText && value === 'no such word') continue;
        expect(read(TRANSFER_PLACE, changed(path, value)), JSON.stringify(value)).toMatch(new RegExp(`^${path[0]}`));
      }
    },
  );

  test.each(OF_TRANSFER.map((path) => [named(path), path] as const))('says nothing beside: %s', (_, path) => {
    const beside = [...path.slice(0, -1), 'wallet'];
    expect(read(TRANSFER_PLACE, changed(beside, null))).toBe(`${named(beside)} is no key of this file`);
  });

  const NULLABLE = [
    'reason',
    'reason_type',
    'accepted_by',
    'accepted_at',
    'ended_by',
    'ended_at',
    'end_reason',
    'waived_by',
  ];
  test.each(Object.keys(transfer))('may be silent on what there need not be, and on nothing else: %s', (key) => {
    const fault = read(TRANSFER_PLACE, changed([key], null));
    if ([...NULLABLE, 'to_register_version'].includes(key)) expect(fault).toBe('none');
    else expect(fault).toContain(key);
  });

  test.each<[string[], unknown, string]>([
    [['state'], 'COMPLETED', 'is none of proposed, accepted, completed, rejected, canceled, expired, voided'],
    [
      ['reason_type'],
      'gift',
      'is none of sale, delegation, internal_reassignment, succession, recovery, dispute_resolution',
    ],
    [['object_class'], 'Operator', 'is no name of a class'],
    [['object_class'], 'a'.repeat(41), 'is no name of a class'],
    [['object_id'], '', 'has not 1 to 200 characters'],
    [['object_id'], 'a'.repeat(201), 'has not 1 to 200 characters'],
    [['from_register_version'], 0, 'is no integer from 1'],
    [['from_register_version'], 2_147_483_648, 'is no integer from 1'],
    [['to_register_version'], 1, 'is no integer from 2'],
    [['proposed_by'], (PEOPLE[0] as string).replace('1', 'A'), 'is no UUID'],
    [['proposed_at'], '2026-02-30T10:00:00.000000Z', 'is no instant'],
    [['proposed_at'], '2026-01-05T24:00:00.000000Z', 'is no instant'],
    [['proposed_at'], '2026-01-05T10:00:00Z', 'is no instant'],
    [['proposed_at'], '2026-01-05T10:00:00.000000+00:00', 'is no instant'],
    [['terms', 'cool_off_s'], -1, 'is no integer from 0'],
    [['terms', 'policy_version'], 0, 'is no integer from 1'],
    [['terms', 'required_credentials'], ['bonded', 'bonded'], 'has a text twice'],
    [['terms', 'required_credentials'], Array.from({ length: 21 }, (_, at) => `c${at}`), 'has more than 20'],
    [['terms', 'required_credentials'], [''], 'has not 1 to'],
    [['terms', 'voidable'], 'true', 'is neither true nor false'],
    [['evidence', '0', 'sha256'], 'A'.repeat(64), 'is no SHA-256'],
    [['evidence', '0', 'sha256'], 'a'.repeat(63), 'is no SHA-256'],
    [['evidence', '0', 'sha256'], 'a'.repeat(65), 'is no SHA-256'],
    [['object_class'], 'a_', 'is no name of a class'],
    [['object_class'], 'a_-b', 'is no name of a class'],
    [['proposed_at'], ' 2026-01-05T10:00:00.000000Z', 'is no instant'],
    [['proposed_at'], '2026-01-05T10:00:00.000000Z ', 'is no instant'],
    [['evidence', '0', 'media_type'], 'a'.repeat(128), 'has not 0 to 127'],
    [['evidence', '0', 'storage_ref'], 'a'.repeat(1_025), 'has not 0 to 1024'],
    [['evidence', '0', 'storage_ref'], '\ud800', 'half of a surrogate pair'],
    [['evidence'], 'none', 'is no list'],
    [['evidence'], Array.from({ length: 61 }, () => (transfer.evidence as object[])[0]), 'has more than 60'],
    [['transitions'], Array.from({ length: 61 }, () => (transfer.transitions as object[])[0]), 'has more than 60'],
    [['transitions', '0'], null, 'is no object'],
    [['reason'], [], 'is no object'],
  ])('keeps the limits: %j is not %j', (path, value, what) => {
    const fault = read(TRANSFER_PLACE, changed(path, value));
    expect(fault).toContain(named(path));
    expect(fault).toContain(what);
  });

  test('may reach the limits', () => {
    for (const [path, value] of [
      [['object_class'], `a_bc_d${'e'.repeat(34)}`],
      [['object_class'], 'a'],
      [['object_id'], 'a'.repeat(200)],
      [['evidence', '0', 'kind'], 'STATEMENT'],
      [['evidence', '0', 'kind'], 'REFERENCE'],
      [['evidence'], Array.from({ length: 60 }, () => (transfer.evidence as object[])[0])],
      [['evidence', '0', 'storage_ref'], '\u{1f4dc}'.repeat(1_024)],
      [['evidence', '0', 'media_type'], ''],
      [['from_register_version'], 2_147_483_647],
      [['proposed_at'], '2028-02-29T23:59:59.999999Z'],
    ] as const) {
      expect(read(TRANSFER_PLACE, changed(path, value))).toBe('none');
    }
  });

  test('is named after itself', () => {
    const other = uuidOf(4, 99);
    expect(read({ kind: 'history', transferId: other }, transfer)).toContain(`than ${second.transferId}`);
  });
});

describe('a membership', () => {
  test.each([
    [{ operator_slugs: [] }, 'operator_slugs has none'],
    [{ operator_slugs: ['nypd', 'dot'] }, 'operator_slugs is not in order'],
    [{ operator_slugs: ['dot', 'dot'] }, 'operator_slugs has a text twice'],
    [{ operator_slugs: [1] }, 'operator_slugs[0] is no text'],
    [{ operator_slugs: 'dot' }, 'operator_slugs is no list'],
    [{}, 'operator_slugs is missing'],
  ])('lists each operator once, in order: %j', (value, what) => {
    expect(read(MEMBER_PLACE, value)).toBe(what);
  });
});

describe('an entry', () => {
  test.each([
    [{ ...entry, register_version: '1' }, 'register_version is no integer'],
    [{ ...entry, set_by: '' }, 'set_by has not 1 to 200 characters'],
    [{ ...entry, set_by: 'a'.repeat(201) }, 'set_by has not 1 to 200 characters'],
    [{ ...entry, balance: 1 }, 'balance is no key of this file'],
    [{ ...entry, identity_id: null }, 'identity_id is no UUID in lower case'],
    [{ ...entry, identity_id: `a${entry.identity_id}` }, 'identity_id is no UUID in lower case'],
    [{ ...entry, identity_id: `${entry.identity_id}a` }, 'identity_id is no UUID in lower case'],
    [[], 'is no object'],
    [null, 'is no object'],
    ['text', 'is no object'],
  ])('says what an entry says: %j', (value, what) => {
    expect(read(ENTRY_PLACE, value)).toContain(what);
  });
});

describe('one meaning has one form', () => {
  const text = written(ENTRY, WIRE);

  test.each([
    ['without its newline', text.trim()],
    ['with two', `${text}\n`],
    ['with a carriage return', text.replace('\n', '\r\n')],
    ['with blanks', `${JSON.stringify(entry, null, 2)}\n`],
    ['in another order', `${JSON.stringify(Object.fromEntries(Object.entries(sorted(entry) as object).reverse()))}\n`],
    ['with a number written otherwise', text.replace(':3,', ':3.0,')],
    ['with a sign written otherwise', text.replace('"transfer:', '"\\u0074ransfer:')],
    ['with a key twice', text.replace('{', '{"register_version":2,')],
  ])('a file %s is not it', (_, content) => {
    expect(content).not.toBe(text);
    expect(faultOf(readFile(ENTRY_PLACE, content, WIRE))).toContain('RFC 8785');
  });

  test('what is no JSON, or no object of it, says nothing', () => {
    for (const content of ['', 'not json', '{', `\uFEFF${text}`, `${'['.repeat(100_000)}\n`, '{"a":NaN}', '[]', '1']) {
      expect(faultOf(readFile(ENTRY_PLACE, content, WIRE))).toMatch(/^is no (?:JSON|object)$/);
    }
  });

  test('a file has a limit, in bytes', () => {
    const filled = (bytes: number) => ' '.repeat(bytes);
    expect(faultOf(readFile(ENTRY_PLACE, filled(MAX_FILE_BYTES), WIRE))).toBe('is no JSON');
    expect(faultOf(readFile(ENTRY_PLACE, filled(MAX_FILE_BYTES + 1), WIRE))).toBe('has 524289 bytes, more than 524288');
    expect(faultOf(readFile(ENTRY_PLACE, 'ä'.repeat(MAX_FILE_BYTES / 2 + 1), WIRE))).toContain('more than 524288');
  });

  test('a transfer with all that may be put to evidence, every sign escaped, keeps it', () => {
    const longest = { ...second.evidence[0], mediaType: '\u0001'.repeat(127), storageRef: '\u0001'.repeat(1_024) };
    const evidence = Array.from({ length: 50 }, () => longest as never);
    const hashes = evidence.map(() => 'f'.repeat(64));
    const transitions = evidence.map((_, index) => {
      return { ...(second.transitions[0] as Transition), evidenceSha256: hashes.slice(0, index + 1) };
    });
    expect(written({ ...second, evidence, transitions }, WIRE).length).toBeLessThan(MAX_FILE_BYTES);
  });
});
