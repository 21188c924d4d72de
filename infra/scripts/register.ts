/** `npm run register -- export|import <dir>`: the Governed Register as files, in the layout of the doctrine, and back. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DEVELOPMENT_PRINCIPALS, hasSigningKey, START_DATA_DIR, signingKey } from '@qtm/local';
import { Presets, SingleBar } from 'cli-progress';
import { planOf, sha256Of } from './register/compare.ts';
import { exportRegister } from './register/export.ts';
import { FolderFault, readFolder } from './register/folder.ts';
import { assertAnswers, assertSuperAdmin, type Graph, graphOf } from './register/graph.ts';
import { importRegister, manifestOf, readRunning } from './register/import.ts';
import { type Layout, loadLayout } from './register/layout.ts';
import { reportChecked, reportImported, reportPlan } from './register/report.ts';
import { Client } from './replay/client.ts';
import { runningEndpoint } from './replay/endpoint.ts';
import { Latencies } from './replay/latencies.ts';
import { type Principal, principal } from './replay/principals.ts';

const USAGE = `usage: npm run register -- export <dir>
       npm run register -- import <dir> [--dry-run]
  export writes the register, its transfers and the memberships of a running system into a folder that is empty or not there
  import looks at every file, holds all of them against the running system, and takes them over into a register that is empty;
         interrupted, or with memberships that wait for an operator, the same again goes on
  --dry-run     looks and compares, and changes nothing
  --endpoint    of the gateway (default: that of npm start)
  --token-file  a session of a super_admin who proved who they are a moment ago, and who is admin_governor where there are
                memberships; read anew for every request (default: a session of the development issuer)
  --data        data folder of another stack, whose issuer's key makes the session
  what each file holds: docs/decisions/0019-transfer-contract.md
  ends with 0 where all was done, with 1 where files are at fault (nothing was imported then) or something still waits`;

/** The command line is wrong; the message says how. */
class UsageError extends Error {}

function readArguments(args: string[]) {
  try {
    const text = { type: 'string' } as const;
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', default: false },
        endpoint: text,
        'token-file': text,
        data: { ...text, default: START_DATA_DIR },
        help: { type: 'boolean', default: false },
      },
    });
    return { ...values, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
type Options = ReturnType<typeof readArguments>;

/** Whose session it is: that of a file, or of the development super_admin, who governs for this, too. */
async function actingAs({ 'token-file': tokenFile, data }: Options): Promise<Principal> {
  if (tokenFile !== undefined) {
    const token = async () => {
      try {
        return readFileSync(tokenFile, 'utf8').trim();
      } catch {
        throw new UsageError(`--token-file ${tokenFile}: cannot be read`);
      }
    };
    await token();
    return { subject: tokenFile, displayName: tokenFile, token };
  }
  if (!hasSigningKey(data)) throw new Error(`no issuer's key in ${data} yet: npm start makes it, or give --token-file`);
  const found = DEVELOPMENT_PRINCIPALS.find(({ name }) => name === 'super_admin');
  const { subject = '', displayName = '', roles = [] } = found ?? {};
  return principal(await signingKey(data), subject, displayName, [...roles, 'admin_governor']);
}

async function connect(options: Options): Promise<Graph> {
  const endpoint = options.endpoint ?? runningEndpoint(options.data);
  const as = await actingAs(options);
  await assertAnswers(endpoint);
  return graphOf(new Client(endpoint, new Latencies()), as);
}

/** Counts what has no known end; draws a bar for what has one. Nothing where nobody looks. */
function progress(what: string, of?: number) {
  if (!process.stderr.isTTY) return { step: () => undefined, stop: () => undefined };
  let done = 0;
  const format = of === undefined ? `${what} {value}` : `${what} {bar} {value} of {total}, {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.rect);
  bar.start(of ?? 0, 0);
  return {
    step: (steps = 1) => {
      done += steps;
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

async function runExport(folder: string, options: Options, layout: Layout): Promise<number> {
  const graph = await connect(options);
  await assertSuperAdmin(graph);
  const { step, stop } = progress('read');
  try {
    const { checked, locked } = await exportRegister(graph, layout, folder, step);
    stop();
    console.log(reportChecked(folder, checked, sha256Of(manifestOf(checked))));
    for (const object of locked) console.log(`locked     ${object}: its holder locks it anew where it is imported`);
    return 0;
  } finally {
    stop();
  }
}

/** Clocks of two machines differ by less. */
const CLOCKS_DIFFER_MS = 60_000;

async function runImport(folder: string, options: Options, layout: Layout): Promise<number> {
  const now = new Date(Date.now() + CLOCKS_DIFFER_MS).toISOString().replace('Z', '000Z');
  const checked = layout.check(await readFolder(folder, layout.MAX_FILE_BYTES), now);
  console.log(reportChecked(folder, checked, sha256Of(manifestOf(checked))));
  if (checked.faults.length > 0) {
    console.log(`nothing was imported: ${checked.faults.length} faults`);
    return 1;
  }
  const graph = await connect(options);
  const governs = await assertSuperAdmin(graph);
  const reading = progress('read');
  const running = await readRunning(graph, checked, reading.step).finally(reading.stop);
  const plan = planOf(checked, running);
  console.log(reportPlan(plan));
  if (plan.faults.length > 0) {
    console.log(`nothing was imported: ${plan.faults.length} faults`);
    return 1;
  }
  if (options['dry-run']) return 0;
  if (plan.memberships.length > 0 && !governs) throw new Error('memberships take the role admin_governor, too');
  const { step, stop } = progress('import', plan.entries.length + plan.transfers.length + plan.memberships.length);
  const imported = await importRegister(graph, checked, plan, step).finally(stop);
  console.log(reportImported(imported, plan));
  return imported.complete && imported.waiting.length === 0 ? 0 : 1;
}

async function main(args: string[]): Promise<number> {
  const options = readArguments(args);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const [what, folder, ...further] = options.positionals;
  if ((what !== 'export' && what !== 'import') || folder === undefined || further.length > 0)
    throw new UsageError(USAGE);
  const layout = await loadLayout();
  return what === 'export' ? runExport(folder, options, layout) : runImport(folder, options, layout);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`register: ${(error as Error).message}`);
  process.exitCode = error instanceof UsageError || error instanceof FolderFault ? 2 : 1;
}
