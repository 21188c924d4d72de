/**
 * Names as the wire spells them. Published states are snake_case in tables and topics and camelCase in code and GraphQL; the two
 * forms map onto each other letter by letter, so nothing has to be declared per field.
 */
const wireNames = new Map<string, string>();
const codeNames = new Map<string, string>();

function remembered(cache: Map<string, string>, key: string, make: (key: string) => string): string {
  let name = cache.get(key);
  if (name === undefined) {
    name = make(key);
    cache.set(key, name);
  }
  return name;
}

const toSnake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function mapKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapKeys(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) result[rename(key)] = mapKeys(item, rename);
  return result;
}

/** camelCase → snake_case, deeply; only for objects whose keys are names of this code. */
export function toWire(value: object): Record<string, unknown> {
  return mapKeys(value, (key) => remembered(wireNames, key, toSnake)) as Record<string, unknown>;
}

/** snake_case → camelCase, deeply. */
export function fromWire<T>(value: object): T {
  return mapKeys(value, (key) => remembered(codeNames, key, toCamel)) as T;
}
