import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { PrincipalKind } from '../process/session.ts';

/** One of the grounds on which a transition may rest. */
export type Ground = { readonly role: string } | { readonly relation: string };

/** One row of the matrix: who may make one transition. */
export interface MatrixRow {
  readonly transition: string;
  readonly seed: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly principals: readonly PrincipalKind[];
  readonly anyOf: readonly Ground[];
  readonly allOf: readonly string[];
  /** What is asked at its owner just before the transaction, by the names under which the command says what that is. */
  readonly confirm: readonly string[];
}

/** The law in force in one service. `version` is the hash of its file. */
export interface Matrix {
  readonly version: string;
  readonly rows: ReadonlyMap<string, MatrixRow>;
}

/** Reads a matrix file. Its form is checked by the contract's own schema at build. */
export function loadMatrix(path: string): Matrix {
  const text = readFileSync(path, 'utf8');
  return parseMatrix(text);
}

export function parseMatrix(text: string): Matrix {
  const rows = new Map<string, MatrixRow>();
  for (const row of parse(text) as Partial<MatrixRow>[]) {
    const { transition, anyOf = [], principals = [], allOf = [], confirm = [], from = [], to = '', seed = '' } = row;
    if (transition === undefined) throw new Error('a matrix row names no transition');
    if (rows.has(transition)) throw new Error(`two matrix rows for ${transition}`);
    if (anyOf.length === 0 || principals.length === 0) throw new Error(`the matrix row of ${transition} allows nobody`);
    rows.set(transition, { transition, seed, from, to, principals, anyOf, allOf, confirm });
  }
  return { version: createHash('sha256').update(text).digest('hex'), rows };
}
