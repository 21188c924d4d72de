/** `npm run chaos -- <csv>`: kill -9 of every process in turn, while real requests are replayed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '@qtm/local';
import { report, reportJson } from '../../infra/scripts/replay/report.ts';
import { uniqueName } from '../harness/names.ts';
import { besiege } from './siege.ts';

const USAGE = `usage: npm run chaos -- <csv> [--concurrency <rows>] [--only <process>]
  starts a whole system of its own, replays the file, and kills every process of it in turn with kill -9, each while at least
  20 requests are open at the gateway; starts each again, lets the replay end, replays once more, and holds every topic against
  its journal (which needs a JDK)
  --concurrency  rows in flight at a time (default 48)
  --only         this process alone, such as jobs, gateway or kafka`;

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
  const dataDir = join(ROOT, '.local', uniqueName('chaos-'));
  try {
    const { blows, first, second, comparison } = await besiege({
      file,
      dataDir,
      victims: (name) => values.only === undefined || name === values.only,
      concurrency: Number(values.concurrency),
      log: say,
    });
    say(report(first));
    say(reportJson(first));
    say(second.unchanged ? 'a second replay changed nothing' : 'a second replay CHANGED something');
    say(comparison.output.trimEnd());
    return blows.length > 0 && second.unchanged && comparison.same && first.rejected.length === 0 ? 0 : 1;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`chaos: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
