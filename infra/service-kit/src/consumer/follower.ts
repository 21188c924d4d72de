import { setTimeout as sleep } from 'node:timers/promises';
import { isFresh, keepWatermark } from '../freshness/keeper.ts';
import { watermarkOf } from '../freshness/watermark.ts';
import type { Batch, ConsumeOptions, Consumer, KafkaClient } from '../kafka/client.ts';
import { CONTROL_TOPIC_SETTINGS, type Namespace } from '../kafka/topic.ts';
import { insist } from '../process/insist.ts';
import type { Readiness } from '../process/readiness.ts';
import { Gathering, type GatheringOptions } from './gathering.ts';
import { countParked } from './parking.ts';
import { positionsOf } from './position.ts';

export interface FollowerOptions extends GatheringOptions {
  /** Consumer group: the service; its replicas share the partitions. */
  readonly group: string;
  readonly kafka: KafkaClient;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly readiness: Readiness;
  /** How long nothing may move where something lies; a few times longer than applying a batch takes. */
  readonly stalledMs?: number;
}

const SLICE_MESSAGES = 100;
/** Whatever was fetched is brought at once, so that it can be gathered. */
const PARTITIONS_AT_A_TIME = 100;
const LOOK_AGAIN_MS = 20;
/** While a topic is being made, a member may be given partitions that it is never served from. */
const PATIENCE_MS = 8_000;
const RETRY_MS = 250;
/**
 * So often what was passed over is written. Watermarks are read by one replica, and count only once the others have said, too, how far
 * they are.
 */
const PASSED_OVER_MS = 200;
/** So often it is looked whether what lies on a topic still stands where it stood: then joining again must help, as at the start. */
const STALLED_MS = 8_000;
/** So long a start waits for what it follows to be fresh; a service whose neighbour is away starts all the same, and decides nothing that rests on it. */
const FRESH_WITHIN_MS = 3_000;

/** Follows the topics of other services; has connections of its own, so waiting requests can never starve what they wait for. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #gathering: Gathering;
  readonly #sources: ReadonlyMap<string, string>;
  /** Sources by control topic. */
  readonly #controls: ReadonlyMap<string, string>;
  #consumer: Consumer | undefined;
  #passedOver: NodeJS.Timeout | undefined;
  #watching: Promise<void> | undefined;
  readonly #ending = new AbortController();
  #paused = false;
  #stopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#gathering = new Gathering(options);
    const followed = Object.keys(options.applier.follows).map((source) => {
      const namespace = options.namespaces.get(source);
      if (namespace === undefined) throw new Error(`'${source}' is followed but has no namespace`);
      return { source, ...namespace };
    });
    this.#sources = new Map(followed.map(({ source, topic }) => [topic, source]));
    this.#controls = new Map(followed.map(({ source, controlTopic }) => [controlTopic, source]));
  }

  /**
   * Waits until the followed topics exist (their owners make them), joins, and resolves once every topic was read to the end it had
   * then. Nobody waits for another's readiness: services follow each other in a circle.
   */
  async start(): Promise<void> {
    const { applier, group, kafka, readiness } = this.#options;
    const { logger } = applier.chassis;
    const topics = [...this.#sources.keys()];
    if (topics.length === 0) return;
    applier.chassis.metrics.parked.set(await countParked(applier.pool));
    const insisting = { readiness, logger, part: 'follower', stopped: () => this.#stopped };
    const ends = new Map<string, ReadonlyMap<number, bigint>>();
    for (const topic of topics) {
      const reason = `waits for the topic ${topic}`;
      ends.set(topic, await insist({ ...insisting, reason }, () => kafka.endOffsets(topic)));
    }
    // A neighbour of an older release has none; what rests on it is too old until it is upgraded.
    for (const controlTopic of this.#controls.keys()) {
      const reason = `waits for the topic ${controlTopic}`;
      await insist({ ...insisting, reason }, () => kafka.ensureTopic(controlTopic, CONTROL_TOPIC_SETTINGS));
    }
    for (const [topic, end] of ends) {
      const reason = `reads ${topic} to its end`;
      readiness.block('follower', reason);
      while (!this.#stopped && !(await this.#reaches(topic, end))) {
        logger.warn({ topic, group }, 'nothing was read for a while; joining again');
        await this.#consumer?.close();
        this.#consumer = undefined;
      }
    }
    this.#passedOver = setInterval(() => void this.#writePassedOver(), PASSED_OVER_MS);
    this.#watching = this.#joinAgainWhereStalled();
    await this.#untilFresh();
    readiness.clear('follower');
  }

  /** A member that is served nothing, although there is something, does not come round by itself. */
  async #joinAgainWhereStalled(): Promise<void> {
    const { applier, group, stalledMs = STALLED_MS } = this.#options;
    const { logger } = applier.chassis;
    let before: ReadonlySet<string> = new Set();
    while (!this.#stopped) {
      await sleep(stalledMs, undefined, { signal: this.#ending.signal }).catch(() => undefined);
      if (this.#stopped) return;
      // Where the broker or the database is away nothing can be said.
      const behind: ReadonlySet<string> = await this.#behind().catch(() => new Set());
      const stalled = [...behind].filter((place) => before.has(place));
      before = behind;
      if (stalled.length === 0 || this.#paused || this.#stopped) continue;
      logger.warn({ stalled, group }, 'nothing was read for a while; joining again');
      await this.#consumer?.close();
      this.#consumer = await this.#join().catch(() => undefined);
      before = new Set();
    }
  }

  /** Every partition of which something is not applied yet, and where it stands. */
  async #behind(): Promise<ReadonlySet<string>> {
    const { applier, kafka } = this.#options;
    const behind = new Set<string>();
    for (const topic of this.#sources.keys()) {
      const ends = await kafka.endOffsets(topic);
      const positions = await positionsOf(applier.pool, topic);
      for (const [partition, end] of ends) {
        const position = positions.get(partition) ?? 0n;
        if (position < end) behind.add(`${topic}/${partition}@${position}`);
      }
    }
    return behind;
  }

  async #writePassedOver(): Promise<void> {
    const { passedOver, pool, chassis } = this.#options.applier;
    await passedOver.write(pool).catch((error: Error) => {
      chassis.logger.warn({ err: error }, 'how far was read could not be written; trying again');
    });
  }

  async #untilFresh(): Promise<void> {
    const { applier, readiness } = this.#options;
    readiness.block('follower', 'waits to hear how fresh it is');
    const untilMs = performance.now() + FRESH_WITHIN_MS;
    while (!this.#stopped && performance.now() < untilMs) {
      if (await isFresh(applier.pool, applier.chassis.freshness)) return;
      await sleep(LOOK_AGAIN_MS);
    }
  }

  /** Reads on until the topic was read to this end; false where nothing moves for so long that joining again must help. */
  async #reaches(topic: string, end: ReadonlyMap<number, bigint>): Promise<boolean> {
    const { applier } = this.#options;
    this.#consumer ??= await this.#join();
    let reached = await positionsOf(applier.pool, topic);
    let sinceMs = performance.now();
    while (!this.#stopped && !covers(reached, end)) {
      await sleep(LOOK_AGAIN_MS);
      await applier.passedOver.write(applier.pool);
      const positions = await positionsOf(applier.pool, topic);
      if ([...positions].some(([partition, position]) => position > (reached.get(partition) ?? 0n))) {
        sinceMs = performance.now();
      } else if (performance.now() - sinceMs > PATIENCE_MS) {
        return false;
      }
      reached = positions;
    }
    return true;
  }

  /** @throws Error once it is stopped */
  #join(): Promise<Consumer> {
    const { applier, kafka, readiness } = this.#options;
    const { logger } = applier.chassis;
    const insisting = { readiness, logger, part: 'group', reason: 'joins its group', stopped: () => this.#stopped };
    return insist(insisting, () => kafka.consume(this.#consumption()));
  }

  #consumption(): ConsumeOptions {
    const { applier, group } = this.#options;
    return {
      group,
      topics: [...this.#sources.keys(), ...this.#controls.keys()],
      concurrency: PARTITIONS_AT_A_TIME,
      positions: (topic) => positionsOf(applier.pool, topic),
      onBatch: (batch) => this.#apply(batch),
      onCrash: (error) => applier.chassis.logger.warn({ err: error }, 'the consumer starts anew'),
    };
  }

  pause(): void {
    this.#paused = true;
    this.#consumer?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#consumer?.resume();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ending.abort();
    clearInterval(this.#passedOver);
    await this.#watching;
    await this.#consumer?.close();
    await this.#writePassedOver();
  }

  async #apply({ topic, partition, messages, heartbeat, current }: Batch): Promise<void> {
    if (this.#controls.has(topic)) return this.#hear(topic, messages);
    const { logger } = this.#options.applier.chassis;
    const source = this.#sources.get(topic) ?? '';
    for (let from = 0; from < messages.length && current() && !this.#stopped; ) {
      const slice = messages.slice(from, from + SLICE_MESSAGES);
      try {
        await this.#gathering.apply({ place: { source, topic, partition }, messages: slice });
        from += slice.length;
      } catch (error) {
        // The database is away or busy: the same messages again, never parked.
        logger.warn({ err: error, topic, partition }, 'events could not be applied; trying again');
        await sleep(RETRY_MS);
      }
      await heartbeat();
    }
  }

  /** Of several watermarks the last says everything. What is lost here is said again a second later. */
  async #hear(controlTopic: string, messages: Batch['messages']): Promise<void> {
    const { applier, namespaces } = this.#options;
    const { logger, metrics } = applier.chassis;
    const source = this.#controls.get(controlTopic) ?? '';
    const last = messages.at(-1);
    const topic = namespaces.get(source)?.topic;
    if (last === undefined || topic === undefined) return;
    try {
      await applier.passedOver.write(applier.pool);
      const place = { topic, controlTopic, next: last.offset + 1n };
      const asOf = await keepWatermark(applier.pool, place, watermarkOf(last.value));
      if (asOf !== undefined) metrics.freshAsOf.set({ source }, Date.parse(asOf) / 1_000);
    } catch (error) {
      logger.warn({ err: error, topic: controlTopic }, 'a watermark was not kept');
    }
  }
}

function covers(positions: ReadonlyMap<number, bigint>, ends: ReadonlyMap<number, bigint>): boolean {
  return [...ends].every(([partition, end]) => end === 0n || (positions.get(partition) ?? 0n) >= end);
}
