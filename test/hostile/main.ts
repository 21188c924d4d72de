/** `npm run hostile`: every operation of the supergraph, and the doors themselves, attacked; every answer, row and log looked at. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, signingKey, signToken, startLocalStack, startSystem } from '@qtm/local';
import { ATTACKS } from './attacks/index.ts';
import { describeFindings } from './findings.ts';
import { runHostile } from './run.ts';

const USAGE = `usage: npm run hostile -- [--minutes <n>] [--seed <s>] [--only <attack>]...
  starts a whole system of its own, plants the work of two operators in it, and is hostile to it in rounds: after every answer, and
  after every attack, it looks whether what must hold does; ends with one line of JSON: what was sent, answered and found
  --minutes  rounds begin until so much time has passed (default 5; 0 is one round)
  --seed     what is drawn, 0 to 4294967295 (default: the clock); printed, and the same draws for the same seed
  --only     this attack alone; may be given several times
attacks:
${ATTACKS.map(({ name, describe }) => `  ${name.padEnd(12)} ${describe}`).join('\n')}
  data and logs lie in .local/hostile and stay there where something was found; exit code 1 where something was`;

const DATA_DIR = join(ROOT, '.local', 'hostile');
const MAX_SEED = 0xffffffff;
const MAX_MINUTES = 24 * 60;
const ROUND_MS = 150_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

function wholeNumber(name: string, text: string, max: number): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0 || number > max) {
    throw new Error(`--${name} ${text}: not a whole number from 0 to ${max}`);
  }
  return number;
}

function chosenAttacks(only: readonly string[]) {
  const unknown = only.find((name) => !ATTACKS.some((attack) => attack.name === name));
  if (unknown !== undefined) throw new Error(`there is no attack ${unknown}; see --help`);
  return ATTACKS.filter(({ name }) => only.length === 0 || only.includes(name));
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % MAX_SEED) },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const minutes = wholeNumber('minutes', values.minutes, MAX_MINUTES);
  const seed = wholeNumber('seed', values.seed, MAX_SEED);
  const attacks = chosenAttacks(values.only);
  say(`seed ${seed}`);
  const stack = await startLocalStack({ dataDir: DATA_DIR, ephemeral: true, fresh: true, log: say });
  try {
    const system = await startSystem({ stack, dataDir: DATA_DIR, log: say, env: { QTM_LOG_LEVEL: 'info' } });
    try {
      const key = await signingKey(DATA_DIR);
      const result = await runHostile({
        system,
        sign: (claims) => signToken(key, claims),
        publicJwk: { ...key.publicJwk },
        run: 'siege',
        seed,
        attacks,
        roundMs: ROUND_MS,
        minimumMs: minutes * 60_000,
        log: say,
      });
      const { findings, ...counts } = result;
      if (findings.length > 0) say(describeFindings(findings));
      say(JSON.stringify({ ...counts, findings: findings.length }));
      if (findings.length > 0) return 1;
    } finally {
      await system.stop();
    }
  } finally {
    await stack.stop();
  }
  rmSync(DATA_DIR, { recursive: true, force: true });
  return 0;
}

let exitCode = 1;
try {
  exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`hostile: ${(error as Error).message}\n`);
}
process.exit(exitCode);
