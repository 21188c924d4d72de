import { describe, expect, test } from 'vitest';
import { planOf, type Running, sha256Of } from './compare.ts';
import type { Checked } from './layout.ts';
import type { RunningEntry, RunningMembership, RunningTransfer } from './running.ts';

const [HOLDER, OTHER, MEMBER] = ['holder', 'other', 'member'];
const NYPD = { objectClass: 'operator', objectId: 'nypd' };
const entry = {
  ...NYPD,
  path: 'access/operators/nypd.json',
  content: 'the entry',
  file: { identityId: HOLDER, registerVersion: 2 },
};
const transfer = {
  path: 'governance/transfers/t1.json',
  content: 'the transfer',
  file: { ...NYPD, transferId: 't1', state: 'completed' },
};
const membership = {
  path: 'access/memberships/member.json',
  content: 'the membership',
  identityId: MEMBER,
  file: { operatorSlugs: ['nypd'] },
};
const CHECKED: Checked = {
  files: 3,
  entries: [entry],
  transfers: [transfer],
  memberships: [membership],
  indexes: 0,
  stale: [],
  recovered: [],
  broken: [],
  faults: [],
};

const EMPTY: Running = {
  entries: [],
  transfers: [],
  slugs: new Set(['nypd']),
  memberships: [],
  registered: new Set([MEMBER]),
};
const onboarded: RunningEntry = {
  ...NYPD,
  state: 'HELD',
  holderIdentityId: HOLDER,
  registerVersion: 1,
  setBy: 'onboarding',
  setById: 'event',
  since: 'then',
  importedFrom: null,
  importedSetBy: null,
};
const imported: RunningEntry = {
  ...onboarded,
  registerVersion: 2,
  setBy: 'import',
  importedFrom: sha256Of('the entry'),
};
const moved = (importedFrom: string | null, id = 't1'): RunningTransfer => ({
  state: { ...NYPD, id, state: 'completed', importedFrom },
  transitions: [],
});
const member: RunningMembership = { operator: 'nypd', identityId: MEMBER, state: 'ACTIVE', registerVersion: 2 };

const plan = (running: Partial<Running>) => planOf(CHECKED, { ...EMPTY, ...running });
const faultsOf = (running: Partial<Running>) => plan(running).faults.map(({ path, what }) => `${path}: ${what}`);

test('into an empty register everything is taken over', () => {
  expect(plan({})).toEqual({
    entries: [entry],
    transfers: [transfer],
    memberships: [{ path: membership.path, content: 'the membership', operator: 'nypd', identityId: MEMBER }],
    waiting: [],
    before: 0,
    faults: [],
  });
});

describe('what is there', () => {
  test('by an onboarding of the same holder, or of others, is in nobody’s way', () => {
    expect(faultsOf({ entries: [onboarded, { ...onboarded, objectId: 'dot', holderIdentityId: OTHER }] })).toEqual([]);
  });

  test.each<[string, Partial<Running>, string]>([
    [
      'another holder',
      { entries: [{ ...onboarded, holderIdentityId: OTHER }] },
      `${entry.path}: the running register names another holder, other`,
    ],
    ['a lock', { entries: [{ ...onboarded, state: 'LOCKED' }] }, `${entry.path}: its holder locked it`],
    [
      'another file',
      { entries: [{ ...imported, importedFrom: 'x' }] },
      `${entry.path}: the running register has the object by import`,
    ],
    [
      'a transfer',
      { entries: [{ ...onboarded, setBy: 'transfer' }] },
      `${entry.path}: the running register has the object by transfer`,
    ],
    [
      'a transfer of no file',
      { transfers: [moved(null, 't9')] },
      'no file: the running register has another transfer t9',
    ],
    [
      'a transfer of that id',
      { transfers: [moved(null)] },
      `${transfer.path}: the running register has another transfer t1`,
    ],
    [
      'an entry of no file',
      { entries: [{ ...imported, objectId: 'dot' }] },
      'no file: the running register has operator:dot by import',
    ],
  ])('is in the way: %s', (_, running, fault) => {
    expect(faultsOf(running)).toEqual([expect.stringContaining(fault)]);
  });

  test('of an earlier run is passed over, and the rest goes on', () => {
    const { entries, transfers, before, faults } = plan({ entries: [imported] });
    expect([entries, transfers, before, faults]).toEqual([[], [transfer], 1, []]);
  });

  test('is no fault once everything is in, however it went on from there', () => {
    const sold = { ...imported, setBy: 'transfer', holderIdentityId: OTHER, registerVersion: 3 };
    const running = { entries: [sold], transfers: [moved(sha256Of('the transfer')), moved(null, 't9')] };
    const { entries, transfers, memberships, before, faults } = plan(running);
    expect([entries, transfers, memberships.length, before, faults]).toEqual([[], [], 1, 2, []]);
  });
});

describe('a membership', () => {
  test('that is in force is not given again', () => {
    expect(plan({ memberships: [member] })).toMatchObject({ memberships: [], waiting: [] });
  });

  test.each([{ registerVersion: 1 }, { state: 'REMOVED' }, { identityId: OTHER }, { operator: 'dot' }])(
    'is given beside one that is not it: %j',
    (change) => {
      expect(plan({ memberships: [{ ...member, ...change }] }).memberships).toHaveLength(1);
    },
  );

  test.each<[Partial<Running>, string]>([
    [{ slugs: new Set(['dot']) }, 'the operator nypd is not onboarded there'],
    [{ registered: new Set([OTHER]) }, 'the identity is not registered there'],
  ])('waits for what there is not yet: %#', (running, what) => {
    expect(plan(running)).toMatchObject({ memberships: [], waiting: [{ path: membership.path, what }], faults: [] });
  });
});
