import { LocalStackFault } from './fault.ts';

/** One way to come by a part of the stack; says why it is closed on this machine, or how it is gone. */
export type Way<T> = () => Promise<{ readonly closed: string } | { readonly start: () => Promise<T> }>;

/** The way of what runs already and is named by a setting; it is open where the setting is there. */
export function given<T, S>(setting: S | undefined, needs: string, start: (setting: S) => Promise<T>): Way<T> {
  return async () => (setting === undefined ? { closed: needs } : { start: () => start(setting) });
}

/**
 * How the first way that is open is gone; nothing has been started yet. Should it fail it is a fault: the next would bring up
 * something else than was meant.
 * @throws LocalStackFault that says for every way what it needs
 */
export async function firstOpen<T>(part: string, ways: readonly Way<T>[]): Promise<() => Promise<T>> {
  const closed: string[] = [];
  for (const way of ways) {
    const found = await way();
    if ('start' in found) return found.start;
    closed.push(found.closed);
  }
  throw new LocalStackFault(`${part} needs one of: ${closed.join('; ')}`);
}
