/** `npm run new:service -- <name>`: a service that starts, composes, publishes and passes its own tests. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ContractError } from './generate/contract.ts';
import { writeOutput } from './generate/output.ts';
import { generateAll } from './generate.ts';
import { NamingError, namesOf } from './new/names.ts';
import { registersWith } from './new/registers.ts';
import { skeletonOf } from './new/skeleton.ts';
import { surroundingsOf } from './new/surroundings.ts';

const USAGE = `usage: npm run new:service -- <name> [--namespace <label>.<tld>] [--aggregate <snake_case>]
  writes a service with one aggregate and one command, and enters it where services are listed
  <name>        small letters, words joined by hyphens: folder, database, compose service
  --namespace   begins its topic and event types (default: the network's domain of that name, schema/domains.yaml; else <name>.x1)
  --aggregate   what it owns first, in the singular (default <name>_entry)`;

class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { namespace: { type: 'string' }, aggregate: { type: 'string' }, help: { type: 'boolean' } },
  });
  const [what, name, ...others] = positionals;
  if (values.help) return console.log(USAGE);
  if (what !== 'service' || name === undefined || others.length > 0) throw new UsageError(USAGE);
  const root = process.cwd();
  const names = namesOf(name, values, surroundingsOf(root));
  const skeleton = skeletonOf(root, names);
  const manifest = skeleton.get(`services/${name}/package.json`) ?? '';
  const registers = registersWith(root, names, manifest);
  for (const path of skeleton.keys()) {
    if (existsSync(join(root, path))) throw new NamingError(`${path} is there already, and nothing was written`);
  }
  write(root, skeleton);
  write(root, registers);
  format(root, [...skeleton.keys(), 'schema/namespaces.json']);
  const generated = writeOutput(root, await generateAll(root));
  report([...skeleton.keys()], [...registers.keys()], generated);
  console.log(`\n${name} answers in the namespace ${names.namespace}, topic ${names.prefix}.events.v1.`);
  console.log(`next: npm run check, npm test -- ${name}, npm start; then its own words, from schema/${name} on`);
}

function write(root: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Names of any length: where lines break is the formatter's to say. */
function format(root: string, paths: readonly string[]): void {
  const biome = join(root, 'node_modules/.bin/biome');
  const { status, stderr } = spawnSync(biome, ['check', '--write', ...paths], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`what was written does not pass the formatter:\n${stderr}`);
}

function report(written: readonly string[], entered: readonly string[], generated: readonly string[]): void {
  for (const path of written) console.log(`written:   ${path}`);
  for (const path of entered) console.log(`entered:   ${path}`);
  for (const path of generated) console.log(`generated: ${path}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const known = [UsageError, NamingError, ContractError].some((kind) => error instanceof kind);
  if (!known && !(error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) throw error;
  console.error((error as Error).message);
  process.exitCode = error instanceof NamingError || error instanceof ContractError ? 1 : 2;
}
