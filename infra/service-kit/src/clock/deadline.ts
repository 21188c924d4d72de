import type { Command, CommandInput } from '../command/command.ts';
import type { Sql } from '../database/statement.ts';

/** A command that a service runs of itself, once its time has come. */
// biome-ignore lint/suspicious/noExplicitAny: each command's input is checked where it is declared
export interface Deadline<I extends CommandInput = any> {
  readonly command: Command<I>;
  /**
   * Finds what is due by the clock of the database (`clock_timestamp()`), the longest due first, at most so many rows. A row is the
   * command's input without a key: a column for each field, in snake_case as everywhere in the database (`thing_id` is `thingId`). The
   * key is made of the whole row, so an aggregate's version stands in it, best as `expected_version`: what changed since it was found is
   * another act.
   */
  readonly due: (limit: number) => Sql;
}
