import { setTimeout as sleep } from 'node:timers/promises';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import { type Announcer, MARK_INTERVAL_MS, type Mark, markOf } from '../freshness/announcer.ts';
import type { KafkaClient, Message, Producer } from '../kafka/client.ts';
import type { Logger } from '../process/logger.ts';
import type { Readiness } from '../process/readiness.ts';
import type { KitMetrics } from '../service/kit-metrics.ts';
import { messageOf, type StreamedRow } from './message.ts';
import { ensureSlot } from './recovery.ts';
import { SlotHeldUp, STANDBY } from './slot.ts';
import { Visibility } from './visibility.ts';

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
  readonly messages: Message[];
  readonly commitLsn: string;
  /** By the clock of the database's machine, milliseconds since 1970. */
  readonly committedMs: number;
  /** Its number; undefined where it wrote no fact. */
  xid: string | undefined;
  /** The mark that this transaction is, if it is one. */
  mark: Mark | undefined;
}

/** A message of the stream, as far as it matters here. */
interface Logged {
  readonly tag: string;
  readonly new?: StreamedRow;
  readonly commitLsn?: string;
  /** Microseconds since 1970. */
  readonly commitTime?: bigint;
  readonly prefix?: string;
  readonly content?: Uint8Array;
}

const US_PER_MS = 1_000;
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
  readonly #visibility: Visibility;
  #stream: LogicalReplicationService | undefined;
  #producer: Producer | undefined;
  #sending: Promise<void> | undefined;
  #acknowledged: string | undefined;
  #stopped = false;
  #paused = false;
  #running: Promise<void> | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    const { databaseUrl, service, logger } = options;
    this.#visibility = new Visibility(databaseUrl, `${service} relay`, logger);
  }

  /** Resolves once the slot can be read, or another replica is about to make it so. */
  async start(): Promise<void> {
    const sound = await this.#ensureSlot().then(
      () => true,
      (error) => {
        if (!isStandby(error)) throw error;
        return false;
      },
    );
    this.#running = this.#run(sound);
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
    await this.#visibility.close();
  }

  /** @param sound whether the slot is known to be readable; whatever ends its stream may have cost it */
  async #run(sound: boolean): Promise<void> {
    const { logger, slot } = this.#options;
    let readable = sound;
    while (!this.#stopped) {
      // What was read is sent before anything is read again, or it would be sent twice.
      await this.#sending;
      try {
        if (!readable) await this.#ensureSlot();
        readable = true;
        await this.#follow();
        readable = false;
      } catch (error) {
        const standby = isStandby(error);
        readable &&= standby;
        logger[standby ? 'debug' : 'warn']({ err: error, slot }, standby ? 'standing by' : 'the stream of facts ended');
      }
      if (!this.#stopped) await sleep(RETRY_MS);
    }
  }

  /** Makes the slot where there is none to be read, once everything it may have missed is out. */
  async #ensureSlot(): Promise<void> {
    const { databaseUrl, service, slot, logger, metrics, readiness } = this.#options;
    try {
      const publish = (rows: readonly StreamedRow[]) => this.#republish(rows);
      const recovered = await ensureSlot({ databaseUrl, name: `${service} relay`, slot, publish });
      if (recovered === undefined) return readiness.clear('slot');
      // A position of the old slot says nothing about the new one.
      this.#acknowledged = undefined;
      metrics.relayRecoveries.inc();
      if (recovered.rows === 0) logger.info({ slot }, 'the slot is made');
      else
        logger.warn({ slot, ...recovered }, 'the slot is made anew, and the facts from its horizon on were sent again');
      readiness.clear('slot');
    } catch (error) {
      if (error instanceof SlotHeldUp) readiness.block('slot', error.message);
      else readiness.clear('slot');
      throw error;
    }
  }

  async #republish(rows: readonly StreamedRow[]): Promise<void> {
    const { service, namespace, metrics, readiness } = this.#options;
    readiness.block('slot', 'the slot was lost; sends again what it may have missed');
    const sent = await this.#deliver(rows.map((row) => messageOf(row, service, namespace)));
    if (!sent) throw new Error('the relay stops');
    metrics.relayRepublished.inc(rows.length);
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
    let open: Omit<Transaction, 'commitLsn' | 'committedMs'> | undefined;
    stream.on('data', (_lsn: string, log: Logged) => {
      if (log.tag === 'begin') {
        open = { messages: [], xid: undefined, mark: undefined };
      } else if (log.tag === 'insert' && log.new !== undefined && open !== undefined) {
        open.messages.push(messageOf(log.new, this.#options.service, this.#options.namespace));
        open.xid = String(log.new.xid);
      } else if (log.tag === 'message' && open !== undefined) {
        open.mark = markOf(log);
      } else if (log.tag === 'commit' && log.commitLsn !== undefined && open !== undefined) {
        const committedMs = Number(log.commitTime) / US_PER_MS;
        this.#queue.push({ ...open, commitLsn: log.commitLsn, committedMs });
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
      this.#stream = stream;
      // Before it has started it cannot be ended: a relay that was stopped meanwhile ends it here.
      if (this.#stopped) return void stream.destroy();
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
      this.#stream = undefined;
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

  /** Sends whatever is queued, as one request at a time. */
  async #send(): Promise<void> {
    while (this.#queue.length > 0) {
      while (this.#paused && !this.#stopped) await sleep(RETRY_MS);
      const batch = this.#nextBatch();
      const transactions = batch.flatMap(({ xid }) => xid ?? []);
      const seen = transactions.length === 0 || (await this.#visibility.reached(transactions, () => this.#stopped));
      if (!seen || !(await this.#deliver(batch.flatMap((transaction) => transaction.messages)))) return;
      this.#queue.splice(0, batch.length);
      this.#acknowledged = batch.at(-1)?.commitLsn;
      this.#measure(batch);
      const mark = batch.findLast((transaction) => transaction.mark !== undefined)?.mark;
      if (mark !== undefined) void this.#options.announcer?.announce(mark);
    }
  }

  /** Sends these as one request, by a new producer where one failed, until Kafka has them. False where the relay stops before. */
  async #deliver(messages: readonly Message[]): Promise<boolean> {
    const { topic, readiness, logger } = this.#options;
    for (;;) {
      try {
        this.#producer ??= await this.#options.kafka.producer();
        if (messages.length > 0) await this.#producer.send(topic, messages);
        readiness.clear('relay');
        return true;
      } catch (error) {
        logger.warn({ err: error, topic }, 'Kafka does not take the facts; trying again');
        readiness.block('relay', 'Kafka does not acknowledge');
        await this.#producer?.close().catch(() => undefined);
        this.#producer = undefined;
        if (this.#stopped) return false;
        await sleep(RETRY_MS);
      }
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

  #measure(batch: readonly Transaction[]): void {
    const { metrics } = this.#options;
    const nowMs = Date.now();
    for (const { messages, committedMs } of batch) {
      metrics.relayed.inc(messages.length);
      for (const _ of messages) metrics.relayLag.observe(Math.max(0, nowMs - committedMs) / 1_000);
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

function isStandby(error: unknown): boolean {
  return (error as { code?: string }).code === STANDBY;
}

/** The log position one byte earlier, which the library's report brings back to the position itself. */
function before(lsn: string): string {
  const [high = '0', low = '0'] = lsn.split('/');
  const position = ((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)) - 1n;
  return `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase();
}
