/** `npm run chaos`: faults of every kind, while the system works; and, with a file, kill -9 of every process during its replay. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ROOT } from '@qtm/local';
import { report as replayReport, reportJson } from '../../infra/scripts/replay/report.ts';
import { FAULT_KINDS } from './faults/kinds.ts';
import { type CampaignArguments, readArguments, type SiegeArguments, USAGE } from './options.ts';
import { findingsOf, report } from './report.ts';
import { run } from './run.ts';
import { openScene } from './scene.ts';
import { besiege } from './siege.ts';
import { expectedTotals } from './totals.ts';

/** One at a time; a run that was interrupted leaves nothing that the next does not clear away. */
const DATA_DIR = join(ROOT, '.local', 'chaos');
const REPLICAS = 2;
const CALM_MS = 1_500;
const MINUTE_MS = 60_000;

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function campaign({ minutes, seed, only, walkers, rate }: CampaignArguments): Promise<boolean> {
  const kinds = FAULT_KINDS.filter(({ name }) => only.length === 0 || only.some((begin) => name.startsWith(begin)));
  if (kinds.length === 0)
    throw new Error(`--only ${only.join()}: there are ${FAULT_KINDS.map(({ name }) => name).join(', ')}`);
  say(`seed ${seed}: ${minutes} minutes of ${kinds.map(({ name }) => name).join(', ')}`);
  const scene = await openScene({ dataDir: DATA_DIR, replicas: REPLICAS, log: say });
  try {
    const durationMs = minutes * MINUTE_MS;
    const outcome = await run({ scene, kinds, seed, durationMs, calmMs: CALM_MS, walkers, twice: true, log: say });
    const findings = findingsOf(outcome, rate);
    say(report(outcome, findings));
    say(`seed ${seed}`);
    writeFileSync(join(DATA_DIR, 'acts.json'), JSON.stringify({ ...outcome.log, findings }));
    return findings.length === 0;
  } finally {
    await scene.stop();
  }
}

async function siege({ file, concurrency, only }: SiegeArguments): Promise<boolean> {
  const result = await besiege({
    file,
    dataDir: DATA_DIR,
    victims: (name) => only === undefined || name === only,
    concurrency,
    log: say,
  });
  const { blows, first, second, laps, totals, comparison } = result;
  if (blows.length === 0) throw new Error(`there is no process ${only}`);
  say(replayReport(first));
  say(reportJson(first));
  say(second.unchanged ? 'a second replay changed nothing' : 'a second replay CHANGED something');
  const once = isDeepStrictEqual(totals, expectedTotals(result.first.counts, result.laps));
  say(
    `all in the databases, of ${laps} ${laps === 1 ? 'lap' : 'laps'}: ${JSON.stringify(totals)}: ${once ? 'nothing twice' : 'WRONG'}`,
  );
  say(comparison.output.trimEnd());
  return second.unchanged && once && comparison.same && first.rejected.length === 0;
}

async function main(args: string[]): Promise<number> {
  const read = readArguments(args, Date.now());
  if (read.mode === 'help') {
    say(USAGE);
    return 0;
  }
  const sound = await (read.mode === 'siege' ? siege(read) : campaign(read));
  if (sound) rmSync(DATA_DIR, { recursive: true, force: true });
  return sound ? 0 : 1;
}

let exitCode = 1;
try {
  exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`chaos: ${(error as Error).message}\n`);
}
// A replay that was abandoned would keep this process for as long as its patience lasts.
process.exit(exitCode);
