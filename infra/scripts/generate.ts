/** `npm run generate [-- --check] [-- --root <folder>]`: everything that is derived from `schema/` and the tests. */
import { parseArgs } from 'node:util';
import { asyncApi } from './generate/asyncapi.ts';
import { eventCatalogue } from './generate/catalogue.ts';
import { conformance } from './generate/conformance.ts';
import { aggregateOf, type Contract, ContractError, readContract } from './generate/contract.ts';
import { HASH_HEADER } from './generate/header.ts';
import { lifeTables } from './generate/life-tables.ts';
import { metricsPage } from './generate/metrics.ts';
import { type Output, staleFiles, writeOutput } from './generate/output.ts';
import { refusals } from './generate/refusals.ts';
import { resolverTypes } from './generate/resolver-types.ts';
import { missingSamples } from './generate/samples.ts';
import { settingsPage } from './generate/settings.ts';
import { stateTypes } from './generate/state-types.ts';
import { composeSupergraph } from './generate/supergraph.ts';

/**
 * Every generated file of the contract; the same input gives the same bytes.
 * @throws ContractError where the contract is wrong
 */
export async function generate(contract: Contract): Promise<Output> {
  for (const event of contract.services.flatMap(({ events }) => events)) aggregateOf(contract, event);
  const output = new Map<string, string>(missingSamples(contract));
  const supergraph = composeSupergraph(contract);
  if (supergraph !== undefined)
    output.set('schema/generated/supergraph.graphql', `${HASH_HEADER}\n${supergraph.sdl}\n`);
  output.set('schema/generated/asyncapi.yaml', asyncApi(contract));
  output.set('docs/EVENTS.md', eventCatalogue(contract));
  for (const service of contract.services) {
    const folder = `services/${service.name}/src/generated`;
    output.set(`${folder}/states.ts`, await stateTypes(contract, service));
    if (service.sdl.length > 0) {
      output.set(`${folder}/graphql.ts`, await resolverTypes(service, contract.sharedSdl));
    }
  }
  return output;
}

/**
 * Every generated file below `root`: those of the contract, and the pages that are read from the tests and the code.
 * @throws ContractError where the contract is wrong, or a statement is not shown
 */
export async function generateAll(root: string): Promise<Output> {
  const output = new Map(await generate(readContract(root)));
  const pages = {
    'docs/CONFORMANCE.md': conformance(root),
    'docs/METRICS.md': await metricsPage(root),
    'docs/REFUSALS.md': await refusals(root),
    'docs/SETTINGS.md': await settingsPage(root),
  };
  for (const [path, page] of lifeTables(root)) output.set(path, page);
  for (const [path, page] of Object.entries(pages)) if (page !== undefined) output.set(path, page);
  return output;
}

const USAGE = `usage: npm run generate [-- --check]
  --check   change nothing; name the files that are out of date and exit with 1`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { check: { type: 'boolean' }, help: { type: 'boolean' }, root: { type: 'string' } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const root = values.root ?? process.cwd();
  try {
    const output = await generateAll(root);
    const changed = values.check ? staleFiles(root, output) : writeOutput(root, output);
    for (const path of changed) console.log(`${values.check ? 'out of date' : 'written'}: ${path}`);
    if (values.check && changed.length > 0) console.log('run `npm run generate` and commit the result');
    if (changed.length === 0) console.log(`${output.size} generated files are up to date`);
    return values.check && changed.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main();
