import type { Command } from '../command/command.ts';
import type { Payload } from '../command/payload.ts';
import type { Context } from './context.ts';

// biome-ignore lint/suspicious/noExplicitAny: each command has an input of its own, which the resolver takes over
type Commands = Readonly<Record<string, Command<any>>>;
type InputOf<C> = C extends Command<infer I> ? I : never;

/** Resolvers of mutations: each runs the command that is exported under its name. */
export function mutationsOf<C extends Commands>(commands: C) {
  const resolvers = Object.entries(commands).map(([name, command]) => {
    return [name, (_: unknown, { input }: { input: never }, context: Context) => context.run(command, input)];
  });
  return Object.fromEntries(resolvers) as {
    readonly [N in keyof C]: (
      parent: unknown,
      args: { readonly input: InputOf<C[N]> },
      context: Context,
    ) => Promise<Payload>;
  };
}
