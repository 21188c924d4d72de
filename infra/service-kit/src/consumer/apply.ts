import { BEGIN, COMMIT, flight } from '../command/flight.ts';
import { isPassing } from '../database/faults.ts';
import type { Pool, PoolClient } from '../database/pool.ts';
import { type Queryable, rowsOf, type Sql } from '../database/statement.ts';
import { onConnection } from '../database/transaction.ts';
import type { ReceivedMessage } from '../kafka/client.ts';
import type { Chassis } from '../service/chassis.ts';
import { type Follows, keepCopies, settleUnknown } from './copies.ts';
import { type Incoming, incomingOf, Unreadable } from './incoming.ts';
import { forgetLost, LOST_AGGREGATE } from './lost.ts';
import { type Place, park, parkedKeys, parkedMessages, unpark } from './parking.ts';
import { firstPosition, lockPosition, movePosition, type PassedOver } from './position.ts';
import { type Reactions, reactionTx } from './reaction.ts';

/** What applying events needs to know. */
export interface Applier {
  readonly chassis: Chassis;
  readonly pool: Pool;
  readonly follows: Follows;
  readonly reactions: Reactions;
  readonly passedOver: PassedOver;
}

/** True where repeating cannot mend it: the event is parked. What passes (connections and the like) is tried again instead. */
export function isDeterministic(error: unknown): boolean {
  return error instanceof Unreadable || !isPassing(error);
}

/**
 * False where nothing follows from a message here: what its headers say it is about is neither kept as a copy nor reacted to. Asked of
 * every message, so its value is not looked at.
 */
function concerns(applier: Applier, source: string, { headers }: ReceivedMessage): boolean {
  const { ce_type: type, ce_subject: subject } = headers;
  if (type === undefined || subject === undefined) return true;
  return (
    type in applier.reactions ||
    followedType(applier, source, headers) !== undefined ||
    subject.startsWith(`${LOST_AGGREGATE}/`)
  );
}

/** The followed aggregate that a message says in its headers to be about. */
function followedType(
  { follows }: Applier,
  source: string,
  { ce_subject: subject }: ReceivedMessage['headers'],
): string | undefined {
  return follows[source]?.find((type) => subject?.startsWith(`${type}/`));
}

/**
 * Applies messages of one partition in their order: copies, reactions, and the position in one transaction. Where one fails for good
 * the messages are taken one by one, and only those of its key are set aside.
 * @returns the events that had an effect here
 * @throws what passes, so that the caller tries the same messages again
 */
export async function applyMessages(
  applier: Applier,
  place: Place,
  messages: readonly ReceivedMessage[],
): Promise<readonly Incoming[]> {
  const { source, topic, partition } = place;
  const last = messages.at(-1);
  if (last === undefined) return [];
  if (!messages.some((message) => concerns(applier, source, message))) {
    applier.passedOver.note(topic, partition, last.offset + 1n);
    applier.chassis.metrics.consumed.inc({ topic, outcome: 'skipped' }, messages.length);
    return [];
  }
  try {
    return await applyTogether(applier, place, messages);
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const applied: Incoming[] = [];
    for (const message of messages) applied.push(...(await applyOrPark(applier, place, message)));
    return applied;
  }
}

/** One transaction for all of these messages. */
async function applyTogether(
  applier: Applier,
  place: Place,
  messages: readonly ReceivedMessage[],
): Promise<readonly Incoming[]> {
  const applied: Incoming[] = [];
  await inTransaction(applier.pool, (client) => applyAll(applier, client, place, messages, applied));
  return applied;
}

async function applyOrPark(applier: Applier, place: Place, message: ReceivedMessage): Promise<readonly Incoming[]> {
  try {
    return await applyTogether(applier, place, [message]);
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const reason = (error as Error).message;
    applier.chassis.logger.error({ err: error, ...place, offset: String(message.offset) }, 'an event is parked');
    await inTransaction(applier.pool, async (client) => {
      const { next } = await begin(client, place);
      if (message.offset < next) return [];
      await setAside(applier, client, place, message, reason);
      return [movePosition(place.topic, place.partition, message.offset + 1n)];
    });
    return [];
  }
}

/** Opens the transaction; gives the offset to go on from, locked, and which of these keys have an event parked. */
async function begin(
  client: PoolClient,
  place: Place,
  keys: readonly string[] = [],
): Promise<{ readonly next: bigint; readonly parked: ReadonlySet<string> }> {
  const { topic, partition } = place;
  const lock = lockPosition(topic, partition);
  const [, position, parked = []] = await flight(client, [BEGIN, lock, parkedKeys(topic, keys)]);
  if (position?.length === 0) {
    await flight(client, [firstPosition(topic, partition), COMMIT]);
    return begin(client, place, keys);
  }
  return { next: position?.[0]?.next_offset ?? 0n, parked: new Set(parked.map((row) => row.key as string)) };
}

/** Gathers in `events` what has an effect; leaves the moving of the position to be sent with the end of the transaction. */
async function applyAll(
  applier: Applier,
  client: PoolClient,
  place: Place,
  messages: readonly ReceivedMessage[],
  events: Incoming[],
): Promise<readonly Sql[]> {
  const { chassis } = applier;
  const { topic, partition } = place;
  const keys = messages.map((message) => message.key);
  const { next, parked } = await begin(client, place, keys);
  const fresh = messages.filter((message) => message.offset >= next);
  const last = fresh.at(-1);
  if (last === undefined) return [];
  for (const message of fresh) {
    if (!concerns(applier, place.source, message)) chassis.metrics.consumed.inc({ topic, outcome: 'skipped' });
    else if (parked.has(message.key))
      await setAside(applier, client, place, message, 'behind a parked event of its key');
    else events.push(incomingOf(place.source, message));
  }
  await applyEvents(applier, client, place, events);
  return [movePosition(topic, partition, last.offset + 1n)];
}

async function applyEvents(
  { chassis, follows, reactions }: Applier,
  client: PoolClient,
  { source, topic }: Place,
  events: readonly Incoming[],
): Promise<void> {
  const { consumed, consumerLag, divergent } = chassis.metrics;
  const kept = events.filter((event) => follows[source]?.includes(event.aggregate_type) ?? false);
  const copies = kept.length === 0 ? [] : await rowsOf<{ divergent: boolean }>(client, keepCopies(kept));
  const diverged = copies.filter(({ divergent: two }) => two).length;
  await forgetLost(client, events);
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
  applier: Applier,
  client: PoolClient,
  place: Place,
  message: ReceivedMessage,
  reason: string,
): Promise<void> {
  const { metrics } = applier.chassis;
  await park(client, place, message, { reason, type: followedType(applier, place.source, message.headers) });
  metrics.consumed.inc({ topic: place.topic, outcome: 'parked' });
  metrics.parked.inc();
}

/**
 * Applies the parked messages of one key in their order, each in a transaction of its own; a human asks for it once the cause is
 * mended. Stops at the first that fails again; until nothing of the key waits, it stays unknown. Returns how many were applied.
 */
export async function releaseKey(applier: Applier, source: string, topic: string, key: string): Promise<number> {
  let released = 0;
  while (await releaseOldest(applier, source, topic, key)) released += 1;
  return released;
}

/** False where nothing of the key waits. The position is locked: nothing is parked, and nobody else releases, meanwhile. */
async function releaseOldest(applier: Applier, source: string, topic: string, key: string): Promise<boolean> {
  const oldest = async (db: Queryable) => (await parkedMessages(db, () => source, { topic, key, limit: 1 }))[0];
  const first = await oldest(applier.pool);
  if (first === undefined) return false;
  let found = false;
  await inTransaction(applier.pool, async (client) => {
    await begin(client, first);
    const parked = await oldest(client);
    if (parked === undefined) return [];
    found = true;
    await applyEvents(applier, client, parked, [incomingOf(source, parked.message)]);
    await unpark(client, parked, parked.message.offset);
    await settleUnknown(client, source, topic, key);
    applier.chassis.metrics.parked.dec();
    return [];
  });
  return found;
}

/** Runs work that opens a transaction; what it leaves to be done goes out with the end of that transaction. */
function inTransaction(pool: Pool, work: (client: PoolClient) => Promise<readonly Sql[]>): Promise<void> {
  return onConnection(pool, async (client) => {
    const rest = await work(client);
    await flight(client, [...rest, COMMIT]);
  });
}
