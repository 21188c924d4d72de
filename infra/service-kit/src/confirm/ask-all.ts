import type { Answer, Asked, Held } from './confirmed.ts';
import { type OnBehalfOf, type Owners, OwnerUnavailable } from './owners.ts';

/** An owner that could not be asked; `reason` is for logs. */
export interface Unanswered {
  readonly name: string;
  readonly service: string;
  readonly reason: string;
}

/** Asks everything at once: what owners said, or the first name that one of them did not answer. */
export async function askAll(
  owners: Owners,
  asks: ReadonlyMap<string, Asked>,
  behalf: OnBehalfOf,
): Promise<Held | Unanswered> {
  const held = new Map<string, Answer>();
  const failures = await Promise.all(
    [...asks].map(async ([name, asked]): Promise<Unanswered | undefined> => {
      try {
        held.set(name, { asked, confirmed: await owners.ask(asked, behalf) });
        return undefined;
      } catch (error) {
        if (!(error instanceof OwnerUnavailable)) throw error;
        return { name, service: asked.service, reason: error.message };
      }
    }),
  );
  return failures.find((failure) => failure !== undefined) ?? held;
}
