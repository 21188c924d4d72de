import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { explainDenied, LocalStackFault } from '../fault.ts';

interface Pinned {
  readonly repository: string;
  readonly artifacts: readonly { readonly path: string; readonly sha256: string }[];
}

const KAFKA_FOLDER = join(import.meta.dirname, '../../kafka');
const DOWNLOADS_AT_A_TIME = 8;
const DOWNLOAD_TIMEOUT_MS = 60_000;

/**
 * The class path of the broker: every pinned artifact, byte for byte. What the folder lacks is fetched, by Maven where it is (which
 * knows mirrors and proxies), directly otherwise.
 * @throws LocalStackFault where an artifact cannot be had, or is not what was pinned
 */
export async function kafkaJars(folder: string, log: (line: string) => void): Promise<readonly string[]> {
  const pinned = JSON.parse(readFileSync(join(KAFKA_FOLDER, 'artifacts.json'), 'utf8')) as Pinned;
  const { artifacts } = pinned;
  const place = (path: string) => join(folder, basename(path));
  try {
    mkdirSync(folder, { recursive: true });
    // What is there was checked when it came; a whole file appears at once.
    if (artifacts.some(({ path }) => !existsSync(place(path)))) {
      log(`fetching ${artifacts.length} artifacts of Kafka (44 MiB), once`);
      fetchByMaven(folder, pinned);
      const missing = artifacts.filter(({ path }) => !existsSync(place(path)));
      await inParallel(missing, DOWNLOADS_AT_A_TIME, (artifact) =>
        download(pinned.repository, artifact, place(artifact.path)),
      );
    }
  } catch (error) {
    throw explainDenied(error, folder);
  }
  return artifacts.map(({ path }) => place(path)).sort();
}

/** Takes what Maven can bring and what is exactly as pinned; what it cannot is left to the direct way. */
function fetchByMaven(folder: string, { artifacts }: Pinned): void {
  const target = join(folder, `maven-${process.pid}`);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${target}`, '-DincludeScope=runtime'];
  spawnSync('mvn', ['-q', '-B', '-f', join(KAFKA_FOLDER, 'pom.xml'), ...goal], { stdio: 'ignore' });
  const brought = new Set(globSync('*.jar', { cwd: target }));
  for (const { path, sha256 } of artifacts) {
    const name = basename(path);
    if (brought.has(name) && digestOf(readFileSync(join(target, name))) === sha256) {
      copyFileSync(join(target, name), join(folder, `${name}.part`));
      renameSync(join(folder, `${name}.part`), join(folder, name));
    }
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
      throw new LocalStackFault(`${basename(dirname(to))}: ${address} cannot be fetched (${why})`);
    });
  if (digestOf(bytes) !== sha256) throw new LocalStackFault(`${address} is not the artifact that was pinned`);
  writeFileSync(`${to}.part`, bytes);
  renameSync(`${to}.part`, to);
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
