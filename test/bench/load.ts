import { setTimeout as sleep } from 'node:timers/promises';
import { build, type Histogram } from 'hdr-histogram-js';
import { Random } from '../harness/random.ts';

/** One thing to do, under the name its times are kept by; what it is made of may note times of its own, in milliseconds. */
export interface Act {
  readonly name: string;
  readonly run: (note: (part: string, ms: number) => void) => Promise<void>;
}

export interface LoadOptions {
  /** Arrivals per second, at times of their own whatever was answered (open loop); 0 keeps `clients` busy (closed loop). */
  readonly rate: number;
  readonly clients: number;
  readonly seconds: number;
  /** Of the arrivals' times. */
  readonly seed: number;
  readonly next: () => Act;
}

export interface Measured {
  readonly offered: number;
  readonly seconds: number;
  /** By the name of the act, in microseconds from when it was due. */
  readonly times: ReadonlyMap<string, Histogram>;
  /** What failed, by reason. */
  readonly failures: ReadonlyMap<string, number>;
  /** Arrivals that found too many open and were not sent. */
  readonly shed: number;
}

/** More open at a time say that the system is past its limit. */
const MAX_OPEN = 2_000;
const HIGHEST_US = 120_000_000;

/**
 * Sends load for so many seconds and waits for what is open. In an open loop the time of an act begins when it was due, so a system
 * that stands still is not spared what would have come meanwhile.
 */
export async function load(options: LoadOptions): Promise<Measured> {
  const { rate, clients, seconds, next } = options;
  const times = new Map<string, Histogram>();
  const failures = new Map<string, number>();
  let offered = 0;
  let shed = 0;
  const startedMs = performance.now();
  const endsMs = startedMs + seconds * 1_000;
  const open = new Set<Promise<void>>();
  const act = async (dueMs: number) => {
    offered += 1;
    const { name, run } = next();
    try {
      await run((part, ms) => histogramOf(times, part).recordValue(Math.round(ms * 1_000)));
      histogramOf(times, name).recordValue(Math.round((performance.now() - dueMs) * 1_000));
    } catch (error) {
      const reason = `${name}: ${(error as Error).message}`;
      failures.set(reason, (failures.get(reason) ?? 0) + 1);
    }
  };
  if (rate === 0) {
    const client = async () => {
      while (performance.now() < endsMs) await act(performance.now());
    };
    await Promise.all(Array.from({ length: clients }, client));
  } else {
    const random = new Random(options.seed);
    for (let dueMs = startedMs; dueMs < endsMs; dueMs += (-Math.log(1 - random.next()) * 1_000) / rate) {
      const earlyMs = dueMs - performance.now();
      if (earlyMs > 1) await sleep(earlyMs);
      if (open.size >= MAX_OPEN) {
        shed += 1;
        continue;
      }
      const doing = act(dueMs).finally(() => open.delete(doing));
      open.add(doing);
    }
    await Promise.all(open);
  }
  return { offered, shed, seconds: (performance.now() - startedMs) / 1_000, times, failures };
}

function histogramOf(times: Map<string, Histogram>, name: string): Histogram {
  let histogram = times.get(name);
  if (histogram === undefined) {
    histogram = histogramOfTimes();
    times.set(name, histogram);
  }
  return histogram;
}

/** Of microseconds. */
export function histogramOfTimes(): Histogram {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });
  histogram.autoResize = true;
  return histogram;
}
