import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { afterAll, expect, test } from 'vitest';
import { besiege, expectedTotals, MIN_OPEN } from '../chaos/siege.ts';
import { uniqueName } from '../harness/names.ts';

const dataDir = join(ROOT, '.local', 'test', uniqueName('siege-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const VICTIMS = ['jobs', 'gateway', 'kafka', 'postgres'];

test('kill -9 of a service, the gateway, the broker and the database during a replay: nothing is lost and nothing is done twice', async () => {
  const lines: string[] = [];
  const siege = await besiege({
    file: join(ROOT, 'test/data/nyc311-excerpt.csv'),
    dataDir,
    victims: (name) => VICTIMS.includes(name),
    concurrency: 48,
    log: (line) => lines.push(line),
  });
  const { blows, first, second, comparison } = siege;
  process.stdout.write(`${lines.join('\n')}\n${comparison.output}`);
  expect(blows.map(({ victim }) => victim)).toEqual(VICTIMS);
  for (const { open } of blows) expect(open).toBeGreaterThanOrEqual(MIN_OPEN);
  for (const { rejected, counts } of [first, second]) {
    expect(rejected).toEqual([]);
    const { states: _, ...numbers } = counts;
    expect(numbers).toEqual({ requests: 100, tasks: 100, jobs: 98, serviceEvents: 98, records: 98 });
  }
  expect(second.unchanged).toBe(true);
  expect(siege.totals).toEqual(expectedTotals(siege));
  expect(comparison.same, comparison.output).toBe(true);
});
