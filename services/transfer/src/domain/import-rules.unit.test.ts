import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { type ImportEntryFacts, importEntry } from './import-entry.ts';
import { type ImportTransferFacts, importTransfer } from './import-transfer.ts';
import type { TransferFile } from './layout.ts';
import { FAR } from './test/histories.ts';
import { ENTRY, FILES } from './test/layouts.ts';
import { codeOf, entryWith, factsOf } from './test/samples.ts';

const SOURCE = {
  importId: '018f2b7c-0000-7000-8000-0000000000aa',
  path: 'access/operators/nypd.json',
  sha256: 'f'.repeat(64),
};
const NYPD = { objectClass: 'operator', objectId: 'nypd' };
const { path, importId } = SOURCE;

describe('an entry', () => {
  const EMPTY: ImportEntryFacts = { importState: 'OPEN', classKnown: true, entry: undefined, transfers: 0 };
  const onboarded = entryWith({ holderIdentityId: ENTRY.identityId, registerVersion: 1, since: ENTRY.updatedAt });
  const taken = (facts: Partial<ImportEntryFacts>, file = ENTRY, now = FAR) =>
    importEntry(NYPD, file, SOURCE, { ...EMPTY, ...facts }, now);

  test('enters as the file says it, with the hash of the file', () => {
    const [fact, ...others] = factsOf(taken({}));
    expect(others).toEqual([]);
    expect(fact).toMatchObject({ name: 'register_entry_imported', aggregate: 'register_entry' });
    expect(fact?.data).toEqual({ importId, path, setBy: ENTRY.setBy });
    expect(fact?.after).toEqual({
      id: 'operator:nypd',
      state: 'HELD',
      ...NYPD,
      holderIdentityId: ENTRY.identityId,
      registerVersion: 3,
      setBy: 'import',
      setById: SOURCE.sha256,
      since: ENTRY.updatedAt,
    });
  });

  test('of an object that was onboarded says how its holder came to it', () => {
    expect(factsOf(taken({ entry: onboarded }))).toEqual(factsOf(taken({})));
  });

  const another = entryWith({ setBy: 'import', setById: 'a'.repeat(64) });
  test.each<[string, Partial<ImportEntryFacts>, ReturnType<typeof refuse>]>([
    ['no import', { importState: undefined }, refuse('IMPORT_NOT_OPEN', { importId, path })],
    ['a closed import', { importState: 'CLOSED' }, refuse('IMPORT_NOT_OPEN', { importId, path })],
    ['an unknown class', { classKnown: false }, refuse('OBJECT_CLASS_UNKNOWN', { objectClass: 'operator', path })],
    ['the same file again', { entry: { ...another, setById: SOURCE.sha256 } }, refuse('ALREADY_IMPORTED', { path })],
    [
      'another file',
      { entry: another },
      refuse('FILE_CONTRADICTS', { path, what: 'operator:nypd came from another file' }),
    ],
    ['a transfer here', { entry: onboarded, transfers: 1 }, refuse('REGISTER_NOT_EMPTY', { path, transfers: '1' })],
    [
      'a transferred object',
      { entry: { ...onboarded, setBy: 'transfer' } },
      refuse('REGISTER_NOT_EMPTY', { path, transfers: '0' }),
    ],
    [
      'another holder',
      { entry: entryWith() },
      refuse('HOLDER_DIFFERS', { path, holder: entryWith().holderIdentityId }),
    ],
    [
      'a holder since later than the onboarding',
      { entry: { ...onboarded, since: '2020-01-01T00:00:00.000000Z' } },
      refuse('FILE_CONTRADICTS', {
        path,
        what: 'updated_at is later than the onboarding here, 2020-01-01T00:00:00.000000Z',
      }),
    ],
    ['a lock', { entry: { ...onboarded, state: 'LOCKED' } }, refuse('WRONG_STATE', { path })],
  ])('is refused: %s', (_, facts, refusal) => {
    expect(taken(facts)).toEqual(refusal);
  });

  test('is refused where it cannot be', () => {
    const what = 'updated_at is later than now';
    expect(taken({}, ENTRY, '2020-01-01T00:00:00.000000Z')).toEqual(refuse('FILE_CONTRADICTS', { path, what }));
  });
});

describe('a transfer', () => {
  const { first, second, rejected, accepted } = FILES;
  const entry = entryWith({
    holderIdentityId: ENTRY.identityId,
    registerVersion: ENTRY.registerVersion,
    setBy: 'import',
    since: ENTRY.updatedAt,
  });
  const FACTS: ImportTransferFacts = {
    importState: 'OPEN',
    classKnown: true,
    entry,
    entrySetBy: ENTRY.setBy,
    there: undefined,
    others: [],
    knownReference: undefined,
  };
  const taken = (facts: Partial<ImportTransferFacts> = {}, file: TransferFile = second, now = FAR) =>
    importTransfer(file, SOURCE, { ...FACTS, ...facts }, now);

  test.each(Object.entries(FILES))(
    'that was %s enters as it stood, with every transition and the hash of the file',
    (_, file) => {
      const others = Object.values(FILES).filter((one) => one !== file);
      const [fact, ...further] = factsOf(taken({ others }, file));
      expect(further).toEqual([]);
      const { transferId: id, transitions, ...said } = file;
      expect(fact).toMatchObject({ name: 'transfer_imported', aggregate: 'transfer' });
      expect(fact?.after).toEqual({ ...said, id, importedFrom: SOURCE.sha256 });
      expect(fact?.data).toEqual({ importId, path, transitions });
    },
  );

  const contradicts = (what: string) => refuse('FILE_CONTRADICTS', { path, what });
  test.each<[string, Partial<ImportTransferFacts>, ReturnType<typeof refuse>]>([
    ['no import', { importState: undefined }, refuse('IMPORT_NOT_OPEN', { importId, path })],
    ['a closed import', { importState: 'CLOSED' }, refuse('IMPORT_NOT_OPEN', { importId, path })],
    ['an unknown class', { classKnown: false }, refuse('OBJECT_CLASS_UNKNOWN', { objectClass: 'operator', path })],
    ['the same file again', { there: SOURCE.sha256 }, refuse('ALREADY_IMPORTED', { path })],
    ['one of its id', { there: 'a'.repeat(64) }, contradicts(`there is a transfer ${second.transferId} already`)],
    [
      'one of its id that was proposed here',
      { there: null },
      contradicts(`there is a transfer ${second.transferId} already`),
    ],
    ['no entry', { entry: undefined }, refuse('ENTRY_NOT_IMPORTED', { path, ...NYPD })],
    [
      'an entry that was onboarded',
      { entry: { ...entry, setBy: 'onboarding' } },
      refuse('ENTRY_NOT_IMPORTED', { path, ...NYPD }),
    ],
    [
      'an entry that was transferred here',
      { entry: { ...entry, setBy: 'transfer' } },
      refuse('ENTRY_NOT_IMPORTED', { path, ...NYPD }),
    ],
    ['an entry of no file', { entrySetBy: undefined }, refuse('ENTRY_NOT_IMPORTED', { path, ...NYPD })],
    [
      'words that were given here',
      { knownReference: 'ref-1' },
      contradicts('ref-1 refers to a reason that was given here'),
    ],
    ['another history', { entrySetBy: 'transfer:1' }, contradicts('the entry says that transfer:1 set version 3')],
    [
      'another of the same version',
      { others: [{ ...second, transferId: 'other' }] },
      contradicts('transfer other was completed on the same version of the entry'),
    ],
  ])('is refused: %s', (_, facts, refusal) => {
    expect(taken(facts)).toEqual(refusal);
  });

  test('is held against every other transfer of the object, not the first alone', () => {
    const others = [rejected, { ...first, transferId: 'other', toIdentityId: rejected.toIdentityId }];
    const what = 'transfer other made another identity the holder at version 2';
    expect(taken({ others })).toEqual(contradicts(what));
  });

  test('T-TR-11 deny: is refused beside another active one, with which', () => {
    const others = [rejected, { ...accepted, transferId: 'other' }];
    expect(taken({ others }, accepted)).toEqual(refuse('TRANSFER_ACTIVE', { path, transferId: 'other' }));
    expect(codeOf(taken({ others: [rejected] }, accepted))).toBeUndefined();
    expect(codeOf(taken({ others: [accepted] }, second))).toBeUndefined();
  });

  test('is refused where it cannot be', () => {
    const decision = taken({}, { ...first, toIdentityId: first.fromIdentityId });
    expect(decision).toEqual(contradicts('to_identity_id is from_identity_id'));
    expect(codeOf(taken({}, second, '2026-01-01T00:00:00.000000Z'))).toBe('FILE_CONTRADICTS');
  });
});
