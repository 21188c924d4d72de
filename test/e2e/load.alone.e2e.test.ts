import { signingKey, waitFor } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS_PER_CHAIN, chains, openPlay, type Play } from '../bench/chains.ts';
import { type LoadOptions, load, type Measured } from '../bench/load.ts';
import { timesTable } from '../bench/report.ts';
import { totalsOf } from '../chaos/totals.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { rowsOf } from '../harness/topics.ts';

/** What the commands of a chain, and what follows from them, leave in the journals of all services. */
const FACTS_PER_CHAIN = 20;
/**
 * Without those who take part, who may still be becoming known while the load begins, and without the two steps that an intake
 * leaves out where their causes come after those of later ones.
 */
const COUNT = `select count(*)::integer as rows from journal where event_type !~ '[.]intake_(tasked|recorded)[.]'
  and aggregate_type in ('request', 'intake', 'task', 'assignment', 'job', 'service_event', 'evidence', 'record')`;
const SECONDS = 8;

let system: TestSystem;
let play: Play;

beforeAll(async () => {
  system = await startTestSystem();
  play = await openPlay(system.endpoint, await signingKey(system.stack.dataDir));
});
afterAll(() => system?.stop());

async function journalRows(): Promise<number> {
  const observed = { ...system, brokers: system.stack.kafka.brokers };
  const counts = await Promise.all(
    [...system.databases.keys()].map((service) => rowsOf<{ rows: number }>(observed, service, COUNT)),
  );
  return counts.reduce((sum, [row]) => sum + (row?.rows ?? 0), 0);
}

async function under(change: Partial<LoadOptions>): Promise<Measured> {
  const next = chains(system.endpoint, play, JSON.stringify(change));
  const measured = await load({ rate: 0, clients: 8, seconds: SECONDS, seed: 1, next, ...change });
  process.stdout.write(`${timesTable(measured).join('\n')}\n`);
  return measured;
}

describe('a short load', () => {
  test.each([
    ['as it is answered (closed loop)', {}],
    ['as it arrives (open loop)', { rate: 3 }],
  ])('of real requests, %s: every command is accepted, and done once', async (_, change) => {
    const observed = { ...system, brokers: system.stack.kafka.brokers };
    const [before, rowsBefore] = [await totalsOf(observed), await journalRows()];
    const { offered, shed, failures, times } = await under(change);
    expect([...failures]).toEqual([]);
    expect(shed).toBe(0);
    expect(offered).toBeGreaterThan(8);
    const commands = [...times.values()].reduce((sum, { totalCount }) => sum + totalCount, 0) - offered;
    expect(commands).toBe(offered * COMMANDS_PER_CHAIN);
    // What follows from the last command arrives a moment later.
    const facts = rowsBefore + offered * FACTS_PER_CHAIN;
    const arrived = async () => ((await journalRows()) >= facts ? true : undefined);
    await waitFor(arrived, { timeoutMs: 15_000, what: `${facts} facts are in the journals` });
    expect(await journalRows()).toBe(facts);
    const after = await totalsOf(observed);
    for (const kind of Object.keys(after) as (keyof typeof after)[]) expect(after[kind] - before[kind]).toBe(offered);
  });
});
