import { signingKey, waitFor } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS_PER_CHAIN, chains, openPlay, type Play } from '../bench/chains.ts';
import { Graph } from '../bench/graph.ts';
import { type LoadOptions, load, type Measured } from '../bench/load.ts';
import { openMarket } from '../bench/market.ts';
import { timesTable } from '../bench/report.ts';
import { transfers } from '../bench/scenarios/transfers.ts';
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

/** Three of the transfer, one of the register, three governance tasks, and the operator, which follows. */
const FACTS_PER_TRANSFER = 8;
const COUNT_TRANSFERRED = `select count(*)::integer as rows from journal where event_type ~
  '[.](transfer_proposed|transfer_accepted|transfer_completed|operator_transferred|governance_task_created|operator_holder_changed)[.]'`;
const COMMANDS_PER_TRANSFER = 3;
const OPERATORS = 20;
/** What is late is no refusal here: the machine may do other things beside. */
const PATIENT = { QTM_AUTHORITY_MAX_AGE_MS: '60000' };

let system: TestSystem;
let play: Play;

beforeAll(async () => {
  system = await startTestSystem({ env: PATIENT });
  play = await openPlay(system.endpoint, await signingKey(system.stack.dataDir));
});
afterAll(() => system?.stop());

async function journalRows(count = COUNT): Promise<number> {
  const observed = { ...system, brokers: system.stack.kafka.brokers };
  const counts = await Promise.all(
    [...system.databases.keys()].map((service) => rowsOf<{ rows: number }>(observed, service, count)),
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

  test('of whole transfers, as it is answered (closed loop): every step is accepted and done once, and the register holds', async () => {
    const key = await signingKey(system.stack.dataDir);
    const market = await openMarket({ system, key, people: play.people }, OPERATORS);
    const rowsBefore = await journalRows(COUNT_TRANSFERRED);
    const graph = new Graph(system.endpoint);
    const next = transfers(graph, market, () => undefined);
    const measured = await load({ rate: 0, clients: 4, seconds: SECONDS / 2, seed: 1, next });
    const { offered, shed, failures, times } = measured;
    process.stdout.write(`${timesTable(measured).join('\n')}\n`);
    expect([...failures]).toEqual([]);
    expect(shed).toBe(0);
    expect(offered).toBeGreaterThan(4);
    const commands = [...times.values()].reduce((sum, { totalCount }) => sum + totalCount, 0) - offered;
    expect(commands).toBe(offered * COMMANDS_PER_TRANSFER);
    const facts = rowsBefore + offered * FACTS_PER_TRANSFER;
    const arrived = async () => ((await journalRows(COUNT_TRANSFERRED)) >= facts ? true : undefined);
    await waitFor(arrived, { timeoutMs: 15_000, what: `${facts} facts are in the journals` });
    expect(await journalRows(COUNT_TRANSFERRED)).toBe(facts);
    const { verifyRegister } = await graph.ask(await market.superAdmins[0].token(), '{ verifyRegister { holds } }', {});
    expect(verifyRegister).toEqual({ holds: true });
    await graph.close();
  });
});
