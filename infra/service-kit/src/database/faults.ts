import { DatabaseError } from 'pg';

/** What a failed statement means to a command. */
export type DatabaseFault =
  | { readonly kind: 'guard' }
  | { readonly kind: 'unique'; readonly rule: string }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'again' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'away' }
  | { readonly kind: 'other' };

const KINDS: Readonly<Record<string, 'guard' | 'malformed' | 'again' | 'busy'>> = {
  QT001: 'guard',
  '22P02': 'malformed', // a value that its type cannot read, such as an id that is no uuid
  '22003': 'malformed',
  '22021': 'malformed', // NUL, which no text of the database holds
  '40001': 'again',
  '40P01': 'again', // deadlock: the other one went on
  '55P03': 'busy', // a lock was not had in time
  '57014': 'busy', // a statement took too long
  '53300': 'busy', // no connection left
};

/** Reads the fault behind an error: 'away' where the server itself is at fault and may be well again, 'other' where it is none of the database's making. */
export function faultOf(error: unknown): DatabaseFault {
  if (!(error instanceof DatabaseError)) {
    const timedOut = error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect');
    return { kind: timedOut ? 'busy' : isPassing(error) ? 'away' : 'other' };
  }
  if (error.code === '23505') return { kind: 'unique', rule: error.constraint ?? '' };
  return { kind: KINDS[error.code ?? ''] ?? (isPassing(error) ? 'away' : 'other') };
}

/** Classes of SQLSTATE that speak of the database's state, not of what was asked of it: the same may pass when tried again. */
const PASSING_CLASSES = new Set(['08', '25', '40', '53', '55', '57', '58', 'XX']);
/** How the driver and its pool begin their own complaints about a connection; they carry no code. */
const DRIVER_COMPLAINTS = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed',
  'Cannot use a pool after calling end',
];
/** Codes of the operating system (`ECONNRESET`); those of Node itself begin with `ERR_`. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/;

/** True for what is at fault around a statement (server, connection, network) and may be gone next time. */
export function isPassing(error: unknown): boolean {
  if (error instanceof DatabaseError) return PASSING_CLASSES.has((error.code ?? 'XX').slice(0, 2));
  if (!(error instanceof Error)) return false;
  if (SYSTEM_CODE.test(String((error as { code?: unknown }).code))) return true;
  return DRIVER_COMPLAINTS.some((beginning) => error.message.startsWith(beginning));
}
