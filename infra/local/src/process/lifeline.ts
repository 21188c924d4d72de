import { isMainThread } from 'node:worker_threads';
import { type Invocation, run } from './run.ts';

const CHECK_TIMEOUT_MS = 5_000;

let available: Promise<boolean> | undefined;

/**
 * A program that gets `signal` when the process that started it ends, be it by kill -9: Linux does so for whoever asks for it
 * (prctl PR_SET_PDEATHSIG, here by util-linux). Elsewhere it is started as it is, and the next start ends what is left.
 */
export async function withLifeline(invocation: Invocation, signal: NodeJS.Signals): Promise<Invocation> {
  // What the kernel watches is the thread that started it: one of a pool may end long before the process.
  if (process.platform !== 'linux' || !isMainThread) return invocation;
  available ??= run(
    { command: 'setpriv', args: ['--pdeathsig', 'TERM', 'true'] },
    { timeoutMs: CHECK_TIMEOUT_MS },
  ).then(({ ok }) => ok);
  if (!(await available)) return invocation;
  const { command, args } = invocation;
  return { command: 'setpriv', args: ['--pdeathsig', signal.replace('SIG', ''), command, ...args] };
}
