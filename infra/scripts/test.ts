/** `npm test`: the checks, then every tier of tests, cheapest first; each tier can be run alone. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TIERS = ['unit', 'int', 'e2e'] as const;
const REPORT = '.local/test-report.json';

const USAGE = `usage: npm test [-- <vitest arguments>]      npm run check, then the tiers ${TIERS.join(', ')}
       npm run test:<tier> [-- <vitest arguments>]   one tier alone
  an argument such as a part of a file's name narrows what runs`;

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, by file and name, with its first line: said again at the end, where it is looked for. */
  readonly failures: string[];
}

/** What is read of the reporter's file. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

function run(...args: readonly string[]): boolean {
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status === 0;
}

function failuresIn({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(ROOT, name);
    const line = (what: string, why = '') => `${file}: ${what}: ${why.split('\n', 1)[0]}`;
    const failed = assertionResults.filter((result) => result.status === 'failed');
    if (status === 'failed' && failed.length === 0) return [line('the file as a whole', message)];
    return failed.map(({ fullName, failureMessages }) => line(fullName, failureMessages[0]));
  });
}

/** Runs one tier and adds its totals. False where the run itself failed, whatever it counted. */
function runTier(tier: string, extra: readonly string[], totals: Totals): boolean {
  rmSync(`${ROOT}${REPORT}`, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const ok = run('node_modules/vitest/vitest.mjs', 'run', '--project', `*${tier}`, ...reporters, ...extra);
  if (!existsSync(`${ROOT}${REPORT}`)) return ok;
  const report: Report = JSON.parse(readFileSync(`${ROOT}${REPORT}`, 'utf8'));
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  totals.skipped += report.numPendingTests + report.numTodoTests;
  totals.failures.push(...failuresIn(report));
  return ok;
}

function main(args: string[]): number {
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  mkdirSync(`${ROOT}.local`, { recursive: true });
  const chosen = TIERS.find((tier) => tier === args[0]);
  if (chosen !== undefined) args.shift();
  const tiers = chosen === undefined ? TIERS : [chosen];
  let ok = chosen !== undefined || run('infra/scripts/check.ts');
  const totals: Totals = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const tier of tiers) ok = runTier(tier, args, totals) && ok;
  for (const failure of totals.failures) console.log(`failed: ${failure}`);
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
  console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
  return ok && totals.failed === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
