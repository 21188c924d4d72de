import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { casesIn } from './conformance-cases.ts';
import { ContractError } from './contract.ts';
import { markdownHeader } from './header.ts';

/** Something the system promises, in our own words; `open` is what of it cannot be tried yet. */
interface Statement {
  readonly id: string;
  readonly states: string;
  readonly open?: string;
  /** True where nothing exists yet that could be tried. */
  readonly waits?: boolean;
}

type Cases = Readonly<Record<'allow' | 'deny', readonly string[]>>;

const STATEMENTS = 'test/conformance/statements.json';

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** What this release promises to show. Kept beside the statements, so that none of them is given up by taking it out of their file. */
export const PROMISED: readonly string[] = Object.entries({
  'T-SP': [...range(1, 7), ...range(11, 20), ...range(22, 33)],
  'T-TR': range(1, 39),
  'T-WF': [3, 4, 5, 11, 12],
  'T-NS': [22],
  'T-AG': [3, 4, 10],
}).flatMap(([family, numbers]) => numbers.map((number) => `${family}-${String(number).padStart(2, '0')}`));

/**
 * What was promised, and by which tests it is shown; undefined where there are no statements. The names are read from the tests that
 * run, so the page cannot say more than they do.
 * @param promised ids of which none may be missing
 * @throws ContractError naming each statement that is missing, or has no case that holds, or none that fails
 */
export function conformance(root: string, promised = PROMISED): string | undefined {
  if (!existsSync(join(root, STATEMENTS))) return undefined;
  const statements = JSON.parse(readFileSync(join(root, STATEMENTS), 'utf8')) as Statement[];
  const cases = casesOf(root);
  const faults = promised
    .filter((id) => !statements.some((one) => one.id === id))
    .map((id) => `${id} is promised and not stated`);
  faults.push(...statements.flatMap((one) => (one.waits === true ? [] : missing(one.id, cases.get(one.id)))));
  for (const id of cases.keys())
    if (!statements.some((one) => one.id === id)) faults.push(`${id} is tested and not stated`);
  if (faults.length > 0) throw new ContractError(`conformance:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  return `${markdownHeader('test/conformance')}\n\n${INTRODUCTION}\n\n${statements.map((one) => section(one, cases.get(one.id))).join('\n\n')}\n`;
}

const INTRODUCTION = `# Conformance

What the system promises, in our own words, and the tests that show it: of each statement a case in which it is allowed and one in
which the opposite is denied. The names are those of the tests in \`test/conformance\`; \`npm test\` runs them all.`;

function casesOf(root: string): ReadonlyMap<string, Cases> {
  const found = new Map<string, { allow: string[]; deny: string[] }>();
  for (const file of globSync('test/conformance/*.test.ts', { cwd: root }).sort()) {
    for (const { id, kind, name } of casesIn(readFileSync(join(root, file), 'utf8'))) {
      const cases = found.get(id) ?? { allow: [], deny: [] };
      cases[kind].push(name);
      found.set(id, cases);
    }
  }
  return found;
}

function missing(id: string, cases: Cases | undefined): readonly string[] {
  return (['allow', 'deny'] as const)
    .filter((kind) => (cases?.[kind].length ?? 0) === 0)
    .map((kind) => `${id} has no case: ${kind}`);
}

function section({ id, states, open }: Statement, cases: Cases | undefined): string {
  const lines = [`**${id}** ${states}`, ''];
  for (const kind of ['allow', 'deny'] as const)
    for (const name of cases?.[kind] ?? []) lines.push(`- ${kind}: ${name}`);
  if (open !== undefined) lines.push(`- not there yet: ${open}`);
  return lines.join('\n');
}
