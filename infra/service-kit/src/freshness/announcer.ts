import { CLOCK } from '../command/flight.ts';
import type { Pool } from '../database/pool.ts';
import { rowsOf, sql } from '../database/statement.ts';
import type { KafkaClient, Producer } from '../kafka/client.ts';
import type { Logger } from '../process/logger.ts';
import { moveHorizon } from '../relay/recovery.ts';
import type { Watermark } from './watermark.ts';

export interface AnnouncerOptions {
  readonly service: string;
  readonly epoch: number;
  readonly topic: string;
  readonly controlTopic: string;
  readonly kafka: KafkaClient;
  /** Of the relay's role. */
  readonly pool: Pool;
  readonly logger: Logger;
}

/** What the log of the database says of all that was committed before. */
export interface Mark {
  /** By the clock of the database: UTC, six fraction digits. */
  readonly at: string;
  /** Every transaction before this one had ended. */
  readonly horizon: string;
}

/** Under this prefix a mark travels in the log of the database. */
const PREFIX = 'qtm.watermark';
/** So often a service says up to when its facts are out. */
export const MARK_INTERVAL_MS = 1_000;

/**
 * Tells followers up to when everything this service committed is on its topic. A mark with the time is put into the log of the
 * database, behind every commit that was acknowledged before; once the relay has read it, and Kafka has all that came before it, the
 * end of the topic bounds what followers must have applied to be so fresh, and a lost slot need not send again what lies before.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #producer: Producer | undefined;
  #announcing = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Puts a mark into the log. A database that does not take it ends the stream, too, so nothing is said of it here. */
  async mark(): Promise<void> {
    const { pool, logger } = this.#options;
    try {
      await rowsOf(
        pool,
        sql`select pg_logical_emit_message(true, ${PREFIX}, now || ' ' || pg_snapshot_xmin(pg_current_snapshot())) from (${CLOCK}) as clock`,
      );
    } catch (error) {
      logger.debug({ err: error }, 'no mark was made');
    }
  }

  /** Says that everything up to this mark is out. One at a time: where Kafka is slow the next one says more. */
  async announce({ at, horizon }: Mark): Promise<void> {
    if (this.#announcing) return;
    this.#announcing = true;
    const { service, epoch, topic, controlTopic, kafka, pool, logger } = this.#options;
    try {
      await rowsOf(pool, moveHorizon(epoch, horizon));
      const ends = await kafka.endOffsets(topic);
      const offsets = [...ends].map(([partition, end]) => ({ partition, next_offset: Number(end) }));
      const watermark: Watermark = { source: service, at, epoch, offsets };
      this.#producer ??= await kafka.producer();
      await this.#producer.send(controlTopic, [
        { key: service, value: JSON.stringify(watermark), headers: { 'content-type': 'application/json' } },
      ]);
    } catch (error) {
      logger.debug({ err: error, topic: controlTopic }, 'a watermark was not taken');
      await this.#producer?.close().catch(() => undefined);
      this.#producer = undefined;
    } finally {
      this.#announcing = false;
    }
  }

  async close(): Promise<void> {
    await this.#producer?.close();
  }
}

/** A mark that was read from the log; undefined for messages of others. */
export function markOf(message: { readonly prefix?: string; readonly content?: Uint8Array }): Mark | undefined {
  if (message.prefix !== PREFIX || message.content === undefined) return undefined;
  const [at = '', horizon = ''] = Buffer.from(message.content).toString('utf8').split(' ');
  return { at, horizon };
}
