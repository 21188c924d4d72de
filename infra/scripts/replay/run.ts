import type { SigningKey } from '@qtm/local';
import { type Agency, prepare } from './agencies.ts';
import { Client } from './client.ts';
import { type Counts, countChains, standingOf } from './counts.ts';
import { Latencies } from './latencies.ts';
import { cast } from './principals.ts';
import { replayRow } from './row.ts';
import { type BrokenRow, readSource } from './source.ts';

export interface ReplayOptions {
  readonly file: string;
  readonly endpoint: string;
  /** The issuer's key: the replay makes the sessions of those who take part. */
  readonly key: SigningKey;
  /** Rows in flight at a time. */
  readonly concurrency: number;
  /** Begins every idempotency key: under another one the same rows are other requests. */
  readonly label?: string;
  /** Hears how many rows are done, of how many. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface ReplayResult {
  readonly rows: number;
  /** Rows that were not replayed to their end, with the reason. */
  readonly rejected: readonly BrokenRow[];
  readonly counts: Counts;
  /** True where the system stood as it does now before this run began. */
  readonly unchanged: boolean;
  readonly seconds: number;
  readonly latencies: Latencies;
}

/** Replays a file through the gateway. Interrupted anywhere, the same again goes on; finished, it changes nothing. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { file, endpoint, key, concurrency, label = 'nyc311', onProgress } = options;
  const { rows, broken } = await readSource(file);
  const latencies = new Latencies();
  const client = new Client(endpoint, latencies);
  const people = cast(key);
  const startedMs = performance.now();
  const agencies = await prepare(client, key, people, rows);
  const before = await standingOf(client, people.governor);

  const intakes: string[] = [];
  const rejected = [...broken];
  const waiting = [...rows];
  const worker = async () => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      try {
        intakes.push(
          await replayRow(client, people, agencies.get(row.agency) as Agency, { ...row, key: `${label}:${row.key}` }),
        );
      } catch (error) {
        rejected.push({ line: row.line, reason: (error as Error).message });
      }
      onProgress?.(intakes.length + rejected.length, rows.length + broken.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - startedMs) / 1_000;
  const counts = await countChains(client, people.governor, intakes);
  return {
    rows: rows.length + broken.length,
    rejected: rejected.toSorted((a, b) => a.line - b.line),
    counts,
    unchanged: before === (await standingOf(client, people.governor)),
    seconds,
    latencies,
  };
}
