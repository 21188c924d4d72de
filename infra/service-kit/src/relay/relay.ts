import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
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
  readonly metrics: KitMetrics;
  readonly readiness: Readiness;
  readonly logger: Logger;
}

/** Facts of one transaction as read from the slot. */
interface Transaction {
  readonly messages: readonly Message[];
  readonly occurredAt: readonly string[];
  readonly commitLsn: string;
}

const MAX_BATCH_MESSAGES = 500;
/** Read ahead of Kafka at most so much; then the stream is no longer read. */
const MAX_QUEUED_TRANSACTIONS = 5_000;
const RETRY_MS = 250;
/** Well below wal_sender_timeout: the server must hear from us even while Kafka is down. */
const STATUS_INTERVAL_MS = 1_000;

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
  #running: Promise<void> | undefined;
  #room: (() => void) | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Resolves once the slot exists; from then on nothing that is committed can be missed. */
  async start(): Promise<void> {
    await ensureSlot(this.#options.databaseUrl, this.#options.slot);
    this.#running = this.#run();
  }

  /** Stops reading, sends what was read, and leaves the rest to the slot. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#sending;
    await this.#stream?.destroy();
    await this.#running;
    await this.#producer?.close();
  }

  async #run(): Promise<void> {
    const { logger, slot } = this.#options;
    while (!this.#stopped) {
      try {
        await this.#follow();
      } catch (error) {
        // Another replica holds the slot: stand by.
        const standby = (error as { code?: string }).code === '55006';
        logger[standby ? 'debug' : 'warn']({ err: error, slot }, standby ? 'standing by' : 'the stream of facts ended');
      }
      if (!this.#stopped) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Reads the stream until it ends. */
  async #follow(): Promise<void> {
    this.#queue.length = 0;
    this.#acknowledged = undefined;
    const stream = new LogicalReplicationService(
      { connectionString: this.#options.databaseUrl, application_name: `${this.#options.service} relay` },
      // The library's own acknowledgements say "received"; ours say "Kafka has it".
      { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: true } },
    );
    this.#stream = stream;
    let messages: Message[] = [];
    let occurredAt: string[] = [];
    stream.on('data', async (_lsn: string, log: { tag: string; new?: StreamedRow; commitLsn?: string }) => {
      if (log.tag === 'begin') {
        messages = [];
        occurredAt = [];
      } else if (log.tag === 'insert' && log.new !== undefined) {
        messages.push(messageOf(log.new, this.#options.service, this.#options.namespace));
        occurredAt.push(String(log.new.occurred_at));
      } else if (log.tag === 'commit' && log.commitLsn !== undefined) {
        this.#queue.push({ messages, occurredAt, commitLsn: log.commitLsn });
        this.#kick();
        if (this.#queue.length >= MAX_QUEUED_TRANSACTIONS) {
          await new Promise<void>((resolve) => {
            this.#room = resolve;
          });
        }
      }
    });
    stream.on('heartbeat', (lsn: string) => {
      // Nothing of ours is open: the WAL of others may be given back, or an idle service would hold back everybody's.
      if (this.#queue.length === 0 && this.#sending === undefined) this.#acknowledged = before(lsn);
      this.#report();
    });
    stream.on('error', (error: Error) => this.#options.logger.debug({ err: error }, 'replication connection'));
    const timer = setInterval(() => this.#report(), STATUS_INTERVAL_MS);
    try {
      await stream.subscribe(
        new PgoutputPlugin({ protoVersion: 1, publicationNames: ['journal'] }),
        this.#options.slot,
      );
    } finally {
      clearInterval(timer);
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
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      readiness.clear('relay');
      this.#queue.splice(0, batch.length);
      this.#acknowledged = batch.at(-1)?.commitLsn;
      this.#report();
      this.#measure(batch, metrics);
      this.#room?.();
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
  #report(): void {
    if (this.#acknowledged !== undefined) void this.#stream?.acknowledge(this.#acknowledged);
  }
}

/** The log position one byte earlier, which the library's report brings back to the position itself. */
function before(lsn: string): string {
  const [high = '0', low = '0'] = lsn.split('/');
  const position = ((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)) - 1n;
  return `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase();
}
