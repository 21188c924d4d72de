/** `npm run bench -- <scenario>`: what the whole system does under load, on a stack of its own. */
import { rmSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '@qtm/local';
import { type Act, type LoadOptions, load, type Measured } from './load.ts';
import { usageOf } from './measure/processes.ts';
import { type Buckets, bucketsOf, difference } from './measure/scrape.ts';
import { speedOfCore } from './measure/speed.ts';
import { costliest, forgetStatements, writtenSoFar } from './measure/storage.ts';
import { report, type Snapshot } from './report.ts';
import type { BenchOptions, Scenario } from './scenario.ts';
import { gateways } from './scenarios/gateways.ts';
import { claimStorm, desk, events, growth } from './scenarios/jobs.ts';
import { proposalStorm } from './scenarios/proposals.ts';
import { ratio } from './scenarios/ratio.ts';
import { replayLoop } from './scenarios/replay.ts';
import { rows } from './scenarios/rows.ts';
import { transferLoop } from './scenarios/transfers.ts';
import { openWorld, type World } from './world.ts';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  replay: replayLoop,
  claims: claimStorm,
  desk,
  events,
  rows,
  growth,
  ratio,
  gateways,
  transfers: transferLoop,
  proposals: proposalStorm,
};

const USAGE = `usage: npm run bench -- <scenario> [options]
${Object.entries(SCENARIOS)
  .map(([name, { about }]) => `  ${name.padEnd(11)}${about}`)
  .join('\n')}
  --rate <n>       arrivals per second, whatever is answered (open loop); 0: as many as --clients get answered (closed loop)
  --clients <n>    of a closed loop
  --seconds <n>    that are measured (default 30); --warmup <n> before (default 10)
  --jobs <n>       that lie there; --operators <n> among whom
  --top <n>        statements to list that took most of the server's time
  --seed <n>       of the times of arrival (default 1)
  starts a whole system of its own in .local/bench, prints tables, and removes it; needs nothing that runs`;

const DATA_DIR = join(ROOT, '.local', 'bench');
const DEFAULTS: BenchOptions = {
  rate: 100,
  clients: 16,
  seconds: 30,
  warmup: 10,
  seed: 1,
  jobs: 0,
  operators: 1,
  top: 0,
};
const HIGHEST: BenchOptions = {
  rate: 20_000,
  clients: 1_000,
  seconds: 3_600,
  warmup: 600,
  seed: 2 ** 32 - 1,
  jobs: 2_000_000,
  operators: 10_000,
  top: 100,
};

/** Asks for help, or for what there is not. */
class UsageError extends Error {}

function readOptions(args: string[]): {
  readonly scenario: Scenario;
  readonly name: string;
  readonly options: BenchOptions;
} {
  const number = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rate: number,
      clients: number,
      seconds: number,
      warmup: number,
      seed: number,
      jobs: number,
      operators: number,
      top: number,
      help: { type: 'boolean' },
    },
  });
  const [name = ''] = positionals;
  const scenario = SCENARIOS[name];
  if (values.help || scenario === undefined) throw new UsageError(USAGE);
  const given = Object.entries(values).map(([option, text]) => [
    option,
    numberOf(option as keyof BenchOptions, String(text)),
  ]);
  return { name, scenario, options: { ...DEFAULTS, ...scenario.defaults, ...Object.fromEntries(given) } };
}

function numberOf(option: keyof BenchOptions, text: string): number {
  const number = Number(text);
  if (text === '' || !Number.isFinite(number) || number < 0 || number > HIGHEST[option]) {
    throw new UsageError(`--${option} ${text}: not from 0 to ${HIGHEST[option]}`);
  }
  return number;
}

async function snapshot(world: World): Promise<Snapshot> {
  const services = [...world.system.services.values()].flat();
  const summed = async (metric: string): Promise<Buckets> => {
    const sum = new Map<number, number>();
    for (const { url } of services) {
      for (const [bound, count] of await bucketsOf(url, metric)) sum.set(bound, (sum.get(bound) ?? 0) + count);
    }
    return sum;
  };
  return {
    usage: usageOf(new Map([...world.pids(), ['this load', process.pid]])),
    written: await writtenSoFar(world.admin, world.dataDir),
    relayLag: await summed('qtm_relay_lag_seconds'),
    consumerLag: await summed('qtm_consumer_lag_seconds'),
    costliest: [],
  };
}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<number> {
  const { name, scenario, options } = readOptions(args);
  const speed = speedOfCore();
  let failures = 0;
  const world = await openWorld(DATA_DIR, say);
  try {
    const { version } = process;
    say(`\n${name}: ${JSON.stringify(options)}`);
    say(
      `Node ${version}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, load on the same cores; a core makes ${speed.toFixed(0)} SHA-256 of 1 KiB per ms\n`,
    );
    const measure = async (title: string, next: () => Act, change: Partial<LoadOptions> = {}): Promise<Measured> => {
      const given = { ...options, ...change, next };
      if (options.warmup > 0) await load({ ...given, seconds: options.warmup });
      await forgetStatements(world.admin);
      const before = await snapshot(world);
      const measured = await load(given);
      const after = await snapshot(world);
      const lags = {
        relayLag: difference(after.relayLag, before.relayLag),
        consumerLag: difference(after.consumerLag, before.consumerLag),
      };
      const used = options.top === 0 ? [] : await costliest(world.admin, options.top);
      say(report(title, measured, before, { ...after, ...lags, costliest: used }));
      failures += [...measured.failures.values()].reduce((sum, number) => sum + number, measured.shed);
      return measured;
    };
    await scenario.run(world, options, measure, say);
  } finally {
    await world.stop();
  }
  rmSync(DATA_DIR, { recursive: true, force: true });
  return failures === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    say(error.message);
    process.exitCode = process.argv.includes('--help') ? 0 : 2;
  } else {
    process.stderr.write(`bench: ${(error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
