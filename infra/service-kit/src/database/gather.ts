import { flight } from '../command/flight.ts';
import type { PoolClient } from './pool.ts';
import { join, type Row, raw, Sql, sql } from './statement.ts';

/** One statement among many, with the places in the list at which it was asked. */
interface Asked {
  readonly statement: Sql;
  readonly places: number[];
}

/** Types of a statement's parameters as PostgreSQL infers them; there are as many texts as the code has statements. */
const parameterTypes = new Map<string, readonly string[]>();

/**
 * Answers many reading statements with few: those that are equal are sent once, and those that differ in their values alone become
 * one, in which the values that differ are rows. So it costs a list of a hundred rows as many statements as one of its rows.
 * The connection is the caller's, and what it sends is one flight (two where PostgreSQL has to be asked for types first).
 */
export async function gather(client: PoolClient, statements: readonly Sql[]): Promise<readonly (readonly Row[])[]> {
  const groups = [...Map.groupBy(distinct(statements), ({ statement }) => statement.text).values()];
  const sent: Sql[] = [];
  for (const group of groups) sent.push(group.length === 1 ? only(group).statement : await asOne(client, group));
  const answers = await flight(client, sent);
  const rows: (readonly Row[])[] = statements.map(() => []);
  groups.forEach((group, index) => {
    const answer = answers[index] ?? [];
    const byNumber = group.length === 1 ? undefined : Map.groupBy(answer, (row) => row.asked_n as number);
    group.forEach(({ places }, n) => {
      for (const place of places) rows[place] = byNumber === undefined ? answer : (byNumber.get(n + 1) ?? []);
    });
  });
  return rows;
}

function distinct(statements: readonly Sql[]): readonly Asked[] {
  const found = new Map<string, Asked>();
  statements.forEach((statement, place) => {
    const key = JSON.stringify([statement.text, statement.values]);
    const asked = found.get(key);
    if (asked === undefined) found.set(key, { statement, places: [place] });
    else asked.places.push(place);
  });
  return [...found.values()];
}

/**
 * The statement once for each set of values. What is the same in all of them stays a parameter; the order of each answer's rows is
 * kept, since the lateral statement is run row by row.
 */
async function asOne(client: PoolClient, group: readonly Asked[]): Promise<Sql> {
  const { statement } = only(group);
  const types = await typesOf(client, statement.text);
  const columns = statement.values.flatMap((value, index) => {
    const values = group.map((one) => one.statement.values[index]);
    const text = JSON.stringify(value);
    if (values.every((one) => JSON.stringify(one) === text)) return [];
    if (values.some(Array.isArray)) throw new Error(`lists that differ cannot be gathered: ${statement.text}`);
    return [{ index, values }];
  });
  const differing = new Set(columns.map(({ index }) => index));
  const inner = new Sql(
    statement.strings,
    statement.values.map((value, index) => (differing.has(index) ? raw(`asked.p${index}`) : value)),
  );
  const arrays = columns.map(({ index, values }) => sql`${values}::${raw(types[index] ?? 'text')}[]`);
  const names = columns.map(({ index }) => `p${index}`);
  return sql`select asked.asked_n::integer as asked_n, answer.*
    from unnest(${join(arrays)}) with ordinality as asked (${raw([...names, 'asked_n'].join(', '))}) cross join lateral (${inner}) as answer`;
}

async function typesOf(client: PoolClient, text: string): Promise<readonly string[]> {
  const kept = parameterTypes.get(text);
  if (kept !== undefined) return kept;
  // One message of three statements: each sees what the one before it did.
  const results = (await client.query({
    text: `prepare asked as ${text}; select parameter_types::text[] as types from pg_prepared_statements where name = 'asked'; deallocate asked`,
  })) as unknown as readonly { readonly rows: readonly Row[] }[];
  const types: readonly string[] = results[1]?.rows[0]?.types ?? [];
  parameterTypes.set(text, types);
  return types;
}

function only(group: readonly Asked[]): Asked {
  const [first] = group;
  if (first === undefined) throw new Error('a group of statements without any');
  return first;
}
