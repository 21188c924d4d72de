import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ternary } from '../command/fact.ts';
import { evaluate } from './evaluate.ts';
import { loadMatrix, type MatrixRow, parseMatrix } from './matrix.ts';

const ROW: MatrixRow = {
  transition: 'job.claim',
  seed: 'S1:30',
  from: ['QUEUED'],
  to: 'CLAIMED',
  principals: ['HUMAN'],
  anyOf: [{ relation: 'executes_for' }, { role: 'governor' }],
  allOf: ['identity_active', 'operator_active'],
  confirm: [],
};
const VALUES: readonly Ternary[] = [true, false, 'unknown'];

function answersOf(kind: 'HUMAN' | 'SERVICE' | 'AGENT', values: Readonly<Record<string, Ternary>>) {
  const answer = (name: string) => values[name] ?? false;
  return { kind, role: answer, condition: answer };
}

describe('evaluate', () => {
  test('every combination of three-valued answers: allowed only where a ground and every condition hold', () => {
    const seen = { allowed: 0, denied: 0, unknown: 0, challenged: 0 };
    for (const executes_for of VALUES)
      for (const governor of VALUES)
        for (const identity_active of VALUES)
          for (const operator_active of VALUES) {
            const values = { executes_for, governor, identity_active, operator_active };
            const { outcome } = evaluate(ROW, answersOf('HUMAN', values));
            const grounds = [executes_for, governor];
            const conditions = [identity_active, operator_active];
            const never = conditions.includes(false) || grounds.every((ground) => ground === false);
            const always = grounds.includes(true) && conditions.every((condition) => condition === true);
            expect(outcome, JSON.stringify(values)).toBe(never ? 'denied' : always ? 'allowed' : 'unknown');
            seen[outcome] += 1;
          }
    expect(seen).toEqual({ allowed: 5, denied: 49, unknown: 27, challenged: 0 });
  });

  test.each(['SERVICE', 'AGENT'] as const)('%s is denied before anything is looked up', (kind) => {
    const asked: string[] = [];
    const ask = (name: string) => {
      asked.push(name);
      return true;
    };
    const evaluation = evaluate(ROW, { kind, role: ask, condition: ask });
    const clauses = [{ clause: 'principals', group: 'principals', holds: false }];
    expect(evaluation).toEqual({ outcome: 'denied', clause: 'principals', clauses });
    expect(asked).toEqual([]);
  });

  test('names the ground it rests on, the first in the order of the file', () => {
    const all = { executes_for: true, governor: true, identity_active: true, operator_active: true };
    expect(evaluate(ROW, answersOf('HUMAN', all)).clause).toBe('executes_for');
    expect(evaluate(ROW, answersOf('HUMAN', { ...all, executes_for: false })).clause).toBe('role:governor');
  });

  test('names the clause that stands in the way', () => {
    const all = { executes_for: true, identity_active: true, operator_active: false };
    expect(evaluate(ROW, answersOf('HUMAN', all)).clause).toBe('operator_active');
    expect(evaluate(ROW, answersOf('HUMAN', { ...all, operator_active: true, executes_for: false })).clause).toBe(
      'anyOf',
    );
  });
});

describe('a row that takes a session proved again a moment ago', () => {
  const asking = (allOf: readonly string[]): MatrixRow => ({ ...ROW, allOf });

  test.each([
    ['first', ['session_fresh', 'identity_active', 'operator_active']],
    ['in between', ['identity_active', 'session_fresh', 'operator_active']],
    ['last', ['identity_active', 'operator_active', 'session_fresh']],
  ])('asks for it after everything else, also where it stands %s', (_, allOf) => {
    const seen = { allowed: 0, denied: 0, unknown: 0, challenged: 0 };
    for (const executes_for of VALUES)
      for (const governor of VALUES)
        for (const identity_active of VALUES)
          for (const operator_active of VALUES)
            for (const session_fresh of [true, false]) {
              const others = { executes_for, governor, identity_active, operator_active };
              const without = evaluate(ROW, answersOf('HUMAN', others));
              const { outcome, clause } = evaluate(asking(allOf), answersOf('HUMAN', { ...others, session_fresh }));
              const challenged = without.outcome === 'allowed' && !session_fresh;
              const expected = challenged ? ['challenged', 'session_fresh'] : [without.outcome, without.clause];
              expect([outcome, clause], JSON.stringify({ ...others, session_fresh })).toEqual(expected);
              seen[outcome] += 1;
            }
    expect(seen).toEqual({ allowed: 5, denied: 98, unknown: 54, challenged: 5 });
  });

  test('says of a session that is not fresh that it does not hold', () => {
    const values = { executes_for: true, identity_active: true };
    const { clauses } = evaluate(asking(['identity_active', 'session_fresh']), answersOf('HUMAN', values));
    expect(clauses.at(-1)).toEqual({ clause: 'session_fresh', group: 'allOf', holds: false });
  });

  test('never challenges a kind of principal that it does not name', () => {
    const { outcome } = evaluate(asking(['session_fresh']), answersOf('AGENT', { executes_for: true }));
    expect(outcome).toBe('denied');
  });
});

test('tells every clause: which group it is of, and whether it holds', () => {
  const values = {
    executes_for: false,
    governor: 'unknown',
    identity_active: true,
    operator_active: 'unknown',
  } as const;
  expect(evaluate(ROW, answersOf('HUMAN', values))).toEqual({
    outcome: 'unknown',
    clause: 'role:governor',
    clauses: [
      { clause: 'principals', group: 'principals', holds: true },
      { clause: 'executes_for', group: 'anyOf', holds: false },
      { clause: 'role:governor', group: 'anyOf', holds: 'unknown' },
      { clause: 'identity_active', group: 'allOf', holds: true },
      { clause: 'operator_active', group: 'allOf', holds: 'unknown' },
    ],
  });
});

describe('parseMatrix', () => {
  const text = `
- transition: job.claim
  seed: S1:30
  from: [QUEUED]
  to: CLAIMED
  principals: [HUMAN]
  anyOf: [{ relation: executes_for }, { role: governor }]
  allOf: [identity_active, operator_active]
`;

  test('gives the rows by their transitions, and the hash of the text as version', () => {
    const version = createHash('sha256').update(text).digest('hex');
    expect(parseMatrix(text)).toEqual({ version, rows: new Map([['job.claim', ROW]]) });
  });

  test('reads a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
    writeFileSync(join(folder, 'authority.yaml'), text);
    expect(loadMatrix(join(folder, 'authority.yaml'))).toEqual(parseMatrix(text));
    rmSync(folder, { recursive: true });
  });

  test('what a row leaves out is empty', () => {
    const { rows } = parseMatrix('- {transition: a.b, principals: [HUMAN], anyOf: [{role: x}]}');
    expect(rows.get('a.b')).toMatchObject({ seed: '', from: [], to: '', allOf: [], confirm: [] });
  });

  test.each(['principals: [HUMAN]', 'anyOf: [{role: x}]'])('a row with %s alone allows nobody', (part) => {
    expect(() => parseMatrix(`- {transition: a.b, ${part}}`)).toThrow('the matrix row of a.b allows nobody');
  });

  test('tells what a row wants confirmed', () => {
    const { rows } = parseMatrix('- {transition: a.b, principals: [HUMAN], anyOf: [{role: x}], confirm: [c, d]}');
    expect(rows.get('a.b')?.confirm).toEqual(['c', 'd']);
  });

  test('a row that allows nobody, a row without a name and two rows of one transition do not load', () => {
    expect(() => parseMatrix('- {transition: a.b, principals: [HUMAN]}')).toThrow('allows nobody');
    expect(() => parseMatrix('- {principals: [HUMAN], anyOf: [{role: x}]}')).toThrow('names no transition');
    const row = '- {transition: a.b, principals: [HUMAN], anyOf: [{role: x}]}\n';
    expect(() => parseMatrix(row + row)).toThrow('two matrix rows');
  });

  test('its version changes with its text', () => {
    const row = '- {transition: a.b, principals: [HUMAN], anyOf: [{role: x}]}\n';
    expect(parseMatrix(row).version).not.toBe(parseMatrix(`${row}\n`).version);
  });
});
