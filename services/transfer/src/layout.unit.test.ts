import { canonicalJson, fromWire, toWire } from '@qtm/service-kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EntryFile, type Place, pathOf, placeOf, readFile, type TransferFile, written } from './domain/layout.ts';
import { checkLayout, type Found } from './domain/layout-check.ts';
import {
  FAR,
  filesOf,
  lived,
  PEOPLE,
  type Register,
  type Step,
  seeded,
  takenOver,
  uuidOf,
} from './domain/test/histories.ts';
import { REASON_TYPES } from './domain/transfer.ts';

const WIRE = { canonicalJson, toWire, fromWire };
/** Another one each time; whoever wants a run again puts what was printed in its place. */
const SEED = Date.now() % 2 ** 31;

const step: fc.Arbitrary<Step> = fc.record({
  command: fc.constantFrom(
    'propose',
    'propose',
    'accept',
    'accept',
    'complete',
    'complete',
    'reject',
    'cancel',
    'void',
    'expire',
    'add_evidence',
  ),
  object: fc.nat(2),
  by: fc.nat(3),
  to: fc.nat(3),
  policy: fc.record({
    distinctActors: fc.constantFrom('strict', 'literal'),
    acceptedExpiresS: fc.constantFrom(null, 864_000),
    proposedExpiresS: fc.constantFrom(null, 432_000),
    requiredCredentials: fc.constantFrom([], ['insured', 'bonded']),
    coolOffS: fc.constantFrom(0, 500),
  }),
  reasonType: fc.constantFrom(null, ...REASON_TYPES),
  words: fc.constantFrom('', 's3://deed/1', 'ärger “€” \u{1f4dc}', '\u0001"\\'),
});
const steps = fc.array(step, { maxLength: 60, size: 'max' });

/** Every file of a register, by its path. */
function layoutOf(register: Register): ReadonlyMap<string, string> {
  const { entries, transfers } = filesOf(register);
  const files = new Map<string, string>();
  for (const { objectId, file } of entries) {
    files.set(pathOf({ kind: 'entry', objectClass: 'operator', objectId }), written(file, WIRE));
  }
  for (const file of transfers) {
    const { transferId, objectClass, objectId, state } = file;
    files.set(pathOf({ kind: 'history', transferId }), written(file, WIRE));
    if (state !== 'proposed' && state !== 'accepted') continue;
    files.set(pathOf({ kind: 'index', objectClass, objectId }), written({ transferId }, WIRE));
  }
  return files;
}

/** Reads the files and takes them over. */
function imported(files: ReadonlyMap<string, string>): Register {
  const entries: { objectId: string; file: EntryFile }[] = [];
  const transfers: TransferFile[] = [];
  for (const [path, content] of files) {
    const place = placeOf(path) as Place;
    const read = readFile(place, content, WIRE);
    if ('fault' in read) throw new Error(`${path} ${read.fault}`);
    if (place.kind === 'entry') entries.push({ objectId: place.objectId, file: read.value as EntryFile });
    if (place.kind === 'history') transfers.push(read.value as TransferFile);
  }
  const register = takenOver(entries, transfers);
  if ('code' in register) throw new Error(`${register.code} ${JSON.stringify(register.details)}`);
  return register;
}

const found = (files: ReadonlyMap<string, string>): ReadonlyMap<string, Found> =>
  new Map([...files].map(([path, content]) => [path, { content }]));

describe('whatever the rules make of a register', () => {
  test('is consistent as files, and is exported byte by byte as it was imported', () => {
    const states = new Set<string>();
    fc.assert(
      fc.property(steps, (past) => {
        const register = lived(seeded(), past);
        const files = layoutOf(register);
        for (const { transfer } of register.transfers.values()) states.add(transfer.state);
        const { faults, stale, recovered, broken } = checkLayout(found(files), FAR, WIRE);
        expect({ faults, stale, recovered, broken }).toEqual({ faults: [], stale: [], recovered: [], broken: [] });
        expect(layoutOf(imported(files))).toEqual(files);
      }),
      { seed: SEED, numRuns: 400 },
    );
    expect([...states].sort()).toEqual([
      'accepted',
      'canceled',
      'completed',
      'expired',
      'proposed',
      'rejected',
      'voided',
    ]);
  });

  test('goes on after an import, and what it is then can be imported again', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const files = layoutOf(lived(imported(layoutOf(lived(seeded(), before))), after));
        expect(checkLayout(found(files), FAR, WIRE).faults).toEqual([]);
        expect(layoutOf(imported(files))).toEqual(files);
      }),
      { seed: SEED, numRuns: 150 },
    );
  });
});

describe('a path', () => {
  test.each<[Place, string]>([
    [{ kind: 'entry', objectClass: 'operator', objectId: 'nypd' }, 'access/operators/nypd.json'],
    [{ kind: 'membership', identityId: PEOPLE[0] as string }, `access/memberships/${PEOPLE[0]}.json`],
    [{ kind: 'history', transferId: uuidOf(4, 1) }, `governance/transfers/${uuidOf(4, 1)}.json`],
    [{ kind: 'index', objectClass: 'operator', objectId: 'nypd' }, 'governance/transfer-index/nypd.json'],
    [{ kind: 'entry', objectClass: 'asset', objectId: 'Lot 7/a' }, 'access/objects/asset/Lot%207%2Fa.json'],
    [{ kind: 'index', objectClass: 'asset', objectId: '..' }, 'governance/transfer-index/asset/...json'],
    [
      { kind: 'entry', objectClass: 'asset', objectId: 'a'.repeat(200) },
      `access/objects/asset/${'a'.repeat(200)}.json`,
    ],
  ])('says what is in its file: %j', (place, path) => {
    expect(pathOf(place)).toBe(path);
    expect(placeOf(path)).toEqual(place);
  });

  test.each([
    'access/operators/nypd',
    'access/operators/NYPD.json',
    'access/operators/ny/pd.json',
    'access/operators/-nypd.json',
    'access/operators/nypd-.json',
    'access/operators/%E4.json',
    'policies/operators/nypd.json',
    'access/operators/.json',
    'access/operators/../operators/nypd.json',
    'access/objects/operator/nypd.json',
    'access/objects/asset.json',
    'access/objects/Asset/lot.json',
    'access/objects/asset/lot%2.json',
    'access/objects/asset/%6cot.json',
    'access/objects/asset/a/b.json',
    `access/objects/asset/${'a'.repeat(201)}.json`,
    'access/memberships/nobody.json',
    `access/memberships/${'A'.repeat(8)}-0000-7000-8000-000000000001.json`,
    `governance/transfers/${uuidOf(4, 1)}/more.json`,
    'governance/transfers/1.json',
    'governance/transfer-index/asset/.json',
    'governance/policies/operator.json',
    '/access/operators/nypd.json',
    'README.md',
    '',
  ])('of another form says nothing: %j', (path) => {
    expect(placeOf(path)).toBeUndefined();
  });
});
