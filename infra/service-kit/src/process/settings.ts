/** The one door to the environment: every setting of a process is declared, parsed and explained here, and nowhere else. */
import { accessSync, constants, readFileSync } from 'node:fs';

/** How one setting is read. `parse` throws an Error whose message says what a right value looks like, and never the value of a secret. */
export interface Setting<T> {
  /** What it is for: its line in `docs/SETTINGS.md`. */
  readonly description: string;
  /** What a right value looks like. */
  readonly form: string;
  /** What a number counts. */
  readonly unit?: string;
  /** True where whoever reads the value can act as this process: it belongs into a file that only the process reads. */
  readonly secret?: boolean;
  readonly parse: (text: string) => T;
  /** Used where the variable is absent; a setting without one is required. */
  readonly fallback?: T;
}

export type SettingsSpec = Readonly<Record<string, Setting<unknown>>>;
export type Settings<S extends SettingsSpec> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};
export type Environment = Readonly<Record<string, string | undefined>>;

/** One line that names every variable that is missing or wrong. */
export class SettingsError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`wrong settings: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

/** Put behind the name of any setting: the path of a file that holds its value, as secrets are handed to containers. */
const FILE_SUFFIX = '_FILE';
/** No setting has one; a file's last line break is not part of its value. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Reads all settings of a process and reports every fault at once.
 * @throws SettingsError naming each variable that is missing or wrong
 */
export function readSettings<S extends SettingsSpec>(spec: S, env: Environment = process.env): Settings<S> {
  const faults: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(spec)) {
    try {
      const text = textOf(name, env);
      if (text === undefined) {
        if ('fallback' in setting) settings[name] = setting.fallback;
        else faults.push(`${name} is not set: ${setting.description}`);
      } else {
        settings[name] = setting.parse(text);
      }
    } catch (cause) {
      faults.push(`${name}: ${(cause as Error).message}`);
    }
  }
  if (faults.length > 0) throw new SettingsError(faults);
  return settings as Settings<S>;
}

/** An empty variable counts as absent, as it does in compose files. */
function textOf(name: string, env: Environment): string | undefined {
  const [given, path] = [env[name] || undefined, env[`${name}${FILE_SUFFIX}`] || undefined];
  if (given !== undefined && path !== undefined) throw new Error(`set together with ${name}${FILE_SUFFIX}`);
  const text = path === undefined ? given : readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  if (text === '') throw new Error(`${path} is empty`);
  if (text !== undefined && CONTROL_CHARACTER.test(text)) throw new Error('holds a control character');
  return text;
}

/** What a text must look like, as a pattern and in words. */
export interface Form {
  readonly pattern: RegExp;
  readonly words: string;
}

export const WORD: Form = { pattern: /^\S+$/, words: 'text without spaces' };
export const HOST_NAME: Form = { pattern: /^[\w.:-]+$/, words: 'host name or IP address' };
export const HOST_AND_PORT: Form = { pattern: /^(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i, words: 'host:port' };

export function text(description: string, form: Form): Setting<string>;
export function text(description: string, form: Form, fallback: string): Setting<string>;
export function text(description: string, { pattern, words }: Form, fallback?: string): Setting<string> {
  const setting = {
    description,
    form: words,
    parse(value: string) {
      if (!pattern.test(value)) throw new Error(`not ${words}`);
      return value;
    },
  };
  return fallback === undefined ? setting : { ...setting, fallback };
}

export function secret<T>(setting: Setting<T>): Setting<T> {
  return { ...setting, secret: true };
}

/** The path of a file that is there and can be read. */
export function file(description: string, fallback: string): Setting<string> {
  return {
    description,
    form: 'path of a file',
    fallback,
    parse(value) {
      accessSync(value, constants.R_OK);
      return value;
    },
  };
}

/** A whole number between `min` and `max`, both included. */
export function integer(
  description: string,
  bounds: { min: number; max: number; unit?: string },
  fallback: number,
): Setting<number> {
  const form = `whole number from ${bounds.min} to ${bounds.max}`;
  return {
    description,
    form,
    ...(bounds.unit === undefined ? {} : { unit: bounds.unit }),
    fallback,
    parse(value) {
      const number = Number(value);
      if (!/^-?\d+$/.test(value) || number < bounds.min || number > bounds.max)
        throw new Error(`'${value}' is no ${form}`);
      return number;
    },
  };
}

/** An address of one of these schemes; only its form is checked. */
export function address(description: string, schemes: readonly string[] = ['http', 'https']): Setting<string> {
  const form = `${schemes[0]}://host:port/path`;
  return {
    description,
    form,
    parse(value) {
      if (!URL.canParse(value) || !schemes.some((scheme) => new URL(value).protocol === `${scheme}:`))
        throw new Error(`not an address of the form ${form}`);
      return value;
    },
  };
}

/** The address of a PostgreSQL database, with user and password in it. */
export function database(description: string): Setting<string> {
  return secret(address(description, ['postgres', 'postgresql']));
}

/** Several values of one kind, separated by commas; at least one. */
export function list<T>(
  description: string,
  item: Pick<Setting<T>, 'form' | 'parse'>,
  fallback?: readonly T[],
): Setting<readonly T[]> {
  const setting = {
    description,
    form: `${item.form}, separated by commas`,
    parse(value: string) {
      const items = value.split(',').map((one) => one.trim());
      if (items.some((one) => one === '')) throw new Error('not a list separated by commas');
      return items.map((one) => item.parse(one));
    },
  };
  return fallback === undefined ? setting : { ...setting, fallback };
}

/** Addresses of Kafka brokers. */
export function brokers(description: string): Setting<readonly string[]> {
  return list(description, text('', HOST_AND_PORT));
}

export function oneOf<const T extends string>(description: string, values: readonly T[], fallback: T): Setting<T> {
  return {
    description,
    form: values.join(', '),
    fallback,
    parse(value) {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined) throw new Error(`'${value}' is none of ${values.join(', ')}`);
      return found;
    },
  };
}

/** Parts of a claim's path: dots lead into objects. */
const CLAIM: Form = { pattern: /^[^\s.]+(?:\.[^\s.]+)*$/, words: 'names separated by dots' };

/** Settings of every process, services and gateway alike. */
export const PROCESS_SETTINGS = {
  QTM_HOST: text('address to listen on', HOST_NAME, '127.0.0.1'),
  QTM_PORT: integer('TCP port to listen on; 0 takes a free one', { min: 0, max: 65_535 }, 0),
  QTM_LOG_LEVEL: oneOf(
    'least severe level written',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'info',
  ),
  QTM_ISSUER: text('`iss` of accepted sessions; identities derive from it, so it never changes', WORD),
  QTM_AUDIENCE: text('`aud` of accepted sessions', WORD),
  QTM_JWKS_URL: address('where the issuer publishes its keys'),
  QTM_ROLES_CLAIM: text('claim that holds the roles; dots lead into objects', CLAIM, 'roles'),
  QTM_DRAIN_TIMEOUT_MS: integer(
    'longest wait for open requests at shutdown',
    { min: 0, max: 300_000, unit: 'ms' },
    10_000,
  ),
  QTM_BODY_LIMIT_BYTES: integer('largest request body', { min: 1_024, max: 16_777_216, unit: 'bytes' }, 1_048_576),
} as const;

export type ProcessSettings = Settings<typeof PROCESS_SETTINGS>;

/** Sets a variable that a library reads and has no option for; before the library is loaded. */
export function setForLibrary(name: string, value: string): void {
  process.env[name] = value;
}
