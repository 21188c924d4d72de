import { isMap, isScalar, type Node, type Pair, parseDocument } from 'yaml';

export const COMPOSE_FILE = 'docker-compose.yml';

/** An entry of a block mapping, as it stands in the text. */
interface Entry {
  readonly key: string;
  readonly value: unknown;
  /** Where its key's line begins, and where its last line ends. */
  readonly from: number;
  readonly to: number;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * A compose file in which `service` stands wherever one of the `others` does: what is named after the first of them is repeated for
 * the new one, in the order of names. The rest of the text, comments and all, stays as it is.
 * @throws Error where the file names none of the others
 */
export function composeWith(text: string, service: string, others: readonly string[]): string {
  const sorted = [...others].sort();
  const { contents } = parseDocument(text);
  const services = entriesOf(text, contents).find(({ key }) => key === 'services');
  const named = entriesOf(text, services?.value).map(({ key }) => key);
  const model = sorted.find((other) => named.includes(other));
  if (model === undefined) throw new Error('the compose file has no service to take as a model');
  const insertions = repeats(text, contents, { model, service, sorted });
  return insertions
    .sort((a, b) => b.at - a.at)
    .reduce((done, { at, text: more }) => done.slice(0, at) + more + done.slice(at), text);
}

interface Repeating {
  readonly model: string;
  readonly service: string;
  /** Every service that is there, by name. */
  readonly sorted: readonly string[];
}

/** In a mapping that names the model, its entries once more; in every other entry, the same again. */
function repeats(text: string, node: unknown, repeating: Repeating): Insertion[] {
  const { model, service, sorted } = repeating;
  const entries = entriesOf(text, node);
  const of = (name: string) => entries.filter(({ key }) => serviceIn(key, sorted) === name);
  const deeper = entries.filter(({ key }) => serviceIn(key, sorted) === undefined);
  const inside = deeper.flatMap(({ value }) => repeats(text, value, repeating));
  const copied = of(model).map(({ from, to }) => renamed(text.slice(from, to), model, service));
  if (copied.length === 0) return inside;

  const all = sorted.flatMap(of);
  const before = sorted.filter((name) => name < service).flatMap(of);
  const gap = all.some((entry) => text.slice(0, entry.from).endsWith('\n\n')) ? '\n\n' : '\n';
  const block = copied.join(gap);
  const own =
    before.length === 0
      ? { at: aboveComments(text, Math.min(...all.map(({ from }) => from))), text: `${block}${gap}` }
      : { at: Math.max(...before.map(({ to }) => to)), text: `${gap}${block}` };
  return [...inside, own];
}

/** Where the comment begins that stands right above a line, or the line itself. */
function aboveComments(text: string, from: number): number {
  const comments = /(?:^[ \t]*#.*\n)+(?![\s\S])/m.exec(text.slice(0, from));
  return comments === null ? from : comments.index;
}

function entriesOf(text: string, node: unknown): Entry[] {
  if (!isMap(node) || node.flow === true) return [];
  return node.items.flatMap((pair) => entryOf(text, pair));
}

function entryOf(text: string, { key, value }: Pair): Entry[] {
  if (!isScalar(key) || key.range == null) return [];
  const end = (value as Node | null)?.range?.[1] ?? key.range[1];
  const last = text.slice(0, end).trimEnd().length;
  const lineEnd = text.indexOf('\n', last);
  const from = text.lastIndexOf('\n', key.range[0]) + 1;
  return [{ key: String(key.value), value, from, to: lineEnd === -1 ? text.length : lineEnd }];
}

/** The service that a name is, or has as its part: `jobs`, `jobs-prepare`, `QTM_SUBGRAPH_JOBS_URLS`. The longest that fits. */
function serviceIn(name: string, services: readonly string[]): string | undefined {
  const fitting = services.filter((service) => renamed(name, service, '') !== name);
  return fitting.sort((a, b) => b.length - a.length)[0];
}

function renamed(text: string, from: string, to: string): string {
  const [variable, newVariable = ''] = [from, to].map((name) => name.toUpperCase().replaceAll('-', '_'));
  return text
    .replaceAll(new RegExp(`(?<![a-z0-9])${from}(?![a-z0-9])`, 'g'), to)
    .replaceAll(new RegExp(`(?<![A-Z0-9])${variable}(?![A-Z0-9])`, 'g'), newVariable);
}
