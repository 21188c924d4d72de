/** `npm run replay -- <csv>`: real service requests through the running system, as any client would send them. */
import { parseArgs } from 'node:util';
import { START_DATA_DIR, signingKey } from '@qtm/local';
import { Presets, SingleBar } from 'cli-progress';
import { runningEndpoint } from './replay/endpoint.ts';
import { report, reportJson } from './replay/report.ts';
import { replay } from './replay/run.ts';

const USAGE = `usage: npm run replay -- <csv> [--json] [--concurrency <rows>] [--endpoint <address>]
  replays a file of NYC 311 service requests through the gateway of a running npm start
  --json         one last line of numbers
  --concurrency  rows in flight at a time, 1 to 256 (default 16)
  --endpoint     of the gateway (default: that of npm start)
  --data         data folder of another stack, whose issuer's key makes the sessions
  interrupted anywhere, the same again goes on; an excerpt of 100 rows: test/data/nyc311-excerpt.csv`;

const MAX_CONCURRENCY = 256;

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '16' },
      endpoint: { type: 'string' },
      data: { type: 'string', default: START_DATA_DIR },
      help: { type: 'boolean', default: false },
    },
  });
  const [file] = positionals;
  if (values.help || file === undefined) return undefined;
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    throw new Error(`--concurrency ${values.concurrency}: not from 1 to ${MAX_CONCURRENCY}`);
  }
  return { ...values, file, concurrency };
}

async function main(args: string[]): Promise<number> {
  const options = readArguments(args);
  if (options === undefined) {
    console.log(USAGE);
    return args.includes('--help') ? 0 : 2;
  }
  const { file, json, concurrency, data } = options;
  const endpoint = options.endpoint ?? runningEndpoint(data);
  const bar = process.stderr.isTTY
    ? new SingleBar(
        { format: '{bar} {value} of {total} rows, {eta_formatted} left', stream: process.stderr },
        Presets.rect,
      )
    : undefined;
  const result = await replay({
    file,
    endpoint,
    key: await signingKey(data),
    concurrency,
    onProgress(done, of) {
      if (bar?.isActive === false) bar.start(of, 0);
      bar?.update(done);
    },
  });
  bar?.stop();
  console.log(report(result));
  if (json) console.log(reportJson(result));
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`replay: ${(error as Error).message}`);
  process.exitCode = 1;
}
