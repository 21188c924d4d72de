import type { Command, CommandInput } from '../command/command.ts';
import type { Explanation, Posed } from '../command/explain.ts';
import type { Context } from './context.ts';

/** A command that an entity offers, and how it is posed there: in several ways where the entity leaves several. */
export interface Action<E> {
  readonly transition: string;
  readonly pose: (entity: E, context: Context) => Promise<readonly Posed[]>;
}

type Given<G> = G | readonly G[];
/** What of the input is left to the client. */
type Rest<I, G> = Omit<I, keyof G | keyof CommandInput>;

/**
 * Offers a command on an entity.
 * @param given what the entity gives of the input: the parts a client can take over; a list where there are several ways
 * @param standIn of an accepted form, for whatever else the input must have
 * @param open codes of refusals that speak of what stands in alone, and so say nothing about the act
 */
export function action<E, I extends CommandInput, G extends Partial<I>>(
  command: Command<I>,
  given: (entity: E, context: Context) => Given<G> | Promise<Given<G>>,
  ...[standIn, open = []]: object extends Rest<I, G>
    ? [standIn?: Rest<I, G>, open?: readonly string[]]
    : [standIn: Rest<I, G>, open?: readonly string[]]
): Action<E> {
  return {
    transition: command.transition,
    async pose(entity, context) {
      // No row names agents, so theirs is posed once: which ways there are would say what the identity behind them is.
      const ways = context.session.kind === 'AGENT' ? {} : await given(entity, context);
      const all = (Array.isArray(ways) ? ways : [ways]) as readonly Readonly<Record<string, unknown>>[];
      return all.map((way) => ({ command, given: way, standIn: { ...standIn }, open }));
    },
  };
}

/** The `actions` field of an entity: each transition it offers, explained for the session; all entities of a request together. */
export function actions<E>(offered: readonly Action<E>[]) {
  return async (entity: E, _: unknown, context: Context): Promise<readonly Explanation[]> => {
    const posed = await Promise.all(offered.map((one) => one.pose(entity, context)));
    return Promise.all(posed.flat().map((one) => context.explain(one)));
  };
}
