import { DatabaseError } from 'pg';
import { BEGIN, COMMIT, flight } from '../command/flight.ts';
import type { Pool, PoolClient } from '../database/pool.ts';
import { rowsOf } from '../database/statement.ts';
import { onConnection } from '../database/transaction.ts';
import type { ReceivedMessage } from '../kafka/client.ts';
import type { Chassis } from '../service/chassis.ts';
import { type Follows, keepCopies } from './copies.ts';
import { type Incoming, incomingOf } from './incoming.ts';
import { type Parked, type Place, park, parkedKeys, parkedMessages, unpark } from './parking.ts';
import { lockPosition, movePosition, passOver } from './position.ts';
import { type Reactions, reactionTx } from './reaction.ts';

/** What applying events needs to know. */
export interface Applier {
  readonly chassis: Chassis;
  readonly pool: Pool;
  readonly follows: Follows;
  readonly reactions: Reactions;
}

/** Faults of the database's state, not of the event: the same event may pass when tried again. */
const PASSING_FAULT_CLASSES = new Set(['08', '25', '40', '53', '55', '57', '58', 'XX']);

/** True where repeating cannot mend it: the event is parked. Errors of the connection and the like are not of that kind. */
export function isDeterministic(error: unknown): boolean {
  if (error instanceof DatabaseError) return !PASSING_FAULT_CLASSES.has((error.code ?? 'XX').slice(0, 2));
  return !(error instanceof Error && /connect|terminated|timeout|ECONN|EPIPE/i.test(error.message));
}

/**
 * False where nothing follows from a message here: what its headers say it is about is neither kept as a copy nor reacted to. Asked of
 * every message, so its value is not looked at.
 */
function concerns({ follows, reactions }: Applier, source: string, { headers }: ReceivedMessage): boolean {
  const { ce_type: type, ce_subject: subject } = headers;
  if (type === undefined || subject === undefined) return true;
  const aggregate = subject.slice(0, subject.indexOf('/'));
  return type in reactions || (follows[source]?.includes(aggregate) ?? false);
}

/**
 * Applies messages of one partition in their order: copies, reactions, and the position in one transaction. Where one fails for good
 * the messages are taken one by one, and only those of its key are set aside.
 * @throws what passes, so that the caller tries the same messages again
 */
export async function applyMessages(
  applier: Applier,
  place: Place,
  messages: readonly ReceivedMessage[],
): Promise<void> {
  const { source, topic, partition } = place;
  const last = messages.at(-1);
  if (last === undefined) return;
  if (!messages.some((message) => concerns(applier, source, message))) {
    await rowsOf(applier.pool, passOver(topic, partition, last.offset + 1n));
    applier.chassis.metrics.consumed.inc({ topic, outcome: 'skipped' }, messages.length);
    return;
  }
  try {
    await inTransaction(applier.pool, (client) => applyAll(applier, client, place, messages));
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    for (const message of messages) await applyOrPark(applier, place, message);
  }
}

async function applyOrPark(applier: Applier, place: Place, message: ReceivedMessage): Promise<void> {
  try {
    await inTransaction(applier.pool, (client) => applyAll(applier, client, place, [message]));
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const reason = (error as Error).message;
    applier.chassis.logger.error({ err: error, ...place, offset: String(message.offset) }, 'an event is parked');
    await inTransaction(applier.pool, async (client) => {
      const next = await begin(client, place);
      if (message.offset < next) return;
      await setAside(applier, client, place, message, reason);
      await flight(client, [movePosition(place.topic, place.partition, message.offset + 1n)]);
    });
  }
}

/** Opens the transaction and gives the offset to go on from, in one flight with whatever else is asked at once. */
async function begin(client: PoolClient, { topic, partition }: Place): Promise<bigint> {
  const [, , position] = await flight(client, [BEGIN, ...lockPosition(topic, partition)]);
  return position?.[0]?.next_offset ?? 0n;
}

async function applyAll(
  applier: Applier,
  client: PoolClient,
  place: Place,
  messages: readonly ReceivedMessage[],
): Promise<void> {
  const { chassis } = applier;
  const { topic, partition } = place;
  const keys = messages.map((message) => message.key);
  const [, , position, parkedRows] = await flight(client, [
    BEGIN,
    ...lockPosition(topic, partition),
    parkedKeys(topic, keys),
  ]);
  const next: bigint = position?.[0]?.next_offset ?? 0n;
  const fresh = messages.filter((message) => message.offset >= next);
  const last = fresh.at(-1);
  if (last === undefined) return;
  const parked = new Set(parkedRows?.map((row) => row.key as string));
  const events: Incoming[] = [];
  for (const message of fresh) {
    if (!concerns(applier, place.source, message)) chassis.metrics.consumed.inc({ topic, outcome: 'skipped' });
    else if (parked.has(message.key))
      await setAside(applier, client, place, message, 'behind a parked event of its key');
    else events.push(incomingOf(place.source, message));
  }
  await applyEvents(applier, client, place, events);
  await flight(client, [movePosition(topic, partition, last.offset + 1n)]);
}

async function applyEvents(
  { chassis, follows, reactions }: Applier,
  client: PoolClient,
  { source, topic }: Place,
  events: readonly Incoming[],
): Promise<void> {
  const { consumed, consumerLag, divergent } = chassis.metrics;
  const kept = events.filter((event) => follows[source]?.includes(event.aggregate_type) ?? false);
  const diverged = await keepCopies(client, kept);
  if (diverged > 0) {
    divergent.inc(diverged);
    chassis.logger.error({ topic, diverged }, 'two contents for one version: these facts are unknown from now on');
  }
  for (const event of events) {
    await reactions[event.event_type]?.(reactionTx(chassis, client, event), event);
    consumed.inc({ topic, outcome: 'applied' });
    consumerLag.observe(Math.max(0, Date.now() - Date.parse(event.occurred_at)) / 1_000);
  }
}

async function setAside(
  { chassis }: Applier,
  client: PoolClient,
  place: Place,
  message: ReceivedMessage,
  reason: string,
): Promise<void> {
  await park(client, place, message, reason);
  chassis.metrics.consumed.inc({ topic: place.topic, outcome: 'parked' });
  chassis.metrics.parked.inc();
}

/**
 * Applies the parked messages of one key in their order, each in a transaction of its own; a human asks for it once the cause is
 * mended. Stops at the first that fails again. Returns how many were applied.
 */
export async function releaseKey(applier: Applier, source: string, topic: string, key: string): Promise<number> {
  const waiting: readonly Parked[] = await parkedMessages(applier.pool, () => source, { topic, key });
  let released = 0;
  for (const { message, partition } of waiting) {
    const place = { source, topic, partition };
    await inTransaction(applier.pool, async (client) => {
      await flight(client, [BEGIN]);
      await applyEvents(applier, client, place, [incomingOf(source, message)]);
      await unpark(client, place, message.offset);
    });
    applier.chassis.metrics.parked.dec();
    released += 1;
  }
  return released;
}

/** Runs work that has opened a transaction to that transaction's end. */
function inTransaction(pool: Pool, work: (client: PoolClient) => Promise<void>): Promise<void> {
  return onConnection(pool, async (client) => {
    await work(client);
    await flight(client, [COMMIT]);
  });
}
