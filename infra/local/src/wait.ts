import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs: number;
  /** What is waited for, as it ends the sentence "… after 30 s: ". */
  readonly what: string;
  readonly everyMs?: number;
}

/**
 * Asks again and again until `condition` yields a value. An error of `condition` means "not yet"; the last one is the cause of
 * the failure.
 * @throws Error when `timeoutMs` have passed
 */
export async function waitFor<T>(
  condition: () => Promise<T | undefined> | T | undefined,
  options: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) {
      const why = cause instanceof Error ? ` (${cause.message})` : '';
      throw new Error(`${options.what}: not after ${options.timeoutMs / 1000} s${why}`, { cause });
    }
    await delay(options.everyMs ?? 50);
  }
}
