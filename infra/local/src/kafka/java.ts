import { join } from 'node:path';
import { run } from '../process/run.ts';
import type { Environment } from '../settings.ts';

export const NEEDED_RELEASE = 17;
const CHECK_TIMEOUT_MS = 30_000;

/** The Java runtime to use, or what is wrong with those that are here. */
export type FoundJava = { readonly java: string; readonly release: number } | { readonly missing: string };

/** The first that is new enough: that of JAVA_HOME, then the one in PATH. */
export async function findJava(env: Environment = process.env): Promise<FoundJava> {
  const missing: string[] = [];
  for (const java of [...(env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin', 'java')] : []), 'java']) {
    const asked = { command: java, args: ['-version'] };
    const { ok, output } = await run(asked, { env: { ...env }, timeoutMs: CHECK_TIMEOUT_MS });
    const release = ok ? releaseOf(output) : undefined;
    if (release !== undefined && release >= NEEDED_RELEASE) return { java, release };
    const name = java === 'java' ? 'java in PATH' : java;
    if (!ok) missing.push(`${name} is not there or does not run`);
    else missing.push(release === undefined ? `${name} does not say its release` : `${name} is Java ${release}`);
  }
  return { missing: missing.join(', ') };
}

/** `version "17.0.15"` → 17, `version "1.8.0_402"` → 8. */
export function releaseOf(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' ? second : first);
}
