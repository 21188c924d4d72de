/** `npm start`: all of QTM OS on this machine. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  JARS_DIR,
  LocalStackFault,
  ROOT,
  registerPrincipals,
  START_DATA_DIR,
  startLocalStack,
  startSystem,
} from '@qtm/local';
import { loadNamespaces } from '@qtm/service-kit/topics';
import { welcome } from './start/console.ts';
import { readOptions, type StartOptions, USAGE } from './start/options.ts';
import { supervise } from './start/supervise.ts';

const say = (line: string) => console.log(line);

/** Ended in the reverse order of coming up, once, whatever asks for it. */
const ends: (() => Promise<void> | void)[] = [];
let ending: Promise<void> | undefined;

function end(): Promise<void> {
  ending ??= (async () => {
    for (const one of ends.reverse()) await one();
  })();
  return ending;
}

async function up({ port, fresh }: StartOptions): Promise<void> {
  const startedMs = performance.now();
  const stack = await startLocalStack({
    dataDir: START_DATA_DIR,
    jarsDir: JARS_DIR,
    ports: 'kept',
    furtherPorts: { 'GraphQL endpoint': port },
    fresh,
    log: say,
  });
  ends.push(() => stack.stop());
  const system = await startSystem({ stack, dataDir: START_DATA_DIR, port, log: say });
  ends.push(() => system.stop());
  ends.push(supervise(system, say));
  await registerPrincipals(system.endpoint, stack.issuer.sign);
  const running = join(START_DATA_DIR, 'running.json');
  writeFileSync(
    running,
    JSON.stringify({
      endpoint: system.endpoint,
      brokers: stack.kafka.brokers,
      databases: Object.fromEntries([...system.databases].map(([name, { appUrl }]) => [name, appUrl])),
    }),
    { mode: 0o600 },
  );
  ends.push(() => rmSync(running, { force: true }));
  const topics = [...loadNamespaces(join(ROOT, 'schema'), '').values()].map(({ topic }) => topic);
  say(await welcome(system, stack, topics));
  say(`up after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
}

async function main(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options === undefined) return say(USAGE);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, async () => {
      if (ending === undefined) say('\nending …');
      await end();
      process.exit(0);
    });
  }
  await up(options);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { message, stack } = error as Error;
  console.error(`npm start: ${error instanceof LocalStackFault ? message : (stack ?? message)}`);
  await end();
  process.exit(1);
}
