/** The one door to the environment: every setting of a process is declared, parsed and explained here, and nowhere else. */

/** How one setting is read. `parse` throws an Error whose message says what a right value looks like. */
export interface Setting<T> {
  readonly description: string;
  readonly parse: (text: string) => T;
  /** Used where the variable is absent; a setting without one is required. */
  readonly fallback?: T;
}

export type SettingsSpec = Readonly<Record<string, Setting<unknown>>>;
export type Settings<S extends SettingsSpec> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

export class SettingsError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`wrong settings:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/**
 * Reads all settings of a process and reports every fault at once.
 * @throws SettingsError naming each variable that is missing or wrong
 */
export function readSettings<S extends SettingsSpec>(
  spec: S,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings<S> {
  const faults: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(spec)) {
    const text = env[name];
    if (text === undefined || text === '') {
      if ('fallback' in setting) settings[name] = setting.fallback;
      else faults.push(`${name} is not set: ${setting.description}`);
      continue;
    }
    try {
      settings[name] = setting.parse(text);
    } catch (cause) {
      faults.push(`${name}: ${(cause as Error).message}`);
    }
  }
  if (faults.length > 0) throw new SettingsError(faults);
  return settings as Settings<S>;
}

export function text(description: string): Setting<string>;
export function text(description: string, fallback: string): Setting<string>;
export function text(description: string, fallback?: string): Setting<string> {
  const setting = { description, parse: (value: string) => value };
  return fallback === undefined ? setting : { ...setting, fallback };
}

/** A whole number between `min` and `max`, both included; the unit is the last word of the variable's name. */
export function integer(description: string, bounds: { min: number; max: number }, fallback: number): Setting<number> {
  return {
    description,
    fallback,
    parse(value) {
      const number = Number(value);
      if (!Number.isInteger(number) || number < bounds.min || number > bounds.max) {
        throw new Error(`'${value}' is not a whole number from ${bounds.min} to ${bounds.max}`);
      }
      return number;
    },
  };
}

/** An address; only its form is checked. */
export function address(description: string): Setting<string> {
  return {
    description,
    parse(value) {
      if (!URL.canParse(value)) throw new Error('not an address of the form scheme://host:port/path');
      return value;
    },
  };
}

/** Several values separated by commas; at least one. */
export function list(description: string): Setting<readonly string[]> {
  return {
    description,
    parse(value) {
      const items = value.split(',').map((item) => item.trim());
      if (items.some((item) => item === '')) throw new Error('not a list separated by commas');
      return items;
    },
  };
}

export function oneOf<const T extends string>(description: string, values: readonly T[], fallback: T): Setting<T> {
  return {
    description,
    fallback,
    parse(value) {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined) throw new Error(`'${value}' is none of ${values.join(', ')}`);
      return found;
    },
  };
}

/** Settings of every process, services and gateway alike. */
export const PROCESS_SETTINGS = {
  QTM_HOST: text('address to listen on', '127.0.0.1'),
  QTM_PORT: integer('TCP port to listen on; 0 takes a free one', { min: 0, max: 65_535 }, 0),
  QTM_LOG_LEVEL: oneOf(
    'least severe level written',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'info',
  ),
  QTM_ISSUER: text('`iss` of accepted sessions'),
  QTM_AUDIENCE: text('`aud` of accepted sessions'),
  QTM_JWKS_URL: address('where the issuer publishes its keys'),
  QTM_ROLES_CLAIM: text('claim that holds the roles; dots lead into objects', 'roles'),
  QTM_DRAIN_TIMEOUT_MS: integer('longest wait for open requests at shutdown', { min: 0, max: 300_000 }, 10_000),
  QTM_BODY_LIMIT_BYTES: integer('largest request body', { min: 1_024, max: 16_777_216 }, 1_048_576),
} as const;

export type ProcessSettings = Settings<typeof PROCESS_SETTINGS>;

/** Sets a variable that a library reads and has no option for; before the library is loaded. */
export function setForLibrary(name: string, value: string): void {
  process.env[name] = value;
}
