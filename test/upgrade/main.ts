/** `npm run upgrade`: from the release before to this one and back, service by service, under load. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { ROOT } from '@qtm/local';
import { checkOut, NoRelease, newestTag } from './release.ts';
import { upgrade } from './upgrade.ts';

const USAGE = `usage: npm run upgrade -- [--from <tag or commit>] [--concurrency <rows>]
  checks the release before this one out into a folder of its own and starts a whole system of it; while real requests are replayed,
  brings up what is new in this release, migrates and restarts one service after the other, then the gateway, as this release, and all
  of them back as the one before; where a migration says that it breaks older releases there is no way back, and every process of the
  one before must be refused; then replays once more and holds every topic against its journal (which needs a JDK)
  --from         the release to come from (default: the newest tag before this commit)
  --concurrency  rows in flight at a time (default 8)`;

const DATA_DIR = join(ROOT, '.local', 'upgrade');
const MAX_CONCURRENCY = 64;
const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { from: { type: 'string' }, concurrency: { type: 'string', default: '8' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    throw new Error(`--concurrency ${values.concurrency}: not from 1 to ${MAX_CONCURRENCY}`);
  }
  const name = values.from ?? (await newestTag());
  const before = await checkOut(name, join(DATA_DIR, 'before'));
  say(`from ${before.name} (${before.commit.slice(0, 10)})`);
  const result = await upgrade({ before, dataDir: join(DATA_DIR, 'data'), concurrency, log: say });
  say(`${result.laps} laps of the replay, ${result.rejected.length} rows rejected; parked events: ${result.parked}`);
  for (const { line, reason } of result.rejected.slice(0, 10)) say(`  line ${line}: ${reason}`);
  say(result.unchanged ? 'a second replay changed nothing' : 'a second replay CHANGED something');
  const once = isDeepStrictEqual(result.totals, result.expected);
  say(`in the databases: ${JSON.stringify(result.totals)}: ${once ? 'nothing lost, nothing twice' : 'WRONG'}`);
  const { operators, findings } = result.registered;
  say(
    `${operators} operators, ${findings.length === 0 ? 'all of them in the register' : 'and the register is WRONG:'}`,
  );
  for (const finding of findings.slice(0, 10)) say(`  ${finding}`);
  say(result.comparison.output.trimEnd());
  if (result.obstacles.length === 0) say(`there and back: ${before.name} can be taken back to`);
  else say(`THERE IS NO WAY BACK to ${before.name}, which is refused since a migration breaks it:`);
  for (const obstacle of result.obstacles) say(`  ${obstacle}`);
  const faults = result.parked + result.rejected.length + findings.length;
  if (!result.unchanged || !once || !result.comparison.same || faults > 0) return 1;
  rmSync(DATA_DIR, { recursive: true, force: true });
  return 0;
}

let exitCode = 1;
try {
  exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`upgrade: ${error instanceof NoRelease ? error.message : (error as Error).stack}\n`);
}
// A replay that was abandoned would keep this process for as long as its patience lasts.
process.exit(exitCode);
