import type { Random } from '../../harness/random.ts';
import type { ActLog } from './acts.ts';
import type { Client, Decided } from './client.ts';
import type { CommandName } from './commands.ts';
import type { Town } from './people.ts';

/** What everybody at work is given. */
export interface Walking {
  readonly client: Client;
  readonly town: Town;
  readonly log: ActLog;
  readonly random: Random;
}

/** The walk goes no further: the load ends, or what it is about went another way. */
export class WalkEnds extends Error {}

/**
 * Takes an answer as it must be.
 * @param refusals what else than an acceptance may come of it
 * @throws WalkEnds where the load ends before there is one
 * @throws Error where it is any other refusal, which is a finding
 */
export function expected(decided: Decided, name: CommandName, refusals: readonly string[]): void {
  if (decided.kind === 'undecided') throw new WalkEnds('the load ends');
  if (decided.kind === 'accepted' || refusals.includes(decided.code)) return;
  throw new Error(`${name} was refused: ${decided.code}, state ${decided.currentState}`);
}

/** Waits for all of it, so that nothing goes on unseen where one of them failed. */
export async function together<T>(doing: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(doing);
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  return settled.map((one) => (one as PromiseFulfilledResult<T>).value);
}
