import { waitFor } from '@qtm/local';
import { type Observed, rowsOf } from '../harness/topics.ts';

export interface Holding {
  readonly operator: string;
  readonly holder: string;
}

export interface Registered {
  readonly operators: number;
  /** A line for each operator of which the register says something else than operator does, or nothing. */
  readonly findings: readonly string[];
}

const CAUGHT_UP_TIMEOUT_MS = 10_000;

/** Holds the register against the operators there are, once it had time to hear of the last of them. */
export async function registeredIn(observed: Observed): Promise<Registered> {
  const look = async (): Promise<Registered> => {
    const operators = await rowsOf<Holding>(
      observed,
      'operator',
      'select id as operator, holder_identity_id as holder from operator order by id',
    );
    const entries = await rowsOf<Holding>(
      observed,
      'transfer',
      "select object_id as operator, holder_identity_id as holder from register_entry where object_class = 'operator'",
    );
    return { operators: operators.length, findings: unlike(operators, entries) };
  };
  const agrees = async () => {
    const registered = await look();
    return registered.findings.length === 0 ? registered : undefined;
  };
  const what = 'the register names every operator as operator does';
  return waitFor(agrees, { timeoutMs: CAUGHT_UP_TIMEOUT_MS, what }).catch(look);
}

/** What the register says of operators that operator itself does not. */
export function unlike(operators: readonly Holding[], entries: readonly Holding[]): readonly string[] {
  const registered = new Map(entries.map(({ operator, holder }) => [operator, holder]));
  return operators.flatMap(({ operator, holder }) => {
    const found = registered.get(operator);
    if (found === holder) return [];
    return [
      `${operator} is held by ${holder}, ${found === undefined ? 'the register has no entry of it' : `the register names ${found}`}`,
    ];
  });
}
