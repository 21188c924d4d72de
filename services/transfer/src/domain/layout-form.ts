/** Forms of what a file says: each looks at a value and tells what is wrong with it, and at which key. */

export interface FormFault {
  readonly at: string;
  readonly what: string;
}

/** Undefined where the value has the form. */
export type Form = (value: unknown, at: string) => FormFault | undefined;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.\d{6}Z$/;
const OBJECT_CLASS = /^[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*$/;
const MAX_CLASS_LENGTH = 40;

export const isUuid = (value: string): boolean => UUID.test(value);
export const isObjectClass = (value: string): boolean => value.length <= MAX_CLASS_LENGTH && OBJECT_CLASS.test(value);

/** Text that PostgreSQL and UTF-8 can hold, of so many characters (code points). */
export function text(least: number, most: number): Form {
  return (value, at) => {
    if (typeof value !== 'string') return { at, what: 'is no text' };
    if (value.includes('\0') || !value.isWellFormed()) return { at, what: 'holds NUL or half of a surrogate pair' };
    const { length } = [...value];
    return length >= least && length <= most ? undefined : { at, what: `has not ${least} to ${most} characters` };
  };
}

function matching(holds: (value: string) => boolean, what: string): Form {
  return (value, at) => (typeof value === 'string' && holds(value) ? undefined : { at, what: `is no ${what}` });
}

export const uuid = matching(isUuid, 'UUID in lower case');
export const sha256 = matching((value) => SHA256.test(value), 'SHA-256 of 64 lower-case hexadecimal digits');
export const objectClass = matching(isObjectClass, 'name of a class of objects');
/** Of the one form in which text order is time order, and on a day that there is. */
export const instant = matching(isInstant, 'instant such as 2026-01-05T10:00:00.123456Z');

function isInstant(value: string): boolean {
  const [, seconds] = INSTANT.exec(value) ?? [];
  const time = Date.parse(`${seconds}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(`${seconds}.`);
}

export const boolean: Form = (value, at) =>
  typeof value === 'boolean' ? undefined : { at, what: 'is neither true nor false' };

/** The largest integer that the tables hold. */
const MAX_INTEGER = 2_147_483_647;

export function integer(least: number): Form {
  return (value, at) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= MAX_INTEGER
      ? undefined
      : { at, what: `is no integer from ${least} to ${MAX_INTEGER}` };
}

export function oneOf(...allowed: readonly string[]): Form {
  return (value, at) =>
    allowed.includes(value as string) ? undefined : { at, what: `is none of ${allowed.join(', ')}` };
}

export function nullable(form: Form): Form {
  return (value, at) => (value === null ? undefined : form(value, at));
}

/** Of at most so many. */
export function listOf(form: Form, most: number): Form {
  return (value, at) => {
    if (!Array.isArray(value)) return { at, what: 'is no list' };
    if (value.length > most) return { at, what: `has more than ${most}` };
    return first(value.map((item, index) => () => form(item, `${at}[${index}]`)));
  };
}

/** The same, each text once. */
export function distinct(form: Form, most: number): Form {
  return (value, at) => {
    const fault = listOf(form, most)(value, at);
    if (fault !== undefined) return fault;
    const texts = value as readonly string[];
    return new Set(texts).size === texts.length ? undefined : { at, what: 'has a text twice' };
  };
}

/** At least one text, each once, in the order of their characters: one set has one form. */
export function sorted(form: Form, most: number): Form {
  return (value, at) => {
    const fault = distinct(form, most)(value, at);
    if (fault !== undefined) return fault;
    const texts = value as readonly string[];
    if (texts.length === 0) return { at, what: 'has none' };
    const ordered = texts.every((one, index) => index === 0 || (texts[index - 1] as string) < one);
    return ordered ? undefined : { at, what: 'is not in order' };
  };
}

/** An object with exactly these keys. */
export function object(forms: Readonly<Record<string, Form>>): Form {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { at, what: 'is no object' };
    const given = new Map(Object.entries(value));
    const further = [...given.keys()].find((key) => !Object.hasOwn(forms, key));
    if (further !== undefined) return { at: below(at, further), what: 'is no key of this file' };
    return first(
      Object.entries(forms).map(([key, form]) => () => {
        const path = below(at, key);
        return given.has(key) ? form(given.get(key), path) : { at: path, what: 'is missing' };
      }),
    );
  };
}

const below = (at: string, key: string) => (at === '' ? key : `${at}.${key}`);

/** The first fault there is; what follows it is not looked at. */
function first(checks: readonly (() => FormFault | undefined)[]): FormFault | undefined {
  for (const check of checks) {
    const fault = check();
    if (fault !== undefined) return fault;
  }
  return undefined;
}
