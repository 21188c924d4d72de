import DataLoader from 'dataloader';
import type { Command, CommandInput } from '../command/command.ts';
import { type Explanation, explainAll, type Posed } from '../command/explain.ts';
import type { Payload } from '../command/payload.ts';
import type { CommandRequest } from '../command/request.ts';
import { runCommand } from '../command/run.ts';
import type { Pool } from '../database/pool.ts';
import { raw, rowsOf, type Sql, sql } from '../database/statement.ts';
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
  /** Whether the session could make a transition now, clause by clause; all that are asked for together in a few statements. */
  explain(posed: Posed): Promise<Explanation>;
  /** One aggregate, or null where there is no id, it is missing or not to be seen; all of a kind in one statement. */
  load<T extends AggregateState>(of: Aggregate<T>, id: string | null | undefined): Promise<Versioned<T> | null>;
  /** What belongs to one of many, read for all of a kind in one statement. */
  related<T>(relation: Related<T>, id: string): Promise<T>;
  /** True where the session may see more of a row that it sees than that it is there and how it stands. */
  detailed(of: Aggregate, id: string): Promise<boolean>;
  /** The value behind a reference of one aggregate; null where the session may not see it, or where it was erased. */
  personal(of: Aggregate, id: string, ref: PersonalRef | null): Promise<string | null>;
  /** The same of a reason that was given for one of its transitions. */
  reason(of: Aggregate, id: string, ref: PersonalRef | null): Promise<string | null>;
}

/** How to read what belongs to several ids at once; `none` is what belongs to an id that is not in the answer. */
export interface Related<T> {
  readonly name: string;
  readonly read: (context: Pick<Context, 'db' | 'session'>, ids: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  readonly none: T;
}

type Loader<V> = DataLoader<string, V>;

/** The context of one request. */
export function createContext(chassis: Chassis, request: CommandRequest): Context {
  const { session, pool } = request;
  const aggregates = new Map<string, Loader<unknown>>();
  const entitled = new Map<string, Loader<boolean>>();
  const reasoned = new Map<string, Loader<boolean>>();
  const detailed = new Map<string, Loader<boolean>>();
  const related = new Map<string, Loader<unknown>>();
  const explanations = new DataLoader<Posed, Explanation, string>((posed) => explainAll(chassis, request, posed), {
    cacheKeyFn: ({ command, given }) => JSON.stringify([command.transition, given]),
  });
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
        reasoned.clear();
        detailed.clear();
        related.clear();
        values.clearAll();
        explanations.clearAll();
      }
    },
    explain: (posed) => explanations.load(posed),
    load(of, id) {
      // The keys of `_entities` are of a scalar that checks nothing.
      if (typeof id !== 'string') return Promise.resolve(null);
      const loader = loaderOf(aggregates, of.type, async (ids) => {
        const rows = await selectVisible(pool, of, session, ids);
        return ids.map((one) => rows.get(one) ?? null);
      });
      return loader.load(id) as Promise<Versioned<never> | null>;
    },
    related<T>(relation: Related<T>, id: string) {
      const loader = loaderOf(related, relation.name, async (ids) => {
        const found = await relation.read({ db: pool, session }, ids);
        return ids.map((one) => found.get(one) ?? relation.none);
      });
      return loader.load(id) as Promise<T>;
    },
    async detailed(of, id) {
      if (of.detailTo === of.visibleTo) return true;
      return loaderOf(detailed, of.type, (ids) => among(pool, of, ids, of.detailTo(session))).load(id);
    },
    async personal(of, id, ref) {
      if (ref === null) return null;
      const loader = loaderOf(entitled, of.type, (ids) => among(pool, of, ids, of.personalTo(session)));
      return (await loader.load(id)) ? values.load(ref.ref) : null;
    },
    async reason(of, id, ref) {
      if (ref === null) return null;
      const loader = loaderOf(reasoned, of.type, (ids) => among(pool, of, ids, of.reasonsTo(session)));
      return (await loader.load(id)) ? values.load(ref.ref) : null;
    },
  };
}

/** Of which of these rows the predicate holds. */
async function among(pool: Pool, of: Aggregate, ids: readonly string[], predicate: Sql): Promise<boolean[]> {
  const rows = await rowsOf(
    pool,
    sql`select id::text as id from ${raw(of.type)} where id = any(${wellFormed(of, ids)}) and (${predicate})`,
  );
  const found = new Set(rows.map((row) => row.id));
  return ids.map((one) => found.has(one));
}

function loaderOf<V>(loaders: Map<string, Loader<V>>, name: string, batch: (ids: string[]) => Promise<V[]>): Loader<V> {
  let loader = loaders.get(name);
  if (loader === undefined) {
    loader = new DataLoader((ids) => batch([...ids]));
    loaders.set(name, loader);
  }
  return loader;
}
