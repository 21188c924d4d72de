import { validate } from 'uuid';
import { type Queryable, raw, rowsOf, type Sql, sql } from '../database/statement.ts';
import type { AggregateState } from '../domain.ts';
import type { Session } from '../process/session.ts';
import { fromWire } from './keys.ts';

/**
 * A kind of aggregate this service owns. Its table has the type's name and the columns every aggregate has; `published` is both
 * the stored and the published state, so what topics say and what the service answers cannot differ.
 */
export interface Aggregate<T extends AggregateState = AggregateState> {
  /** snake_case; also the table and the `aggregate_type` of its events. */
  readonly type: string;
  readonly ids: 'uuid' | 'text';
  /** True where an issue names it as what a session with an agent in it may read; `visibleTo` and `detailTo` say of which rows. */
  readonly agentsSee: boolean;
  /** Which rows of the table a session may see: a predicate over the table's columns. The one place that says so. */
  readonly visibleTo: (session: Session) => Sql;
  /** Of which of these rows it may see more than that they are there and how they stand; all of them, unless said otherwise. */
  readonly detailTo: (session: Session) => Sql;
  /** Whose personal values a session may see: a predicate over the same columns, never wider than `visibleTo`. */
  readonly personalTo: (session: Session) => Sql;
  /** Who reads the reasons that were given for its transitions; whoever sees personal values, unless said otherwise. */
  readonly reasonsTo: (session: Session) => Sql;
  /** Never set; carries the type of the state. */
  readonly shape?: T;
}

type Definition = Pick<Aggregate, 'type' | 'visibleTo'> &
  Partial<Pick<Aggregate, 'ids' | 'detailTo' | 'personalTo' | 'reasonsTo'>> & { readonly agentsSee?: true };

/**
 * Ids are UUIDs, what is seen is seen whole, and personal values are shown to nobody, unless the definition says otherwise. A
 * session in which an agent takes part sees nothing, unless it says `agentsSee`; what is said of people, and why, no agent ever reads.
 * To the service itself nothing that it owns is hidden.
 */
export function aggregate<T extends AggregateState>(definition: Definition): Aggregate<T> {
  const { type, ids = 'uuid', visibleTo, detailTo = visibleTo, personalTo = () => NOTHING } = definition;
  const { reasonsTo = personalTo, agentsSee = false } = definition;
  const toAgents = agentsSee ? (predicate: Predicate) => predicate : notForAgents;
  const toOthers = toAgents(visibleTo);
  const seen: Predicate = (session) => (session.own === true ? EVERYTHING : toOthers(session));
  return {
    type,
    ids,
    agentsSee,
    visibleTo: seen,
    detailTo: detailTo === visibleTo ? seen : toAgents(detailTo),
    personalTo: notForAgents(personalTo),
    reasonsTo: notForAgents(reasonsTo),
  };
}

type Predicate = (session: Session) => Sql;

const NOTHING = sql`false`;
const EVERYTHING = sql`true`;

function notForAgents(predicate: Predicate): Predicate {
  return (session) => (session.kind === 'AGENT' ? NOTHING : predicate(session));
}

/** An aggregate as GraphQL resolvers and commands get it: its state and its version. */
export type Versioned<T> = T & { readonly version: number };

/** A row as it was found: what a guarded write needs to know. */
export interface Stored<T extends AggregateState = AggregateState> {
  readonly version: number;
  readonly occurredAt: string;
  readonly value: T;
}

export interface AggregateRow {
  readonly id: string;
  readonly version: number;
  readonly published: object;
  readonly occurred_at: string;
}

export function storedOf<T extends AggregateState>(row: AggregateRow): Stored<T> {
  return { version: row.version, occurredAt: row.occurred_at, value: fromWire<T>(row.published) };
}

export function versionedOf<T extends AggregateState>(row: AggregateRow): Versioned<T> {
  return { ...fromWire<T>(row.published), version: row.version };
}

/** One row, and whether the session may see it. */
export function rowStatement(of: Aggregate, id: string | Sql, session?: Session): Sql {
  const visible = session === undefined ? sql`true` : of.visibleTo(session);
  const table = raw(of.type);
  return sql`select ${table}.id, ${table}.version, ${table}.published, ${table}.occurred_at, (${visible}) as visible
    from ${table} where ${table}.id = ${id}`;
}

/** The same statement, which also locks that row for the rest of the transaction. */
export function locking(of: Aggregate, statement: Sql): Sql {
  return sql`${statement} for update of ${raw(of.type)}`;
}

/** The rows with these ids that the session may see, in one statement. */
export async function selectVisible<T extends AggregateState>(
  db: Queryable,
  of: Aggregate<T>,
  session: Session,
  ids: readonly string[],
): Promise<Map<string, Versioned<T>>> {
  const rows = await rowsOf<AggregateRow>(
    db,
    sql`select id, version, published, occurred_at from ${raw(of.type)}
      where id = any(${wellFormed(of, ids)}) and (${of.visibleTo(session)})`,
  );
  return new Map(rows.map((row) => [row.id, versionedOf<T>(row)]));
}

/** Ids that the table's key can read; what has another form is the id of nothing. The key itself is not cast: its index serves. */
export function wellFormed(of: Aggregate, ids: readonly string[]): string[] {
  return ids.filter((id) => (of.ids === 'uuid' ? validate(id) : !id.includes('\0')));
}
