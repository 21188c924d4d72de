import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { explainDenied, LocalStackFault } from '../fault.ts';
import { run } from '../process/run.ts';
import type { Environment } from '../settings.ts';

/** Artifacts by their path in a Maven repository; which one of the mirrors has them is all the same, since each is checked. */
export interface Pinned {
  readonly repository: string;
  readonly artifacts: readonly { readonly path: string; readonly sha256: string }[];
}

const KAFKA_FOLDER = join(import.meta.dirname, '../../kafka');
const DOWNLOADS_AT_A_TIME = 8;
const DOWNLOAD_TIMEOUT_MS = 120_000;
const MAVEN_TIMEOUT_MS = 300_000;

export interface FetchOptions {
  /** PATH, in which Maven is looked for, and its own settings; the environment of this process where absent. */
  readonly env?: Environment;
  readonly log: (line: string) => void;
  /** Other artifacts than those of the broker. */
  readonly pinned?: Pinned;
}

/**
 * The class path of the broker: every pinned artifact, byte for byte. What the folder lacks is fetched, by Maven where it is (which
 * knows mirrors and proxies), directly otherwise.
 * @throws LocalStackFault where an artifact cannot be had, or is not what was pinned
 */
export async function kafkaJars(
  folder: string,
  { env = process.env, log, pinned = broker() }: FetchOptions,
): Promise<readonly string[]> {
  const { artifacts } = pinned;
  const place = (path: string) => join(folder, basename(path));
  // What is there was checked when it came, and it came as a whole.
  const missing = () => artifacts.filter(({ path }) => !existsSync(place(path)));
  try {
    mkdirSync(folder, { recursive: true });
    if (missing().length > 0) {
      const startedMs = performance.now();
      log(`fetching ${missing().length} artifacts of Kafka, once (44 MiB in all)`);
      await fetchByMaven(folder, pinned, env);
      await inParallel(missing(), DOWNLOADS_AT_A_TIME, (artifact) =>
        download(pinned.repository, artifact, place(artifact.path)),
      );
      log(`fetched them in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    }
  } catch (error) {
    throw explainDenied(error, folder);
  }
  return artifacts.map(({ path }) => place(path)).sort();
}

function broker(): Pinned {
  return JSON.parse(readFileSync(join(KAFKA_FOLDER, 'artifacts.json'), 'utf8'));
}

/** Takes what Maven can bring and what is exactly as pinned; what it cannot is left to the direct way. */
async function fetchByMaven(folder: string, { artifacts }: Pinned, env: Environment): Promise<void> {
  const target = join(folder, `maven-${process.pid}`);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${target}`, '-DincludeScope=runtime'];
  const maven = { command: 'mvn', args: ['-q', '-B', '-f', join(KAFKA_FOLDER, 'pom.xml'), ...goal] };
  await run(maven, { env: { ...env }, timeoutMs: MAVEN_TIMEOUT_MS });
  const brought = new Set(globSync('*.jar', { cwd: target }));
  for (const { path, sha256 } of artifacts) {
    const name = basename(path);
    if (!brought.has(name)) continue;
    const bytes = readFileSync(join(target, name));
    if (digestOf(bytes) === sha256) put(join(folder, name), bytes);
  }
  rmSync(target, { recursive: true, force: true });
}

async function download(repository: string, { path, sha256 }: Pinned['artifacts'][number], to: string): Promise<void> {
  const address = `${repository}/${path}`;
  const bytes = await fetch(address, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) })
    .then(async (answer) => {
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    })
    .catch((cause: Error) => {
      const why = cause.cause instanceof Error ? cause.cause.message : cause.message;
      throw new LocalStackFault(
        `Kafka's ${basename(path)} cannot be fetched, neither by mvn nor from ${address} (${why}): Kafka needs the network once`,
      );
    });
  if (digestOf(bytes) !== sha256) throw new LocalStackFault(`${address} is not the artifact that was pinned`);
  put(to, bytes);
}

/** Appears at once and whole; two stacks of one checkout may fetch at the same time. */
function put(to: string, bytes: Uint8Array): void {
  const draft = `${to}.${process.pid}.part`;
  writeFileSync(draft, bytes);
  renameSync(draft, to);
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
