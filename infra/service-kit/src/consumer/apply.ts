import { BEGIN, COMMIT, flight } from '../command/flight.ts';
import { isPassing } from '../database/faults.ts';
import type { Pool, PoolClient } from '../database/pool.ts';
import { type Queryable, rowsOf, type Sql } from '../database/statement.ts';
import { onConnection } from '../database/transaction.ts';
import type { ReceivedMessage } from '../kafka/client.ts';
import type { Chassis } from '../service/chassis.ts';
import { type CopyRow, type Follows, keepCopies, settleUnknown } from './copies.ts';
import { type Incoming, incomingOf, Unreadable } from './incoming.ts';
import { forgetLost, LOST_AGGREGATE } from './lost.ts';
import { type Place, park, parkedKeys, parkedMessages, unpark } from './parking.ts';
import { firstPositions, lockPositions, movePositions, type PassedOver, type Position } from './position.ts';
import { type Reactions, reactionTx } from './reaction.ts';

/** What applying events needs to know. */
export interface Applier {
  readonly chassis: Chassis;
  readonly pool: Pool;
  readonly follows: Follows;
  readonly reactions: Reactions;
  readonly passedOver: PassedOver;
}

/** Messages of one partition, in their order. */
export interface Delivery {
  readonly place: Place;
  readonly messages: readonly ReceivedMessage[];
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
 * Applies deliveries of different partitions, each in its order: copies, reactions, and the positions in one transaction. Where that
 * fails for good they are taken one by one, and of the one that fails its messages; only those of a failing message's key are set aside.
 * @returns the events that had an effect here
 * @throws what passes, so that the caller tries the same deliveries again
 */
export async function applyDeliveries(applier: Applier, deliveries: readonly Delivery[]): Promise<readonly Incoming[]> {
  const effective = deliveries.filter((delivery) => !passOver(applier, delivery));
  if (effective.length === 0) return [];
  try {
    return await applyTogether(applier, effective);
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const parts = partsOf(effective);
    if (parts.length === 0) return setAsideAlone(applier, effective, error as Error);
    const applied: Incoming[] = [];
    for (const part of parts) applied.push(...(await applyDeliveries(applier, [part])));
    return applied;
  }
}

/** What is tried by itself where these fail together; none where it is a single message. */
function partsOf(deliveries: readonly Delivery[]): readonly Delivery[] {
  const [first] = deliveries;
  if (first === undefined || deliveries.length > 1) return deliveries;
  return first.messages.length === 1 ? [] : first.messages.map((message) => ({ ...first, messages: [message] }));
}

/** True where nothing follows from any of these messages, which is noted. */
function passOver(applier: Applier, { place, messages }: Delivery): boolean {
  const last = messages.at(-1);
  if (last === undefined) return true;
  if (messages.some((message) => concerns(applier, place.source, message))) return false;
  applier.passedOver.note(positionAfter(place, last));
  applier.chassis.metrics.consumed.inc({ topic: place.topic, outcome: 'skipped' }, messages.length);
  return true;
}

function positionAfter({ topic, partition }: Place, { offset }: ReceivedMessage): Position {
  return { topic, partition, next: offset + 1n };
}

/** One transaction for all of these messages. */
async function applyTogether(applier: Applier, deliveries: readonly Delivery[]): Promise<readonly Incoming[]> {
  const events: Incoming[] = [];
  await inTransaction(applier.pool, async (client) => {
    const { nextOf, isParked } = await begin(client, deliveries);
    const moved: Position[] = [];
    for (const { place, messages } of deliveries) {
      const fresh = messages.filter((message) => message.offset >= nextOf(place));
      const last = fresh.at(-1);
      if (last !== undefined) moved.push(positionAfter(place, last));
      for (const message of fresh) {
        const waits = isParked(place, message.key);
        const outcome = !concerns(applier, place.source, message) ? 'skipped' : waits ? 'parked' : 'applied';
        if (outcome === 'applied') events.push(incomingOf(place.source, message));
        if (outcome === 'parked') await setAside(applier, client, place, message, 'behind a parked event of its key');
        else applier.chassis.metrics.consumed.inc({ topic: place.topic, outcome });
      }
    }
    await applyEvents(applier, client, events);
    return moved.length === 0 ? [] : [movePositions(moved)];
  });
  return events;
}

/** Sets the one message aside that these deliveries are; nothing has an effect. */
async function setAsideAlone(
  applier: Applier,
  [delivery]: readonly Delivery[],
  error: Error,
): Promise<readonly Incoming[]> {
  const message = delivery?.messages[0];
  if (delivery === undefined || message === undefined) return [];
  const { place } = delivery;
  applier.chassis.logger.error({ err: error, ...place, offset: String(message.offset) }, 'an event is parked');
  await inTransaction(applier.pool, async (client) => {
    const { nextOf } = await begin(client, [{ place, messages: [] }]);
    if (message.offset < nextOf(place)) return [];
    await setAside(applier, client, place, message, error.message);
    return [movePositions([positionAfter(place, message)])];
  });
  return [];
}

/** What a transaction that applies messages begins with. */
interface Begun {
  /** The offset to go on from. */
  readonly nextOf: (place: Place) => bigint;
  /** True where an event of this key was set aside, and later ones must wait behind it. */
  readonly isParked: (place: Place, key: string) => boolean;
}

/** Opens the transaction; locks the positions, and asks which of these keys have an event parked. */
async function begin(client: PoolClient, deliveries: readonly Delivery[]): Promise<Begun> {
  const places = deliveries.map(({ place }) => place);
  const keys = deliveries.flatMap(({ place, messages }) => messages.map(({ key }) => ({ topic: place.topic, key })));
  const [, rows = [], parkedRows = []] = await flight(client, [BEGIN, lockPositions(places), parkedKeys(keys)]);
  if (rows.length < places.length) {
    await flight(client, [firstPositions(places), COMMIT]);
    return begin(client, deliveries);
  }
  const next = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, row.next as bigint]));
  const parked = new Set(parkedRows.map((row) => `${row.topic}/${row.key}`));
  return {
    nextOf: ({ topic, partition }) => next.get(`${topic}/${partition}`) ?? 0n,
    isParked: ({ topic }, key) => parked.has(`${topic}/${key}`),
  };
}

async function applyEvents(
  { chassis, follows, reactions }: Applier,
  client: PoolClient,
  events: readonly Incoming[],
): Promise<void> {
  const { consumerLag, divergent } = chassis.metrics;
  const kept = events.filter(({ source, aggregate_type: type }) => follows[source]?.includes(type) ?? false);
  const copies = kept.length === 0 ? [] : await rowsOf<CopyRow>(client, keepCopies(kept));
  await forgetLost(client, events);
  const diverged = copies.filter((copy) => copy.divergent);
  if (diverged.length > 0) {
    divergent.inc(diverged.length);
    const aggregates = diverged.map(({ source, type, id }) => `${source}/${type}/${id}`);
    chassis.logger.error({ aggregates }, 'two contents for one version: these facts are unknown from now on');
  }
  for (const event of events) {
    await reactions[event.event_type]?.(reactionTx(chassis, client, event), event);
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
    await begin(client, [{ place: first, messages: [] }]);
    const parked = await oldest(client);
    if (parked === undefined) return [];
    found = true;
    await applyEvents(applier, client, [incomingOf(source, parked.message)]);
    applier.chassis.metrics.consumed.inc({ topic, outcome: 'applied' });
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
