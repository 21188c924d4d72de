import { DatabaseError } from 'pg';

/** What a failed statement means to a command. */
export type DatabaseFault =
  | { readonly kind: 'guard' }
  | { readonly kind: 'unique'; readonly rule: string }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'again' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'other' };

const KINDS: Readonly<Record<string, 'guard' | 'malformed' | 'again' | 'busy'>> = {
  QT001: 'guard',
  '22P02': 'malformed', // a value that its type cannot read, such as an id that is no uuid
  '22003': 'malformed',
  '40001': 'again',
  '40P01': 'again', // deadlock: the other one went on
  '55P03': 'busy', // a lock was not had in time
  '57014': 'busy', // a statement took too long
  '53300': 'busy', // no connection left
};

/** Reads the fault behind an error; 'other' where it is none of the database's making. */
export function faultOf(error: unknown): DatabaseFault {
  if (!(error instanceof DatabaseError)) {
    const timedOut = error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect');
    return { kind: timedOut ? 'busy' : 'other' };
  }
  if (error.code === '23505') return { kind: 'unique', rule: error.constraint ?? '' };
  return { kind: KINDS[error.code ?? ''] ?? 'other' };
}
