import DataLoader from 'dataloader';
import type { Command, CommandInput } from '../command/command.ts';
import type { Payload } from '../command/payload.ts';
import type { CommandRequest } from '../command/request.ts';
import { runCommand } from '../command/run.ts';
import type { Pool } from '../database/pool.ts';
import { raw, rowsOf, sql } from '../database/statement.ts';
import type { AggregateState, PersonalRef } from '../domain.ts';
import { type Aggregate, selectVisible, type Versioned, wellFormed } from '../journal/aggregate.ts';
import { keptValues } from '../personal/personal.ts';
import type { Session } from '../process/session.ts';
import type { Chassis } from '../service/chassis.ts';

/** What a resolver works with: one request, one session. Resolvers adapt; nothing here decides. */
export interface Context {
  readonly session: Session;
  readonly db: Pool;
  /** Runs a command and answers with its payload. */
  run<I extends CommandInput>(command: Command<I>, input: I): Promise<Payload>;
  /** One aggregate, or null where it is missing or not to be seen; all of a kind in one statement. */
  load<T extends AggregateState>(of: Aggregate<T>, id: string): Promise<Versioned<T> | null>;
  /** The value behind a reference of one aggregate; null where the session may not see it, or where it was erased. */
  personal(of: Aggregate, id: string, ref: PersonalRef | null): Promise<string | null>;
}

type Loader<V> = DataLoader<string, V>;

/** The context of one request. */
export function createContext(chassis: Chassis, request: CommandRequest): Context {
  const { session, pool } = request;
  const aggregates = new Map<string, Loader<unknown>>();
  const entitled = new Map<string, Loader<boolean>>();
  const values: Loader<string | null> = new DataLoader(async (refs) => {
    const kept = await keptValues(pool, refs);
    return refs.map((ref) => kept.get(ref)?.value ?? null);
  });
  return {
    session,
    db: pool,
    async run(command, input) {
      try {
        return await runCommand(chassis, command, input, request);
      } finally {
        // What was loaded for an earlier field of this request may have changed.
        aggregates.clear();
        entitled.clear();
        values.clearAll();
      }
    },
    load(of, id) {
      const loader = loaderOf(aggregates, of, async (ids) => {
        const rows = await selectVisible(pool, of, session, ids);
        return ids.map((one) => rows.get(one) ?? null);
      });
      return loader.load(id) as Promise<Versioned<never> | null>;
    },
    async personal(of, id, ref) {
      if (ref === null) return null;
      const loader = loaderOf(entitled, of, async (ids) => {
        const rows = await rowsOf(
          pool,
          sql`select id::text as id from ${raw(of.type)} where id = any(${wellFormed(of, ids)}) and (${of.personalTo(session)})`,
        );
        const found = new Set(rows.map((row) => row.id));
        return ids.map((one) => found.has(one));
      });
      return (await loader.load(id)) ? values.load(ref.ref) : null;
    },
  };
}

function loaderOf<V>(
  loaders: Map<string, Loader<V>>,
  of: Aggregate,
  batch: (ids: string[]) => Promise<V[]>,
): Loader<V> {
  let loader = loaders.get(of.type);
  if (loader === undefined) {
    loader = new DataLoader((ids) => batch([...ids]));
    loaders.set(of.type, loader);
  }
  return loader;
}
