import type { JsonSchema } from '../generate/contract.ts';
import type { Change } from './change.ts';

type Told = Pick<Change, 'level' | 'what'> & { readonly at: string };

/** Limits that allow less the higher they are, and those that allow less the lower they are. */
const LOWER_LIMITS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER_LIMITS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const BRANCHES = ['anyOf', 'oneOf', 'allOf'] as const;
/** Keywords with a rule of their own below; a change of any other breaks. */
const WITH_RULE = new Set([
  ...['properties', 'required', 'items', 'type', 'enum', 'const'],
  ...[...LOWER_LIMITS, ...UPPER_LIMITS, ...BRANCHES],
]);

/**
 * What changed between two promises of one schema. Facts stay on their topic for ever and readers know only the old schema, so both
 * a value that is no longer allowed and one that was never there break; only optional properties, further values of an enumeration
 * (readers skip what they do not know) and looser limits add.
 */
export function schemaChanges(before: JsonSchema, after: JsonSchema, at = ''): Told[] {
  const breaks = (what: string): Told => ({ level: 'breaking', at, what });
  const adds = (what: string): Told => ({ level: 'additive', at, what });
  return [
    ...valueChanges(before, after, breaks, adds),
    ...typeChanges(before, after, breaks),
    ...limitChanges(before, after, breaks, adds),
    ...propertyChanges(before, after, at),
    ...branchChanges(before, after, at, breaks),
    ...otherChanges(before, after, breaks),
  ];
}

type Tell = (what: string) => Told;

function valueChanges(before: JsonSchema, after: JsonSchema, breaks: Tell, adds: Tell): Told[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  if (old === undefined && now === undefined) return [];
  if (old === undefined) return [breaks(`now allows only ${now?.join(', ')}`)];
  if (now === undefined) return [breaks(`is no longer one of ${old.join(', ')}`)];
  return [
    ...old.filter((value) => !now.includes(value)).map((value) => breaks(`can no longer be ${value}`)),
    ...now.filter((value) => !old.includes(value)).map((value) => adds(`can now be ${value}`)),
  ];
}

function valuesOf(schema: JsonSchema): readonly string[] | undefined {
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  return schema.enum?.map((value) => JSON.stringify(value));
}

function typeChanges(before: JsonSchema, after: JsonSchema, breaks: Tell): Told[] {
  const [old, now] = [before, after].map(({ type }) => (type === undefined ? [] : [type].flat()).sort().join(' or '));
  return old === now ? [] : [breaks(`is ${now || 'of any type'}, and was ${old || 'of any type'}`)];
}

function limitChanges(before: JsonSchema, after: JsonSchema, breaks: Tell, adds: Tell): Told[] {
  const changes = (keywords: readonly string[], unlimited: number, isTighter: (was: number, is: number) => boolean) =>
    keywords.flatMap((keyword) => {
      const [was, is] = [before[keyword], after[keyword]] as (number | undefined)[];
      if (was === is) return [];
      const what = `${keyword} is ${is ?? 'gone'}, and was ${was ?? 'not there'}`;
      return [isTighter(was ?? unlimited, is ?? unlimited) ? breaks(what) : adds(what)];
    });
  return [
    ...changes(LOWER_LIMITS, Number.NEGATIVE_INFINITY, (was, is) => is > was),
    ...changes(UPPER_LIMITS, Number.POSITIVE_INFINITY, (was, is) => is < was),
  ];
}

function propertyChanges(before: JsonSchema, after: JsonSchema, at: string): Told[] {
  const [old, now] = [before.properties ?? {}, after.properties ?? {}];
  const [needed, needs] = [new Set(before.required), new Set(after.required)];
  const names = new Set([...Object.keys(old), ...Object.keys(now), ...needed, ...needs]);
  return [...names].sort().flatMap((name): Told[] => {
    const path = at === '' ? name : `${at}.${name}`;
    const tell = (level: Change['level'], what: string): Told[] => [{ level, at: path, what }];
    const [was, is] = [old[name], now[name]];
    if (was !== undefined && is === undefined) return tell('breaking', 'is gone');
    if (was === undefined && is !== undefined) {
      if (!needs.has(name)) return tell('additive', 'is new and optional');
      return tell('breaking', 'is new and required, which facts already on the topic lack: leave it out of `required`');
    }
    const inner = was === undefined || is === undefined ? [] : schemaChanges(was, is, path);
    if (needed.has(name) === needs.has(name)) return inner;
    return [...tell('breaking', needs.has(name) ? 'is now required' : 'is no longer always there'), ...inner];
  });
}

function branchChanges(before: JsonSchema, after: JsonSchema, at: string, breaks: Tell): Told[] {
  const lists: (readonly [string, readonly JsonSchema[], readonly JsonSchema[]])[] = [
    ...BRANCHES.map((keyword) => [keyword, before[keyword] ?? [], after[keyword] ?? []] as const),
    ['items', before.items === undefined ? [] : [before.items], after.items === undefined ? [] : [after.items]],
  ];
  return lists.flatMap(([keyword, old, now]) => {
    if (old.length !== now.length) return [breaks(`${keyword} has ${now.length} alternatives, and had ${old.length}`)];
    const inside = keyword === 'items' ? `${at}[]` : at;
    return old.flatMap((schema, index) => schemaChanges(schema, now[index] as JsonSchema, inside));
  });
}

function otherChanges(before: JsonSchema, after: JsonSchema, breaks: Tell): Told[] {
  const keywords = new Set(
    [...Object.keys(before), ...Object.keys(after)].filter((keyword) => !WITH_RULE.has(keyword)),
  );
  return [...keywords].flatMap((keyword) => {
    const [was, is] = [before[keyword], after[keyword]].map((value) => JSON.stringify(value));
    if (was === is) return [];
    if (keyword === 'x-personal') return [breaks(is === 'true' ? 'is now personal' : 'is no longer personal')];
    return [breaks(`${keyword} is ${is ?? 'gone'}, and was ${was ?? 'not there'}`)];
  });
}
