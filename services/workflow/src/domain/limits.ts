import { type PersonalRef, type Refusal, refuse } from '@qtm/service-kit/domain';

export type LimitCode = 'LIMIT_EXCEEDED' | 'TEXT_NOT_ALLOWED' | 'TEXT_MISSING' | 'VALUE_MALFORMED';

/** Most characters (Unicode code points). */
export const MAX_NOTE_LENGTH = 20_000;
export const MAX_REASON_LENGTH = 4_000;

/** A personal text of a command: what was said, to be checked, and the reference that stands for it. */
export interface PersonalText {
  readonly text: string;
  readonly ref: PersonalRef;
}

/**
 * What forbids to keep a text. Everything else is kept as given, C1 control characters included: only NUL (PostgreSQL) and half of
 * a surrogate pair (UTF-8) have no form in which they could be kept.
 */
export function textFault(field: string, text: string, limit: number): Refusal<LimitCode> | undefined {
  if (text.includes('\0') || !text.isWellFormed()) return refuse('TEXT_NOT_ALLOWED', { field });
  if (text.trim() === '') return refuse('TEXT_MISSING', { field });
  // UTF-16 units are never fewer than code points: the exact count is only made where it can matter.
  if (text.length > limit && [...text].length > limit) return exceeded(field, `${limit} characters`);
  return undefined;
}

export function numberFault(field: string, value: number, least: number, most: number): Refusal<LimitCode> | undefined {
  return value >= least && value <= most ? undefined : exceeded(field, `${least} to ${most}`);
}

export function formFault(field: string, value: string, form: RegExp, asWords: string): Refusal<LimitCode> | undefined {
  return form.test(value) ? undefined : refuse('VALUE_MALFORMED', { field, form: asWords });
}

export function exceeded(field: string, limit: string): Refusal<LimitCode> {
  return refuse('LIMIT_EXCEEDED', { field, limit });
}
