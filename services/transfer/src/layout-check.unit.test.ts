import { canonicalJson, fromWire, toWire } from '@qtm/service-kit';
import { describe, expect, test } from 'vitest';
import { type IndexFile, type MembershipFile, pathOf, type TransferFile, written } from './domain/layout.ts';
import { type Checked, checkLayout, type Found } from './domain/layout-check.ts';
import { FAR, PEOPLE, uuidOf } from './domain/test/histories.ts';
import { ENTRY, FILES } from './domain/test/layouts.ts';

const WIRE = { canonicalJson, toWire, fromWire };
const { first, rejected, second, voided, accepted } = FILES;
const MISSING = uuidOf(4, 99);

const NYPD = 'access/operators/nypd.json';
const INDEX = 'governance/transfer-index/nypd.json';
const MEMBER = `access/memberships/${PEOPLE[0]}.json`;
const pathTo = ({ transferId }: TransferFile) => pathOf({ kind: 'history', transferId });

const of = (file: Parameters<typeof written>[0]): Found => ({ content: written(file, WIRE) });
const index = (transferId: string): Found => of({ transferId } satisfies IndexFile);

/** A register of one operator, whole; files in the place of others, or none. */
function check(change: Readonly<Record<string, Found | null>> = {}): Checked {
  const files = new Map<string, Found>([
    [NYPD, of(ENTRY)],
    [MEMBER, of({ operatorSlugs: ['nypd'] } satisfies MembershipFile)],
    [INDEX, index(accepted.transferId)],
    ...[first, rejected, second, voided, accepted].map((file) => [pathTo(file), of(file)] as const),
  ]);
  for (const [path, found] of Object.entries(change)) {
    if (found === null) files.delete(path);
    else files.set(path, found);
  }
  return checkLayout(files, FAR, WIRE);
}
const faultsOf = ({ faults }: Checked) => faults.map(({ path, what }) => `${path} ${what}`);

test('a whole register is taken as it is', () => {
  const { files, entries, transfers, memberships, indexes, ...notes } = check();
  expect([files, entries.length, transfers.length, memberships.length, indexes]).toEqual([8, 1, 5, 1, 1]);
  expect(entries[0]).toMatchObject({ path: NYPD, objectClass: 'operator', objectId: 'nypd', file: ENTRY });
  expect(entries[0]?.content).toBe(written(ENTRY, WIRE));
  expect(memberships[0]).toMatchObject({ identityId: PEOPLE[0], file: { operatorSlugs: ['nypd'] } });
  expect(notes).toEqual({ stale: [], recovered: [], broken: [], faults: [] });
});

describe('an index file', () => {
  const ended = [first, rejected, second, voided] as const;

  test.each(ended)(
    'T-TR-13 allow: that points to a transfer that is $state is stale, and the active one is recovered',
    (one) => {
      const { stale, recovered, faults, indexes } = check({ [INDEX]: index(one.transferId) });
      expect(stale).toEqual([{ path: INDEX, what: `transfer ${one.transferId} is ${one.state}` }]);
      expect(recovered).toEqual([
        { path: INDEX, what: `transfer ${accepted.transferId} is accepted and holds operator:nypd` },
      ]);
      expect([faults, indexes]).toEqual([[], 0]);
    },
  );

  test('T-TR-38 allow: that points to what is missing is stale, and protects nothing', () => {
    const { stale, recovered, faults } = check({ [INDEX]: index(MISSING), [pathTo(accepted)]: null });
    expect(stale).toEqual([{ path: INDEX, what: `transfer ${MISSING} is missing` }]);
    expect([recovered, faults]).toEqual([[], []]);
  });

  test('T-TR-38 deny: that is missing frees nothing: the active transfer holds its object', () => {
    const { stale, recovered, faults } = check({ [INDEX]: null });
    expect(recovered.map(({ path }) => path)).toEqual([INDEX]);
    expect([stale, faults]).toEqual([[], []]);
  });

  test.each<[string, Found, string]>([
    [INDEX, { content: '{' }, 'is no JSON'],
    [INDEX, { content: '{}\n' }, 'transfer_id is missing'],
    [INDEX, { fault: 'cannot be read' }, 'cannot be read'],
    ['governance/transfer-index/NYPD.json', index(accepted.transferId), 'is no path of the layout'],
    [
      'governance/transfer-index/dot.json',
      index(accepted.transferId),
      `transfer ${accepted.transferId} is of operator:nypd`,
    ],
  ])('that is broken is reported, and what it should say is recovered: %s %j', (path, found, what) => {
    const { broken, recovered, faults } = check({ [INDEX]: null, [path]: found });
    expect(broken).toEqual([{ path, what }]);
    expect([recovered.length, faults]).toEqual([1, []]);
  });

  test('of two for one object the one that is not of it is broken', () => {
    const path = 'governance/transfer-index/asset/nypd.json';
    const { broken, recovered, indexes } = check({ [path]: index(accepted.transferId) });
    expect(broken).toEqual([{ path, what: `transfer ${accepted.transferId} is of operator:nypd` }]);
    expect([recovered, indexes]).toEqual([[], 1]);
  });
});

describe('a fault names its file', () => {
  test.each<[string, Record<string, Found | null>, string]>([
    ['no path of the layout', { 'README.md': { content: 'x' } }, 'README.md is no path of the layout'],
    ['a file that cannot be read', { [NYPD]: { fault: 'is no UTF-8' } }, `${NYPD} is no UTF-8`],
    ['a broken membership', { [MEMBER]: { content: '{}' } }, `${MEMBER} operator_slugs is missing`],
    [
      'a membership of no operator',
      { [MEMBER]: of({ operatorSlugs: ['dot', 'nypd'] }) },
      `${MEMBER} there is no entry of the operator dot`,
    ],
    [
      'an entry without the transfer that set it',
      { [pathTo(second)]: null },
      `${NYPD} there is no transfer ${second.transferId}, which set it`,
    ],
    [
      'an entry with a gap behind it',
      { [pathTo(first)]: null },
      `${NYPD} no completed transfer tells of its version 2`,
    ],
    [
      'an entry that cannot be',
      { [NYPD]: of({ ...ENTRY, updatedAt: '2100-01-01T00:00:00.000000Z' }) },
      `${NYPD} updated_at is later than now`,
    ],
    [
      'a transfer that cannot be',
      { [pathTo(rejected)]: of({ ...rejected, endedBy: null }) },
      `${pathTo(rejected)} ended_by does not fit the state rejected`,
    ],
    [
      'a transfer beside its entry',
      {
        [pathTo(second)]: of({
          ...second,
          endedAt: FAR,
          transitions: second.transitions.map((one, at) => (at === 2 ? { ...one, at: FAR } : one)),
        }),
      },
      `${pathTo(second)} ended_at is not the entry's updated_at`,
    ],
    [
      'two active transfers',
      { [`governance/transfers/${MISSING}.json`]: of({ ...accepted, transferId: MISSING }) },
      `${pathTo(accepted)} transfer ${MISSING} of the object is accepted, too`,
    ],
  ])('%s', (_, change, fault) => {
    expect(faultsOf(check(change))).toContain(fault);
  });

  test('of whichever two transfers of an object contradict each other', () => {
    const last = uuidOf(4, 0xffffff);
    const path = `governance/transfers/${last}.json`;
    const faults = faultsOf(check({ [path]: of({ ...accepted, transferId: last }) }));
    expect(faults).toEqual([`${path} transfer ${accepted.transferId} of the object is accepted, too`]);
  });

  test('every transfer of an object without an entry', () => {
    const faults = faultsOf(check({ [NYPD]: null, [MEMBER]: null }));
    expect(faults).toEqual(
      [first, rejected, second, voided, accepted]
        .map((file) => `${pathTo(file)} there is no entry of operator:nypd`)
        .sort(),
    );
  });

  test('and none hides another', () => {
    const change = {
      'b.txt': { content: '' },
      'a.txt': { content: '' },
      [MEMBER]: { content: '' },
      [pathTo(first)]: null,
    };
    expect(check(change).faults.map(({ path }) => path)).toEqual(['a.txt', MEMBER, NYPD, 'b.txt']);
  });
});

test('an empty folder holds an empty register', () => {
  expect(checkLayout(new Map(), FAR, WIRE)).toEqual({
    files: 0,
    entries: [],
    transfers: [],
    memberships: [],
    indexes: 0,
    stale: [],
    recovered: [],
    broken: [],
    faults: [],
  });
});
