import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { entryId, lock, type RegisterEntry, seed, TRANSITIONS, unlock } from './register-entry.ts';
import { entryWith, HOLDER, NOW } from './test/samples.ts';

const FREE = { lockable: true, activeTransfer: undefined, openImport: undefined };
const LOCKED = entryWith({ state: 'LOCKED' });
const HELD = entryWith({ state: 'HELD' });

const fact = (name: string, after: RegisterEntry) => [
  { kind: 'event', name, aggregate: 'register_entry', after, data: {} },
];

test('an entry is seeded, imported, locked and unlocked, and nothing else', () => {
  expect(TRANSITIONS).toEqual({
    NONE: { seed: 'HELD', import: 'HELD' },
    HELD: { lock: 'LOCKED', import: 'HELD' },
    LOCKED: { unlock: 'HELD' },
  });
});

test('an entry is named by class and object', () => {
  expect(entryId('operator', 'north-crew')).toBe('operator:north-crew');
});

test('an object enters the register with whoever its owner named, at version 1, since its onboarding', () => {
  const what = { objectClass: 'operator', objectId: 'nypd', holderIdentityId: HOLDER, eventId: 'event-1', since: NOW };
  expect([seed(what)]).toEqual(
    fact('register_entry_seeded', {
      id: 'operator:nypd',
      state: 'HELD',
      objectClass: 'operator',
      objectId: 'nypd',
      holderIdentityId: HOLDER,
      registerVersion: 1,
      setBy: 'onboarding',
      setById: 'event-1',
      since: NOW,
    }),
  );
});

describe('a lock', () => {
  test('is set on an object that is held; who holds it, and at which version, stays', () => {
    expect(lock(HELD, FREE)).toEqual(fact('object_locked', { ...HELD, state: 'LOCKED' }));
  });

  test.each([
    [
      'where the policy allows none',
      HELD,
      { lockable: false },
      refuse('LOCKS_NOT_ALLOWED', { objectClass: 'operator' }),
    ],
    ['where there is one', LOCKED, {}, refuse('WRONG_STATE')],
    [
      'T-TR-30 deny: under a transfer',
      HELD,
      { activeTransfer: 'transfer-2' },
      refuse('TRANSFER_ACTIVE', { transferId: 'transfer-2' }),
    ],
    ['while an import is open', HELD, { openImport: 'import-1' }, refuse('IMPORT_OPEN', { importId: 'import-1' })],
    // Where several hold, in this order.
    [
      'where all of them hold',
      LOCKED,
      { lockable: false, activeTransfer: 'transfer-2', openImport: 'import-1' },
      refuse('LOCKS_NOT_ALLOWED', { objectClass: 'operator' }),
    ],
    ['where there is one, under a transfer', LOCKED, { activeTransfer: 'transfer-2' }, refuse('WRONG_STATE')],
  ])('is not set %s', (_, entry, facts, refusal) => {
    expect(lock(entry, { ...FREE, ...facts })).toEqual(refusal);
  });

  test('is taken off whatever the policy says', () => {
    expect(unlock(LOCKED)).toEqual(fact('object_unlocked', { ...LOCKED, state: 'HELD' }));
  });

  test('is not taken off where there is none', () => {
    expect(unlock(HELD)).toEqual(refuse('WRONG_STATE'));
  });
});
