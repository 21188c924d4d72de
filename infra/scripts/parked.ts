/** `npm run parked -- <service>`: events that wait for a human, and letting them go on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, START_DATA_DIR, servicesHere } from '@qtm/local';
import { openParking, type Parking } from '@qtm/service-kit/parking';

const USAGE = `usage: npm run parked -- <service> [release <topic> <key>]
  lists the events of other services that could not be applied, and those queued behind them
  release     applies what waits under this key, in order, once its cause was mended; stops at the first that fails again
  QTM_DATABASE_URL   address of the service's database, as its runtime role (default: that of npm start)`;

/** A command line that asks for nothing there is. */
class UsageError extends Error {}

/** The database of a service that `npm start` runs. */
function runningDatabase(service: string): string {
  try {
    const { databases } = JSON.parse(readFileSync(join(START_DATA_DIR, 'running.json'), 'utf8')) as {
      databases: Record<string, string>;
    };
    return databases[service] ?? '';
  } catch {
    throw new UsageError('nothing runs here: npm start first, or set QTM_DATABASE_URL');
  }
}

async function list(parking: Parking): Promise<number> {
  const waiting = await parking.list();
  for (const { topic, partition, message, reason } of waiting) {
    console.log(`${topic}  ${message.key}  ${partition}:${message.offset}  ${reason}`);
  }
  console.log(waiting.length === 0 ? 'nothing waits' : `${waiting.length} events wait`);
  return 0;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { help: { type: 'boolean' } } });
  const [service, command, topic, key] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (service === undefined || !servicesHere().includes(service)) {
    throw new UsageError(`name a service: ${servicesHere().join(', ')}`);
  }
  const { service: definition } = await import(join(ROOT, 'services', service, 'src', 'service.ts'));
  const parking = await openParking(definition, () => runningDatabase(service));
  try {
    if (command === undefined) return await list(parking);
    if (command !== 'release' || topic === undefined || key === undefined) throw new UsageError(USAGE);
    const { released, left } = await parking.release(topic, key);
    console.log(`${released} applied, ${left} left`);
    return left === 0 ? 0 : 1;
  } finally {
    await parking.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`parked: ${(error as Error).message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
