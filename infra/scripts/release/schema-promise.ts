import type { JsonSchema } from '../generate/contract.ts';

/** Keywords that explain a value and promise nothing of it. */
const WORDS = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples']);

/** A schema without its words, keys in order: two schemas that promise the same give the same text. */
export function promiseOf(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).filter(([keyword]) => !WORDS.has(keyword));
  return Object.fromEntries(inOrder(entries).map(([keyword, value]) => [keyword, promised(keyword, value)]));
}

function promised(keyword: string, value: unknown): unknown {
  if (keyword === 'properties' || keyword === '$defs') {
    const named = Object.entries(value as Readonly<Record<string, JsonSchema>>);
    return Object.fromEntries(inOrder(named).map(([name, schema]) => [name, promiseOf(schema)]));
  }
  if (keyword === 'required') return [...(value as readonly string[])].sort();
  if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf') return (value as JsonSchema[]).map(promiseOf);
  return keyword === 'items' ? promiseOf(value as JsonSchema) : value;
}

function inOrder<T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
