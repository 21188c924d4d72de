/** Health check of a container: is the process in it ready? Exits with 1 and says why where it is not. */
import { readSettings } from '@qtm/service-kit/door';
import { STEP_SETTINGS } from './settings.ts';

const TIMEOUT_MS = 2_000;

async function reason(): Promise<string | undefined> {
  const { QTM_PORT: port } = readSettings(STEP_SETTINGS.healthy);
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return answer.ok ? undefined : await answer.text();
}

const why = await reason().catch(({ message, cause }: Error) => `${message}: ${(cause as Error | undefined)?.message}`);
if (why !== undefined) process.stderr.write(`${why}\n`);
process.exitCode = why === undefined ? 0 : 1;
