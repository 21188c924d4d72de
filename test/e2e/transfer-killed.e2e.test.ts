import { type Managed, waitFor } from '@qtm/local';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openProxy, type TcpProxy } from '../chaos/proxy.ts';
import { codeOf, DENIED } from '../harness/answers.ts';
import { submit } from '../harness/cast.ts';
import { newJob, startedJob } from '../harness/chains.ts';
import { held } from '../harness/claims.ts';
import { asService } from '../harness/databases.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { type Observed, relayed, rowsOf, topicsOf, valuesOf } from '../harness/topics.ts';
import {
  assembleForTransfers,
  type Crew,
  entryOf,
  meet,
  newCrew,
  outcome,
  type TransferCast,
  tasksOf,
  transferIn,
  transferOf,
} from '../harness/transfers.ts';
import type { Visitor } from '../harness/visitor.ts';

const COMMITTED_TIMEOUT_MS = 30_000;

let system: TestSystem;
let observed: Observed;
let cast: TransferCast;
/** Between the gateway and transfer. */
let way: TcpProxy;

beforeAll(async () => {
  system = await startTestSystem({
    env: { QTM_TEST_CONTROLS: 'on' },
    async route(between, name, url) {
      if (between !== 'gateway–service' || name !== 'transfer') return url;
      way = await openProxy(Number(new URL(url).port));
      return `http://127.0.0.1:${way.port}`;
    },
  });
  observed = { ...system, brokers: system.stack.kafka.brokers };
  cast = await assembleForTransfers(system);
});
afterAll(async () => {
  await system?.stop();
  await way?.close();
});

/** An operator of which a transfer is accepted, with work in hand. */
interface Selling extends Crew {
  readonly transferId: string;
  /** For each service something that whoever holds the operator may do in it. */
  readonly acts: readonly (readonly [service: string, field: string, input: object])[];
}

async function selling(): Promise<Selling> {
  const crew = await newCrew(system, cast);
  const { operator, holder, governor } = crew;
  const chain = { ...cast, operator, holder, governor };
  const { jobId: queued } = await newJob(chain);
  const { jobId: started } = await startedJob(chain);
  const { taskId: open } = await submit(cast.requester, { addressedTo: operator });
  const { data } = await cast.requester.send('{ me { id } }');
  meet(holder, cast.requester);
  const proposal = { objectClass: 'operator', objectId: operator, toIdentityId: data.me.id };
  const acts = [
    ['operator', 'setReadiness', { slug: operator, readiness: 'READY' }],
    ['governance', 'reviewTask', { taskId: open, risk: 'LOW' }],
    ['jobs', 'claimJob', { jobId: queued, asOperator: operator }],
    ['workflow', 'advanceStage', { jobId: started, toStage: 'resolution' }],
    ['transfer', 'proposeTransfer', proposal],
  ] as const;
  expect(acts.map(([service]) => service).toSorted()).toEqual([...system.services.keys()].toSorted());
  return { ...crew, acts, transferId: await transferIn(crew, 'accepted') };
}

/** Facts of the transfer and of its register entry, as the journal has them. */
const factsOf = ({ transferId, operator }: Selling) =>
  asService<{ name: string; event_id: string }>(
    system,
    'transfer',
    `select split_part(event_type, '.', 3) as name, event_id::text from journal where aggregate_id in ($1, $2) order by name`,
    [transferId, `operator:${operator}`],
  );

/** Waits until the completion is in the database, whatever anybody was told of it. */
const committed = (one: Selling) =>
  waitFor(async () => (await factsOf(one)).find(({ name }) => name === 'transfer_completed'), {
    timeoutMs: COMMITTED_TIMEOUT_MS,
    what: 'the completion is committed',
  });

/** What is on the topic of transfer, as often as it is there, by the id of the event. */
async function published(): Promise<ReadonlyMap<string, readonly string[]>> {
  const values = await valuesOf(observed, topicsOf(observed).get('transfer') ?? '');
  return Map.groupBy(values, (value) => JSON.parse(value).event_id);
}

function theProcess(): Managed {
  const [service] = system.services.get('transfer') ?? [];
  if (service === undefined) throw new Error('transfer does not run');
  return service;
}

async function startAgain(service: Managed): Promise<void> {
  await service.start();
  await service.ready();
}

/** It was done once: in the journal, in the register, and before the legal queue, of which whoever asks has seen the completion. */
async function isDoneOnce(one: Selling, asking: Visitor): Promise<void> {
  expect((await factsOf(one)).map(({ name }) => name)).toEqual([
    'operator_transferred',
    'register_entry_seeded',
    'transfer_accepted',
    'transfer_completed',
    'transfer_proposed',
  ]);
  const { state, transitions } = await transferOf(asking, one.transferId, 'state transitions { newState }');
  expect([state, transitions.length]).toEqual(['completed', 3]);
  expect(await entryOf(asking, one.operator)).toMatchObject({
    holderIdentityId: one.buyerId,
    registerVersion: 2,
    setById: one.transferId,
  });
  const tasks = await tasksOf(asking, one.transferId);
  expect(tasks.map(({ event }) => event)).toEqual(['transfer_proposed', 'transfer_accepted', 'transfer_completed']);
}

/** Every service refuses its former holder, and then takes the same from the new one, both of whom have seen the completion. */
async function isObeyed({ acts, holder, buyer }: Selling, seen: Visitor): Promise<void> {
  for (const [service, field, input] of acts) {
    expect(DENIED, service).toContain(codeOf(await holder.learn(seen).attempt(field, input), field));
  }
  for (const [service, field, input] of acts) {
    expect(codeOf(await buyer.learn(seen).attempt(field, input), field), service).toBe('ACCEPTED');
  }
}

test('T-TR-19 T-TR-24: killed between commit and answer, the same command again gets the completion, which was made once', async () => {
  const one = await selling();
  const { superAdmin, transferId } = one;
  const input = { transferId, idempotencyKey: `unanswered ${transferId}` };
  const service = theProcess();
  way.holdAnswers();
  const unanswered = superAdmin.attempt('completeTransfer', input);
  const completion = await committed(one);
  await service.kill();
  // What the process had said already never arrives.
  way.reset();
  way.release();
  expect((await unanswered).errors[0]?.extensions.code).toBe('OUTCOME_UNKNOWN');
  await startAgain(service);

  expect(await outcome(superAdmin, 'completeTransfer', input)).toBe('completed');
  expect(await committed(one)).toEqual(completion);
  await isDoneOnce(one, superAdmin);
  await isObeyed(one, superAdmin);
});

test('T-TR-19 T-TR-24: killed between commit and topic, every service hears of the completion and obeys', async () => {
  const one = await selling();
  const { superAdmin, transferId } = one;
  const service = theProcess();
  await relayed(observed);
  await held(system, 'transfer', 'relay').put();
  const before = (await factsOf(one)).map(({ event_id }) => event_id);
  expect(await outcome(superAdmin, 'completeTransfer', { transferId })).toBe('completed');
  const unsent = (await factsOf(one)).map(({ event_id }) => event_id).filter((id) => !before.includes(id));
  expect(unsent).toHaveLength(2);
  await service.kill();
  const sent = await published();
  for (const id of before) expect(sent.has(id)).toBe(true);
  for (const id of unsent) expect(sent.has(id)).toBe(false);
  await startAgain(service);

  await isDoneOnce(one, superAdmin);
  await isObeyed(one, superAdmin);
  await relayed(observed);
  const told = await published();
  const facts = 'select event_id::text, payload from journal';
  const journal = await rowsOf<{ event_id: string; payload: string }>(observed, 'transfer', facts);
  for (const { event_id, payload } of journal)
    expect(new Set(told.get(event_id)), event_id).toEqual(new Set([payload]));
  expect(told.size).toBe(journal.length);
  const messages = [...told.values()].reduce((sum, { length }) => sum + length, 0);
  process.stdout.write(`${journal.length} facts of transfer are on its topic, in ${messages} messages\n`);
});
