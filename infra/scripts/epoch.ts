/** `npm run epoch -- <service>`: which generation of its database a service is in, and raising it after a restore from a backup. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, servicesHere } from '@qtm/local';
import { openEpoch, type Raised } from '@qtm/service-kit/epoch';
import { readSettings, SettingsError } from '@qtm/service-kit/process';
import { epochSettings } from '@qtm/service-kit/settings';

const USAGE = `usage: npm run epoch -- <service> [--raise]
  says the epoch of a service's database
  --raise   after a restore from a backup, with every process of the service stopped: raises the epoch, finds the facts on the topic
            that the backup does not have, and tells consumers how what they were about stands now, or that it is gone
  QTM_OWNER_DATABASE_URL   address of the restored database, as the role that owns its tables
  QTM_KAFKA_BROKERS        Kafka brokers
  QTM_APP_ROLE, QTM_RELAY_ROLE, QTM_TOPIC_PREFIX   as the service has them`;

/** A command line that asks for nothing there is. */
class UsageError extends Error {}

/** More than so many are not read by anybody; the facts themselves name them all. */
const MAX_LINES = 50;

function report(service: string, { epoch, lost, restored, gone }: Raised): void {
  console.log(`${service}: ${lost.length} facts on the topic are not in the journal`);
  for (const [what, ones] of Object.entries({ 'stands as in the backup': restored, 'is gone': gone })) {
    for (const { type, id, lost: facts } of ones.slice(0, MAX_LINES)) {
      console.log(`  ${type} ${id} ${what}: ${facts.length} facts lost`);
    }
    if (ones.length > MAX_LINES) console.log(`  and ${ones.length - MAX_LINES} more: ${what}`);
  }
  console.log(`${service}: epoch ${epoch}; start it again`);
}

async function main(args: string[]): Promise<number> {
  const options = { help: { type: 'boolean' }, raise: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const [service] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (service === undefined || !servicesHere().includes(service)) {
    throw new UsageError(`name a service: ${servicesHere().join(', ')}`);
  }
  const settings = readSettings(epochSettings(service));
  const { service: definition } = await import(join(ROOT, 'services', service, 'src', 'service.ts'));
  const desk = await openEpoch(definition, settings);
  try {
    if (values.raise) report(service, await desk.raise());
    else console.log(`${service}: epoch ${await desk.current()}`);
    return 0;
  } finally {
    await desk.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`epoch: ${(error as Error).message}`);
  process.exitCode = error instanceof UsageError || error instanceof SettingsError ? 2 : 1;
}
