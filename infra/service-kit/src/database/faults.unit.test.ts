import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import { faultOf } from './faults.ts';

function said(code: string): DatabaseError {
  return Object.assign(new DatabaseError('', 0, 'error'), { code });
}

test.each([
  ['a deadlock', said('40P01'), 'again'],
  ['a lock that was not had in time', said('55P03'), 'busy'],
  ['a statement that took too long', said('57014'), 'busy'],
  ['a pool that has no connection left', new Error('timeout exceeded when trying to connect'), 'busy'],
  ['a server that goes down', said('57P01'), 'away'],
  ['one that has crashed', said('57P02'), 'away'],
  ['one that starts', said('57P03'), 'away'],
  ['a full disk', said('53100'), 'away'],
  ['a write that fails', said('58030'), 'away'],
  ['a lost connection', new Error('Connection terminated unexpectedly'), 'away'],
  ['a refused one', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'away'],
  ['an id that is no uuid', said('22P02'), 'malformed'],
  ['a guard that did not hold', said('QT001'), 'guard'],
  ['a statement that is wrong', said('42601'), 'other'],
  ['a bug of ours', new TypeError('x is not a function'), 'other'],
])('%s', (_, error, kind) => {
  expect(faultOf(error).kind).toBe(kind);
});

test('a rule that is broken is named', () => {
  const broken = Object.assign(said('23505'), { constraint: 'journal_one_row_per_version' });
  expect(faultOf(broken)).toEqual({ kind: 'unique', rule: 'journal_one_row_per_version' });
});
