import { pascalCase } from '../generate/names.ts';

/** What a new service cannot be made of, in words for the one who asks for it. */
export class NamingError extends Error {}

/** Every form in which the names of a service and its first aggregate occur in its files. */
export interface Names {
  /** kebab-case: folder, database, compose service. */
  readonly service: string;
  /** `treasury.xen` */
  readonly namespace: string;
  /** `xen.treasury`: begins topic and event types. */
  readonly prefix: string;
  /** snake_case: table, `aggregate_type`, file of the schema. */
  readonly aggregate: string;
  /** kebab-case: file of the rule. */
  readonly file: string;
  /** PascalCase: types in GraphQL and TypeScript. */
  readonly Type: string;
  /** camelCase, one and many: fields of queries. */
  readonly field: string;
  readonly plural: string;
  /** In sentences. */
  readonly words: string;
  readonly pluralWords: string;
  readonly Plural: string;
  readonly an: string;
  readonly AN: string;
}

/** What is there already, and what the network owns. */
export interface Surroundings {
  readonly namespaces: Readonly<Record<string, string>>;
  /** Domain names of the network. */
  readonly domains: readonly string[];
  /** Folders of the contract that are no service, and what else goes by a name where services do. */
  readonly takenServices: ReadonlySet<string>;
  /** Names of types in the graph. */
  readonly takenTypes: ReadonlySet<string>;
  /** Fields of Query and Mutation. */
  readonly takenFields: ReadonlySet<string>;
  /** Tables and views that every service's database has. */
  readonly takenTables: ReadonlySet<string>;
}

const SERVICE = /^[a-z][a-z0-9]*(?:-[a-z]+)*$/;
const AGGREGATE = /^[a-z][a-z0-9]*(?:_[a-z]+)*$/;
const NAMESPACE = /^[a-z][a-z0-9]*\.[a-z][a-z0-9]*$/;
/** Databases, roles and slots are named after services, some of them with a suffix, and none beyond 63 bytes. */
const MAX_LENGTH = 30;
const DEFAULT_TLD = 'x1';

/** Key words of SQL that cannot name a table, and of the languages the skeleton is written in. */
const KEY_WORDS = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross default deferrable desc distinct do else end except false fetch for foreign freeze from
  full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
  localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right
  select similar some symmetric table tablesample then to trailing true union unique user using variadic verbose when where
  window with break catch class const continue debugger delete enum export extends finally function if import new package return
  static super switch this throw try typeof var void while yield arguments eval resolver subscription`.split(/\s+/),
);

/**
 * The names of a new service.
 * @param service kebab-case
 * @param wished namespace (else the network's domain of this name, else `<name>.x1`) and first aggregate (else `<service>_entry`)
 * @throws NamingError saying what is wrong or taken
 */
export function namesOf(
  service: string,
  wished: { readonly namespace?: string | undefined; readonly aggregate?: string | undefined },
  there: Surroundings,
): Names {
  requireForm(service, SERVICE, 'the name of a service: small letters, words joined by hyphens');
  if (service in there.namespaces) throw new NamingError(`there is a service ${service} already`);
  if (there.takenServices.has(service)) throw new NamingError(`${service} is the name of something else here`);
  const namespace = namespaceOf(service, wished.namespace, there);
  const aggregate = wished.aggregate ?? `${service.replaceAll('-', '_')}_entry`;
  requireForm(aggregate, AGGREGATE, 'the name of an aggregate: small letters, words joined by underscores');
  if (KEY_WORDS.has(aggregate)) throw new NamingError(`${aggregate} is a key word and cannot name a table`);
  if (there.takenTables.has(aggregate)) throw new NamingError(`every service has a table ${aggregate} already`);
  const names = formsOf(service, namespace, aggregate);
  const { Type, field, plural } = names;
  for (const type of [Type, `${Type}State`, `${Type}Connection`, `${Type}Edge`, `Open${Type}Input`]) {
    if (there.takenTypes.has(type))
      throw new NamingError(`the graph has a type ${type} already; name another: --aggregate`);
  }
  for (const one of [field, plural, `open${Type}`]) {
    if (there.takenFields.has(one))
      throw new NamingError(`the graph has a field ${one} already; name another: --aggregate`);
  }
  if (field === plural) throw new NamingError(`${aggregate} is plural already; name one of them`);
  return names;
}

function requireForm(name: string, form: RegExp, what: string): void {
  if (!form.test(name)) throw new NamingError(`'${name}' is not ${what}`);
  if (name.length > MAX_LENGTH) throw new NamingError(`'${name}' is longer than ${MAX_LENGTH} characters`);
}

function namespaceOf(service: string, wished: string | undefined, { namespaces, domains }: Surroundings): string {
  const label = service.replaceAll('-', '');
  const owned = domains.filter((domain) => domain.startsWith(`${label}.`));
  if (wished === undefined && owned.length > 1) {
    throw new NamingError(`the network has ${owned.join(' and ')}: choose by --namespace`);
  }
  const namespace = wished ?? owned[0] ?? `${label}.${DEFAULT_TLD}`;
  if (!NAMESPACE.test(namespace)) throw new NamingError(`'${namespace}' is not a namespace, such as ${label}.x1`);
  const holder = Object.keys(namespaces).find((name) => namespaces[name] === namespace);
  if (holder !== undefined) throw new NamingError(`${namespace} is the namespace of ${holder}`);
  return namespace;
}

function formsOf(service: string, namespace: string, aggregate: string): Names {
  const parts = aggregate.split('_');
  const many = [...parts.slice(0, -1), pluralOf(parts.at(-1) ?? '')];
  const Type = pascalCase(aggregate);
  const [words, pluralWords] = [parts.join(' '), many.join(' ')];
  const an = /^[aeiou]/.test(words) ? 'an' : 'a';
  return {
    service,
    namespace,
    prefix: namespace.split('.').reverse().join('.'),
    aggregate,
    file: parts.join('-'),
    Type,
    field: uncapitalized(Type),
    plural: uncapitalized(pascalCase(many.join('_'))),
    words,
    pluralWords,
    Plural: capitalized(pluralWords),
    an,
    AN: capitalized(an),
  };
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function uncapitalized(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
