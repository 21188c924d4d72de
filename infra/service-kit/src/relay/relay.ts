import { setTimeout as sleep } from 'node:timers/promises';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import { type Announcer, MARK_INTERVAL_MS, markedAt } from '../freshness/announcer.ts';
import type { KafkaClient, Message, Producer } from '../kafka/client.ts';
import type { Logger } from '../process/logger.ts';
import type { Readiness } from '../process/readiness.ts';
import type { KitMetrics } from '../service/kit-metrics.ts';
import { messageOf, type StreamedRow } from './message.ts';
import { ensureSlot } from './slot.ts';

export interface RelayOptions {
  readonly service: string;
  readonly namespace: string;
  readonly topic: string;
  readonly databaseUrl: string;
  readonly slot: string;
  readonly kafka: KafkaClient;
  /** Says up to when everything is out; without it nobody is told. */
  readonly announcer?: Announcer;
  readonly metrics: KitMetrics;
  readonly readiness: Readiness;
  readonly logger: Logger;
}

/** Facts of one transaction as read from the slot. */
interface Transaction {
  readonly messages: readonly Message[];
  readonly occurredAt: readonly string[];
  readonly commitLsn: string;
  /** The time of the mark that this transaction is, if it is one. */
  readonly markedAt: string | undefined;
}

/** A message of the stream, as far as it matters here. */
interface Logged {
  readonly tag: string;
  readonly new?: StreamedRow;
  readonly commitLsn?: string;
  readonly prefix?: string;
  readonly content?: Uint8Array;
}

const MAX_BATCH_MESSAGES = 500;
/** Read ahead of Kafka at most so much; then the stream is left, and taken up again once Kafka has it. */
const MAX_QUEUED_TRANSACTIONS = 5_000;
const RETRY_MS = 250;
/**
 * Every report wakes the server, which answers with a keepalive: so often, and not after every batch. What was not reported is sent
 * again after a crash. Far below wal_sender_timeout: the server must hear from us even while Kafka is down.
 */
const REPORT_INTERVAL_MS = 200;
/** The position that means: where the slot stands. */
const FROM_THE_SLOT = '0/00000000';

/**
 * Carries journal rows from the WAL to Kafka: one slot, which is also the leader election between the replicas of a service (one
 * reads, the others stand by and try again). What Kafka has acknowledged is acknowledged to the slot, never before; after a crash
 * the rest is sent again, so delivery is at least once.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #queue: Transaction[] = [];
  #stream: LogicalReplicationService | undefined;
  #producer: Producer | undefined;
  #sending: Promise<void> | undefined;
  #acknowledged: string | undefined;
  #stopped = false;
  #paused = false;
  #running: Promise<void> | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Resolves once the slot exists; from then on nothing that is committed can be missed. */
  async start(): Promise<void> {
    await ensureSlot(this.#options.databaseUrl, this.#options.slot);
    this.#running = this.#run();
  }

  /** Keeps from Kafka what is read, until resumed. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** Stops reading, sends what was read, and leaves the rest to the slot. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#sending;
    await this.#report();
    await this.#stream?.destroy();
    await this.#running;
    await this.#producer?.close();
    await this.#options.announcer?.close();
  }

  async #run(): Promise<void> {
    const { logger, slot } = this.#options;
    while (!this.#stopped) {
      // What was read is sent before anything is read again, or it would be sent twice.
      await this.#sending;
      try {
        await this.#follow();
      } catch (error) {
        // Another replica holds the slot: stand by.
        const standby = (error as { code?: string }).code === '55006';
        logger[standby ? 'debug' : 'warn']({ err: error, slot }, standby ? 'standing by' : 'the stream of facts ended');
      }
      if (!this.#stopped) await sleep(RETRY_MS);
    }
  }

  /** Reads the stream until it ends, from what Kafka has: the slot may have been told less. */
  async #follow(): Promise<void> {
    this.#queue.length = 0;
    const stream = new LogicalReplicationService(
      { connectionString: this.#options.databaseUrl, application_name: `${this.#options.service} relay` },
      // The library's own acknowledgements say "received"; ours say "Kafka has it". Its flow control would let a heartbeat overtake
      // facts that wait in its queue, and acknowledging that heartbeat would lose them.
      { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: false } },
    );
    this.#stream = stream;
    let open: { readonly messages: Message[]; readonly occurredAt: string[]; markedAt: string | undefined } | undefined;
    stream.on('data', (_lsn: string, log: Logged) => {
      if (log.tag === 'begin') {
        open = { messages: [], occurredAt: [], markedAt: undefined };
      } else if (log.tag === 'insert' && log.new !== undefined) {
        open?.messages.push(messageOf(log.new, this.#options.service, this.#options.namespace));
        open?.occurredAt.push(String(log.new.occurred_at));
      } else if (log.tag === 'message' && open !== undefined) {
        open.markedAt = markedAt(log);
      } else if (log.tag === 'commit' && log.commitLsn !== undefined && open !== undefined) {
        this.#queue.push({ ...open, commitLsn: log.commitLsn });
        open = undefined;
        this.#kick();
        if (this.#queue.length >= MAX_QUEUED_TRANSACTIONS) void stream.destroy();
      }
    });
    stream.on('heartbeat', (lsn: string) => {
      // Nothing of ours is open: the WAL of others may be given back, or an idle service would hold back everybody's.
      const idle = open === undefined && this.#queue.length === 0 && this.#sending === undefined;
      if (idle) this.#acknowledged = before(lsn);
    });
    stream.on('error', (error: Error) => this.#options.logger.debug({ err: error }, 'replication connection'));
    const timers = [setInterval(() => void this.#report(), REPORT_INTERVAL_MS)];
    stream.on('start', () => {
      const mark = () => void this.#options.announcer?.mark();
      mark();
      timers.push(setInterval(mark, MARK_INTERVAL_MS));
    });
    try {
      await stream.subscribe(
        new PgoutputPlugin({ protoVersion: 1, publicationNames: ['journal'], messages: true }),
        this.#options.slot,
        this.#acknowledged ?? FROM_THE_SLOT,
      );
    } finally {
      for (const timer of timers) clearInterval(timer);
      await stream.destroy();
    }
  }

  #kick(): void {
    this.#options.metrics.relayQueue.set(this.#queue.length);
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Sends whatever is queued, as one request at a time; a failed one is sent again by a new producer. */
  async #send(): Promise<void> {
    const { topic, metrics, readiness, logger } = this.#options;
    while (this.#queue.length > 0) {
      while (this.#paused && !this.#stopped) await sleep(RETRY_MS);
      const batch = this.#nextBatch();
      const messages = batch.flatMap((transaction) => transaction.messages);
      try {
        this.#producer ??= await this.#options.kafka.producer();
        if (messages.length > 0) await this.#producer.send(topic, messages);
      } catch (error) {
        logger.warn({ err: error, topic }, 'Kafka does not take the facts; trying again');
        readiness.block('relay', 'Kafka does not acknowledge');
        await this.#producer?.close().catch(() => undefined);
        this.#producer = undefined;
        if (this.#stopped) return;
        await sleep(RETRY_MS);
        continue;
      }
      readiness.clear('relay');
      this.#queue.splice(0, batch.length);
      this.#acknowledged = batch.at(-1)?.commitLsn;
      this.#measure(batch, metrics);
      const mark = batch.findLast(({ markedAt }) => markedAt !== undefined)?.markedAt;
      if (mark !== undefined) void this.#options.announcer?.announce(mark);
    }
  }

  #nextBatch(): readonly Transaction[] {
    let messages = 0;
    const end = this.#queue.findIndex((transaction) => {
      messages += transaction.messages.length;
      return messages > MAX_BATCH_MESSAGES;
    });
    return this.#queue.slice(0, end === -1 ? undefined : Math.max(end, 1));
  }

  #measure(batch: readonly Transaction[], metrics: KitMetrics): void {
    const now = Date.now();
    for (const { occurredAt } of batch) {
      metrics.relayed.inc(occurredAt.length);
      for (const at of occurredAt) metrics.relayLag.observe(Math.max(0, now - Date.parse(at)) / 1_000);
    }
    metrics.relayQueue.set(this.#queue.length);
  }

  /**
   * Tells the server up to where Kafka has everything. The library reports one byte behind what it is given; the START of the
   * last commit record is given, since another transaction's commit may begin exactly where this one ends, and would be skipped.
   */
  async #report(): Promise<void> {
    if (this.#acknowledged !== undefined) await this.#stream?.acknowledge(this.#acknowledged);
  }
}

/** The log position one byte earlier, which the library's report brings back to the position itself. */
function before(lsn: string): string {
  const [high = '0', low = '0'] = lsn.split('/');
  const position = ((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)) - 1n;
  return `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase();
}
