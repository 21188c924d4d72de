import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError } from './contract.ts';
import { MARKDOWN_HEADER } from './header.ts';

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
const CASE = /['"`](T-[A-Z]{2}-\d{2}) (allow|deny): ([^'"`]+)['"`]/g;

/**
 * What was promised, and by which tests it is shown; undefined where nothing is stated. The names are read from the tests, so the page
 * cannot say more than they do.
 * @throws ContractError naming each statement that has no case that holds, or none that fails
 */
export function conformance(root: string): string | undefined {
  if (!existsSync(join(root, STATEMENTS))) return undefined;
  const statements = JSON.parse(readFileSync(join(root, STATEMENTS), 'utf8')) as Statement[];
  const cases = casesOf(root);
  const faults = statements.flatMap((one) => (one.waits === true ? [] : missing(one.id, cases.get(one.id))));
  for (const id of cases.keys())
    if (!statements.some((one) => one.id === id)) faults.push(`${id} is tested and not stated`);
  if (faults.length > 0) throw new ContractError(`conformance:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  return `${MARKDOWN_HEADER}\n\n${INTRODUCTION}\n\n${statements.map((one) => section(one, cases.get(one.id))).join('\n\n')}\n`;
}

const INTRODUCTION = `# Conformance

What the system promises, in our own words, and the tests that show it: of each statement a case in which it is allowed and one in
which the opposite is denied. The names are those of the tests in \`test/conformance\`; \`npm test\` runs them all.`;

function casesOf(root: string): ReadonlyMap<string, Cases> {
  const found = new Map<string, { allow: string[]; deny: string[] }>();
  for (const file of globSync('test/conformance/*.test.ts', { cwd: root }).sort()) {
    for (const [, id = '', kind, name = ''] of readFileSync(join(root, file), 'utf8').matchAll(CASE)) {
      const cases = found.get(id) ?? { allow: [], deny: [] };
      cases[kind as 'allow' | 'deny'].push(name);
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
