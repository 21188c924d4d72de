import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import type { AggregateTable, Databases } from '../world/databases.ts';
import type { Problem } from './answer.ts';

/** What commands write in tables of the kit; its others (positions, copies, parked events) are written of its own accord. */
const COMMANDS_OWN = ['idempotency', 'personal_value'];
const KIT_MIGRATIONS = join(ROOT, 'infra/service-kit/migrations');

/** Tables in which rows come to be without a command, and without a fact of their own. */
function tablesOfTheKit(): readonly string[] {
  const scripts = readdirSync(KIT_MIGRATIONS).map((file) => readFileSync(join(KIT_MIGRATIONS, file), 'utf8'));
  const names = [...scripts.join('\n').matchAll(/create table (\w+)/g)].map(([, name = '']) => name);
  return ['migration', ...names.filter((name) => !COMMANDS_OWN.includes(name))];
}

/** A transaction's number as a row has it: the lower half of what the journal keeps. */
const IN_JOURNAL = `(select distinct mod(xid::text::numeric, 4294967296)::text from journal)`;

/**
 * Writes without a journal row: an aggregate's row that is not what the newest journal row of it says, or was written by another
 * transaction; a journal row whose aggregate is gone; a row beside them of a transaction that journaled nothing.
 */
export async function unjournaled(databases: Databases): Promise<readonly Problem[]> {
  const aggregates = await databases.aggregateTables();
  const problems = await Promise.all([
    ...aggregates.map((table) => aggregateProblems(databases, table)),
    ...databases.services.map((service) => besideProblems(databases, service)),
  ]);
  return problems.flat();
}

async function aggregateProblems(databases: Databases, { service, table }: AggregateTable): Promise<Problem[]> {
  const rows = await databases.rows<{ id: string; fault: string }>(
    service,
    `with newest as (
        select distinct on (aggregate_id) aggregate_id, aggregate_version, event_id, new_state, xid
          from journal where aggregate_type = $1 order by aggregate_id, aggregate_version desc)
      select coalesce(own.id::text, newest.aggregate_id) as id,
        case when newest.aggregate_id is null then 'is in no journal row'
          when own.id is null then 'is gone, and its journal is there'
          when own.version <> newest.aggregate_version then 'has version ' || own.version || ', its journal ' || newest.aggregate_version
          when own.last_event_id <> newest.event_id then 'rests on another event than its journal'
          when own.state <> newest.new_state then 'is ' || own.state || ', in its journal ' || newest.new_state
          when own.xmin::text <> mod(newest.xid::text::numeric, 4294967296)::text then 'was written by another transaction than its journal row'
        end as fault
      from "${table}" own full join newest on own.id::text = newest.aggregate_id
      where newest.aggregate_id is null or own.id is null or own.version <> newest.aggregate_version
        or own.last_event_id <> newest.event_id or own.state <> newest.new_state
        or own.xmin::text <> mod(newest.xid::text::numeric, 4294967296)::text
      limit 5`,
    [table],
  );
  return rows.map(({ id, fault }) => problem(`${service}: ${table} ${id} ${fault}`));
}

async function besideProblems(databases: Databases, service: string): Promise<Problem[]> {
  const tables = await databases.rows<{ table: string }>(
    service,
    `select table_name as table from information_schema.tables where table_schema = 'public'
      and table_type = 'BASE TABLE' and table_name <> all($1)`,
    [tablesOfTheKit()],
  );
  const found = await Promise.all(
    tables.map(({ table }) =>
      databases.rows<{ rows: number; table: string }>(
        service,
        `select count(*)::integer as rows, '${table}' as table from "${table}" where xmin::text not in ${IN_JOURNAL}`,
      ),
    ),
  );
  return found
    .flat()
    .filter(({ rows }) => rows > 0)
    .map(({ rows, table }) => problem(`${service}: ${rows} rows of ${table} belong to no journal row`));
}

const problem = (what: string): Problem => ({ invariant: 'no write without a journal row', what });

/** How rows stand: `<service>/<table>/<id>` to version and event. */
export type Standings = ReadonlyMap<string, string>;

/** How the rows of these ids stand now, so that it can be told whether anybody changed them. */
export async function standingsOf(databases: Databases, ids: readonly string[]): Promise<Standings> {
  const standings = new Map<string, string>();
  for (const { service, table } of await databases.aggregateTables()) {
    const rows = await databases.rows<{ id: string; stands: string }>(
      service,
      `select id::text as id, state || ' ' || version || ' ' || last_event_id as stands from "${table}" where id::text = any($1)`,
      [ids],
    );
    for (const { id, stands } of rows) standings.set(`${service}/${table}/${id}`, stands);
  }
  return standings;
}

/** Rows that stand otherwise than before, though nobody who tried had the power to change them. */
export function changedRows(before: Standings, after: Standings): readonly Problem[] {
  return [...before].flatMap(([row, stood]) => {
    const stands = after.get(row) ?? 'gone';
    return stands === stood
      ? []
      : [{ invariant: 'nobody changes another’s row', what: `${row}: ${stood} became ${stands}` }];
  });
}
