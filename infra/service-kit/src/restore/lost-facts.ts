import { type Queryable, rowsOf, sql } from '../database/statement.ts';
import type { KafkaClient, ReceivedMessage } from '../kafka/client.ts';

/** A fact that was published and is in the journal no more: the backup is older. */
export interface LostFact {
  readonly eventId: string;
  readonly type: string;
  readonly id: string;
  readonly epoch: number;
  readonly version: number;
}

export interface LostFactsOptions {
  readonly kafka: KafkaClient;
  readonly topic: string;
  /** Name under which the topic is read. */
  readonly group: string;
  /** The restored database. */
  readonly db: Queryable;
}

/** Facts are published after they happened; so much before the journal's newest one, even clocks that disagree have all that came later. */
const MARGIN_MS = 3_600_000;

/**
 * Reads the end of a service's topic, from a while before the newest fact of its journal on, and gives the facts that the journal
 * does not have.
 */
export async function lostFacts({ kafka, topic, group, db }: LostFactsOptions): Promise<readonly LostFact[]> {
  const ends = await kafka.endOffsets(topic);
  const [newest] = await rowsOf<{ at: string | null }>(db, sql`select max(occurred_at collate "C") as at from journal`);
  const sinceMs = newest?.at == null ? 0 : Date.parse(newest.at) - MARGIN_MS;
  const next = new Map(await kafka.offsetsSince(topic, sinceMs));
  const starts = new Map(next);
  const found = new Map<string, LostFact>();
  const isRead = () => [...ends].every(([partition, end]) => (next.get(partition) ?? 0n) >= end);
  if (isRead()) return [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const consumer = await kafka.consume({
    group,
    topics: [topic],
    concurrency: 1,
    positions: async () => starts,
    async onBatch({ partition, messages }) {
      const last = messages.at(-1);
      if (last === undefined) return;
      try {
        for (const fact of await missing(db, messages)) found.set(fact.eventId, fact);
      } catch (error) {
        reject(error);
      }
      if (last.offset >= (next.get(partition) ?? 0n)) next.set(partition, last.offset + 1n);
      if (isRead()) resolve();
    },
    onCrash: reject,
  });
  try {
    await promise;
  } finally {
    await consumer.close();
  }
  return [...found.values()];
}

async function missing(db: Queryable, messages: readonly ReceivedMessage[]): Promise<readonly LostFact[]> {
  const facts = messages.map(({ value }) => factOf(JSON.parse(value?.toString('utf8') ?? '{}')));
  const ids = facts.map(({ eventId }) => eventId);
  const rows = await rowsOf<{ id: string }>(
    db,
    sql`select event_id::text as id from journal where event_id = any(${ids}::uuid[])`,
  );
  const there = new Set(rows.map(({ id }) => id));
  return facts.filter(({ eventId }) => !there.has(eventId));
}

// biome-ignore lint/suspicious/noExplicitAny: the service's own facts, each held against its schema before it was written
function factOf(value: any): LostFact {
  const { event_id: eventId, aggregate_type: type, aggregate_id: id, epoch, aggregate_version: version } = value;
  return { eventId, type, id, epoch, version };
}
