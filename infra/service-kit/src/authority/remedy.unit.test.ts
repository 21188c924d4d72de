import { describe, expect, test } from 'vitest';
import type { ClauseResult } from './evaluate.ts';
import type { MatrixRow } from './matrix.ts';
import { KIT_REMEDIES, remedyOf } from './remedy.ts';

const ROW: MatrixRow = {
  transition: 'request.submit',
  seed: 'S1:13',
  from: ['NONE'],
  to: 'CONVERTED',
  principals: ['HUMAN', 'SERVICE'],
  anyOf: [{ role: 'requester' }, { relation: 'system_origin' }],
  allOf: ['identity_active'],
  confirm: [],
};
const REMEDIES = { ...KIT_REMEDIES, system_origin: 'it takes origin SYSTEM' };

const of = (clause: string, group: ClauseResult['group'], holds: ClauseResult['holds']) =>
  remedyOf({ clause, group, holds }, ROW, REMEDIES);

describe('what would have to change', () => {
  test.each([
    ['principals', 'principals', 'it takes a session of kind HUMAN or SERVICE'],
    ['role:requester', 'anyOf', 'it takes the role requester'],
    ['system_origin', 'anyOf', 'it takes origin SYSTEM'],
    ['identity_active', 'allOf', 'your identity must be registered, and not suspended'],
    ['session_fresh', 'allOf', 'you must prove again who you are: sign in anew, then repeat it'],
  ] as const)('for %s to hold', (clause, group, remedy) => {
    expect(of(clause, group, false)).toBe(remedy);
    expect(of(clause, group, 'unknown')).toBe(
      'a fact that this rests on cannot be known at the moment; ask again later',
    );
    expect(of(clause, group, true)).toBeNull();
  });

  test('a clause that nobody explains is a fault of the service', () => {
    expect(() => of('role', 'anyOf', false)).toThrow("request.submit: the clause 'role' has no remedy");
  });
});
