import { parseArgs } from 'node:util';

export const USAGE = `usage: npm run chaos -- [--minutes <n>] [--seed <n>] [--only <fault>,…] [--walkers <n>] [--rate <n>]
       npm run chaos -- <csv> [--concurrency <rows>] [--only <process>]
  starts a whole system of its own, two processes of everything and a proxy between any two parts, keeps requests on their way through
  the spine and operators changing hands, and lets faults come in random order; then holds everything that was asked and answered
  against topics, journals, copies and what clients are shown
  --minutes      how long faults come (default 5, at most 600)
  --seed         of the order; printed, so that a run can be repeated (default: of the clock)
  --only         kinds of faults whose names begin so
  --walkers      requests on their way at a time (default 48); beside every four of them one client moves operators
  --rate         commands acknowledged per second between faults, fewer are a finding (default 50)
 with a file of service requests: replays it, kills every process once with kill -9, each while at least 20 requests are open at the
  gateway, replays it once more, and holds every topic against its journal (which needs a JDK)
  --concurrency  rows in flight at a time (default 48)
  --only         this process alone, such as jobs, gateway or kafka
 data and logs lie in .local/chaos and stay there where something went wrong`;

export interface CampaignArguments {
  readonly minutes: number;
  readonly seed: number;
  readonly only: readonly string[];
  readonly walkers: number;
  readonly rate: number;
}

export interface SiegeArguments {
  readonly file: string;
  readonly concurrency: number;
  readonly only: string | undefined;
}

export type ChaosArguments =
  | { readonly mode: 'help' }
  | ({ readonly mode: 'campaign' } & CampaignArguments)
  | ({ readonly mode: 'siege' } & SiegeArguments);

/**
 * Reads the command line.
 * @throws Error naming the option that is wrong
 */
export function readArguments(args: string[], now: number): ChaosArguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(now % 1_000_000) },
      only: { type: 'string' },
      walkers: { type: 'string', default: '48' },
      rate: { type: 'string', default: '50' },
      concurrency: { type: 'string', default: '48' },
      help: { type: 'boolean', default: false },
    },
  });
  const [file] = positionals;
  if (values.help) return { mode: 'help' };
  if (file !== undefined) {
    const concurrency = whole('concurrency', values.concurrency, 20, 256);
    return { mode: 'siege', file, concurrency, only: values.only };
  }
  return {
    mode: 'campaign',
    minutes: number('minutes', values.minutes, 0, 600),
    seed: whole('seed', values.seed, 0, 2 ** 32 - 1),
    only: values.only?.split(',') ?? [],
    walkers: whole('walkers', values.walkers, 1, 256),
    rate: number('rate', values.rate, 0, 10_000),
  };
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max))
    throw new Error(`--${name} ${text}: not from ${min} to ${max}`);
  return value;
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = number(name, text, min, max);
  if (!Number.isInteger(value)) throw new Error(`--${name} ${text}: not a whole number`);
  return value;
}
