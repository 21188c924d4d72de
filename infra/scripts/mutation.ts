/** `npm run mutation [-- <part>…]`: changes the rules one place at a time; a change that no test notices is a survivor. */
import { parseArgs } from 'node:util';
import { ROOT } from '@qtm/local';
import type { LogLevel, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { type Part, partsOf } from './mutation/parts.ts';
import { type Mutant, scoreOf, unexplained } from './mutation/score.ts';

const FOLDER = '.local/mutation';
const MIN_PERCENT = 90;

const USAGE = `usage: npm run mutation [-- <part>… --jobs <n>]
  parts: ${partsOf(ROOT)
    .map(({ name }) => name)
    .join(', ')}; all of them where none is named
  --jobs   processes that run tests at a time (2)
Ends with 1 where less than ${MIN_PERCENT} % of the changes are noticed; what is left out counts as not noticed.
Reports: ${FOLDER}/<part>.json; survivors are printed.`;

async function mutate({ name, folder, sources }: Part, jobs: number): Promise<readonly Mutant[]> {
  const options: PartialStrykerOptions = {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'infra/scripts/mutation/vitest.config.ts', dir: folder, related: false },
    mutate: [...sources, '!**/*.test.ts', '!**/domain/test/**'],
    coverageAnalysis: 'perTest',
    concurrency: jobs,
    tempDirName: `${FOLDER}/${name}-copy`,
    // Its rewriting of tsconfig.json needs a compiler API that TypeScript 7 does not have; types are erased without one.
    ignorePatterns: ['.local', 'tsconfig.json'],
    reporters: ['json', 'clear-text'],
    jsonReporter: { fileName: `${FOLDER}/${name}.json` },
    clearTextReporter: { reportTests: false, logTests: false, reportScoreTable: false },
    // Changes of tables and patterns are made at import and take a whole run each; they are what matters most here.
    warnings: { slow: false, unknownOptions: true, preprocessorErrors: true, unserializableOptions: true },
    thresholds: { high: 100, low: MIN_PERCENT, break: null },
    logLevel: 'warn' as LogLevel,
  };
  return await new Stryker(options).runMutationTest();
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' }, jobs: { type: 'string' } },
  });
  const parts = partsOf(ROOT).filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const jobs = Number(values.jobs ?? 2);
  const isWrong = parts.length < positionals.length || !Number.isInteger(jobs) || jobs < 1;
  if (values.help || isWrong) {
    console.log(USAGE);
    return isWrong ? 2 : 0;
  }
  process.chdir(ROOT);
  const all: Mutant[] = [];
  for (const part of parts) {
    const mutants = await mutate(part, jobs);
    console.log(line(part.name, mutants));
    all.push(...mutants);
  }
  const faults = unexplained(all);
  for (const fault of faults) console.log(fault);
  console.log(line('all', all));
  return faults.length === 0 && scoreOf(all).percent >= MIN_PERCENT ? 0 : 1;
}

function line(name: string, mutants: readonly Mutant[]): string {
  const { noticed, survived, percent } = scoreOf(mutants);
  const ignored = mutants.filter(({ status }) => status === 'Ignored').length;
  return `${name.padEnd(12)} ${percent.toFixed(2).padStart(6)} %  ${noticed} of ${noticed + survived} changes noticed, ${ignored} left out`;
}

process.exitCode = await main();
