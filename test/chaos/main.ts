/** `npm run chaos -- <csv>`: kill -9 of every process in turn, while real requests are replayed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { ROOT } from '@qtm/local';
import { report, reportJson } from '../../infra/scripts/replay/report.ts';
import { besiege, expectedTotals, MIN_OPEN } from './siege.ts';

const USAGE = `usage: npm run chaos -- <csv> [--concurrency <rows>] [--only <process>]
  starts a whole system of its own, replays the file, and kills every process of it in turn with kill -9, each while at least
  20 requests are open at the gateway; starts each again, lets the replay end, replays once more, and holds every topic against
  its journal (which needs a JDK); data and logs lie in .local/chaos and stay there where something went wrong
  --concurrency  rows in flight at a time (default 48)
  --only         this process alone, such as jobs, gateway or kafka`;

/** One at a time; a run that was interrupted leaves nothing that the next does not clear away. */
const DATA_DIR = join(ROOT, '.local', 'chaos');
const MAX_CONCURRENCY = 256;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      concurrency: { type: 'string', default: '48' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [file] = positionals;
  if (values.help || file === undefined) {
    say(USAGE);
    return values.help ? 0 : 2;
  }
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < MIN_OPEN || concurrency > MAX_CONCURRENCY) {
    throw new Error(`--concurrency ${values.concurrency}: not from ${MIN_OPEN} to ${MAX_CONCURRENCY}`);
  }
  const siege = await besiege({
    file,
    dataDir: DATA_DIR,
    victims: (name) => values.only === undefined || name === values.only,
    concurrency,
    log: say,
  });
  const { blows, first, second, laps, totals, comparison } = siege;
  if (blows.length === 0) throw new Error(`there is no process ${values.only}`);
  say(report(first));
  say(reportJson(first));
  say(second.unchanged ? 'a second replay changed nothing' : 'a second replay CHANGED something');
  const once = isDeepStrictEqual(totals, expectedTotals(siege));
  say(
    `all in the databases, of ${laps} ${laps === 1 ? 'lap' : 'laps'}: ${JSON.stringify(totals)}: ${once ? 'nothing twice' : 'WRONG'}`,
  );
  say(comparison.output.trimEnd());
  if (!second.unchanged || !once || !comparison.same || first.rejected.length > 0) return 1;
  rmSync(DATA_DIR, { recursive: true, force: true });
  return 0;
}

let exitCode = 1;
try {
  exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`chaos: ${(error as Error).message}\n`);
}
// A replay that was abandoned would keep this process for as long as its patience lasts.
process.exit(exitCode);
