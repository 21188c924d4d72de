/** `npm run check [-- --fix] [-- --only <step>]`: does the repository hold together? Needs no database and no broker. */
import { parseArgs } from 'node:util';
import { STEPS, type Step, type StepResult } from './check/steps.ts';
import { ContractError } from './generate/contract.ts';

const USAGE = `usage: npm run check [-- --fix] [-- --only <step>]
  --fix    write generated files and formatting first
  --only   one step: ${STEPS.map(({ name }) => name).join(', ')}
steps:
${STEPS.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { fix: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } },
  });
  const steps = STEPS.filter(({ name }) => values.only === undefined || values.only === name);
  if (values.help || steps.length === 0) {
    console.log(values.help ? USAGE : `there is no step '${values.only}'\n${USAGE}`);
    return values.help ? 0 : 2;
  }
  let failed = 0;
  for (const step of steps) {
    if (!(await passes(step, values.fix ?? false))) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}

async function passes(step: Step, fix: boolean): Promise<boolean> {
  const startedMs = performance.now();
  const { problems, notes = [] } = await resultOf(step, fix);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${step.name.padEnd(12)} ${seconds.padStart(5)} s  ${step.what}`,
  );
  for (const line of notes) console.log(`       note: ${line}`);
  for (const line of problems) console.log(`       ${line}`);
  return problems.length === 0;
}

/** A contract that cannot be read is a problem of the step, not of this program. */
async function resultOf(step: Step, fix: boolean): Promise<StepResult> {
  try {
    return await step.run(process.cwd(), fix);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { problems: error.message.split('\n') };
  }
}

process.exitCode = await main();
