import {
  type PersonalRef,
  type Refusal,
  refuse,
  type TextFaultCode,
  textFault as textFaultOf,
} from '@qtm/service-kit/domain';

export type LimitCode = TextFaultCode | 'TEXT_MISSING' | 'VALUE_MALFORMED';

/** Most characters (Unicode code points). */
export const MAX_NOTE_LENGTH = 20_000;
export const MAX_REASON_LENGTH = 4_000;

/** A personal text of a command: what was said, to be checked, and the reference that stands for it. */
export interface PersonalText {
  readonly text: string;
  readonly ref: PersonalRef;
}

/** What forbids to keep a text that must say something. */
export function textFault(field: string, text: string, limit: number): Refusal<LimitCode> | undefined {
  return textFaultOf(field, text, limit) ?? (text.trim() === '' ? refuse('TEXT_MISSING', { field }) : undefined);
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
