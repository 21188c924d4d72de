import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { close, open, type RegisterImport, TRANSITIONS } from './register-import.ts';
import { afterOf, factsOf, frozen, LATER, NOW, SUPER_ADMIN } from './test/samples.ts';

const ID = '018f2b7c-0000-7000-8000-0000000000aa';
const MANIFEST = 'a'.repeat(64);
const OPENING = { id: ID, manifestSha256: MANIFEST, by: SUPER_ADMIN, now: NOW };
const EMPTY = { open: undefined, transfers: 0, entries: 0 };
const opened = frozen(afterOf(open(OPENING, EMPTY)) as RegisterImport);
const TAKEN = { entries: 2, transfers: 3, manifestSha256: MANIFEST, untold: 0 };

test('an import is opened and closed, and nothing else', () => {
  expect(TRANSITIONS).toEqual({ NONE: { open: 'OPEN' }, OPEN: { close: 'CLOSED' }, CLOSED: {} });
});

describe('opening', () => {
  test('says what is to come', () => {
    const [fact] = factsOf(open(OPENING, EMPTY));
    const after = { id: ID, state: 'OPEN', manifestSha256: MANIFEST, openedBy: SUPER_ADMIN, openedAt: NOW };
    expect(fact).toMatchObject({ name: 'register_import_opened', aggregate: 'register_import', data: {} });
    expect(fact?.after).toEqual({ ...after, closedAt: null, complete: null });
  });

  test.each([
    [{ ...EMPTY, open: 'another' }, refuse('IMPORT_OPEN', { importId: 'another' })],
    [{ ...EMPTY, transfers: 1 }, refuse('REGISTER_NOT_EMPTY', { transfers: '1', entries: '0' })],
    [{ ...EMPTY, entries: 1 }, refuse('REGISTER_NOT_EMPTY', { transfers: '0', entries: '1' })],
  ])('is refused beside another, or where anything was decided: %j', (facts, refusal) => {
    expect(open(OPENING, facts)).toEqual(refusal);
  });
});

describe('closing', () => {
  test('ends it, and says that all of it came', () => {
    const [fact] = factsOf(close(opened, TAKEN, LATER));
    expect(fact).toMatchObject({ name: 'register_import_closed', aggregate: 'register_import' });
    expect(fact?.data).toEqual({ entries: 2, transfers: 3 });
    expect(fact?.after).toEqual({ ...opened, state: 'CLOSED', closedAt: LATER, complete: true });
  });

  test.each([{ manifestSha256: 'b'.repeat(64) }, { untold: 1 }])('records that something is missing: %j', (change) => {
    expect(afterOf(close(opened, { ...TAKEN, ...change }, LATER))).toMatchObject({ state: 'CLOSED', complete: false });
  });

  test('is for good', () => {
    const closed = afterOf(close(opened, TAKEN, LATER)) as RegisterImport;
    expect(close(closed, TAKEN, LATER)).toEqual(refuse('WRONG_STATE'));
  });
});
