import { fromWire, type Measure, type Row, rowsOf, type Sql, sql } from '@qtm/service-kit';
import { type CompletedTransfer, divergence, type Held, strayRow } from './domain/fold.ts';
import { importedDivergence } from './domain/import-history.ts';
import type { Transfer } from './domain/transfer.ts';
import { OneAtATime } from './one-at-a-time.ts';

/** What the journal says of who held objects: read from it and from nothing else. */

type Db = Parameters<Measure['read']>[0];

const HELD = sql`payload::jsonb -> 'state' ->> 'holder_identity_id' as holder,
  (payload::jsonb -> 'state' ->> 'register_version')::integer as version, payload::jsonb -> 'state' ->> 'set_by' as set_by,
  payload::jsonb -> 'state' ->> 'set_by_id' as set_by_id, payload::jsonb -> 'state' ->> 'since' as since`;

function heldOf(row: Row): Held {
  const { holder, version, set_by: setBy, set_by_id: setById, since } = row;
  return { holderIdentityId: holder, registerVersion: version, setBy, setById, since };
}

/** Everyone who ever held an object, in order: before an import, as the transfers that came with it tell. */
export async function holdersOf(db: Db, entryId: string): Promise<readonly Held[]> {
  const [rows, completed] = await Promise.all([
    rowsOf(
      db,
      sql`select distinct on (version) * from (
          select ${HELD}, aggregate_version from journal
            where aggregate_type = 'register_entry' and aggregate_id = ${entryId} and aggregate_version >= (
              select coalesce(max(aggregate_version), 1) from journal
              where aggregate_type = 'register_entry' and aggregate_id = ${entryId} and transition = 'register_entry.import')
        ) held order by version, aggregate_version`,
    ),
    rowsOf<{ completion: Completion }>(db, completions(sql`${entryId}`)),
  ]);
  const byVersion = new Map(rows.map((row) => [row.version as number, heldOf(row)]));
  const imported = completedBy(
    'transfer.import',
    completed.map(({ completion }) => completion),
  );
  for (const one of imported) {
    byVersion.set(one.toRegisterVersion, {
      holderIdentityId: one.toIdentityId,
      registerVersion: one.toRegisterVersion,
      setBy: 'transfer',
      setById: one.transferId,
      since: one.endedAt,
    });
  }
  return [...byVersion.values()].sort((a, b) => a.registerVersion - b.registerVersion);
}

/** What folding gave. */
export interface Verification {
  readonly objects: number;
  readonly holds: boolean;
  readonly divergences: readonly { readonly id: string; readonly what: string }[];
}

const BATCH = 500;
const MAX_DIVERGENCES = 100;

/** Entries that are verified: those of the register that a predicate over its columns gives; only that one, where an id is given. */
interface Verified {
  readonly id?: string;
  readonly where: Sql;
}

/**
 * What is verified in this process, by the database that it is read from. Whoever asks for one entry waits for others that do, and
 * never for a fold of the whole register.
 */
const underWay = new WeakMap<Db, Record<'whole' | 'single', OneAtATime<Verification>>>();

function lanesOf(db: Db) {
  const found = underWay.get(db);
  if (found !== undefined) return found;
  const lanes = { whole: new OneAtATime<Verification>(), single: new OneAtATime<Verification>() };
  underWay.set(db, lanes);
  return lanes;
}

/** Folds the history of the whole register, or of one class of objects, and holds it against the register. */
export function verifyAll(db: Db, objectClass?: string): Promise<Verification> {
  const where = objectClass === undefined ? sql`true` : sql`object_class = ${objectClass}`;
  return lanesOf(db).whole.run(JSON.stringify([objectClass]), () => verifyEntries(db, { where }));
}

/** The same of one entry, where the predicate shows it. */
export function verifyEntry(db: Db, id: string, where: Sql): Promise<Verification> {
  const { text, values } = where;
  return lanesOf(db).single.run(JSON.stringify([id, text, values]), () => verifyEntries(db, { id, where }));
}

async function verifyEntries(db: Db, which: Verified): Promise<Verification> {
  const divergences: { id: string; what: string }[] = [];
  const note = (id: string, what: string | undefined) => {
    if (what !== undefined) divergences.push({ id, what });
  };
  const gone = await rowsOf(db, goneEntries(which));
  for (const { id, state } of gone) note(id, divergence(undefined, fromWire(state), []));
  let objects = gone.length;
  for (let after = ''; ; ) {
    const rows = await rowsOf(db, histories(which, after));
    for (const row of rows) note(row.id, divergenceOf(row));
    objects += rows.length;
    if (rows.length < BATCH) break;
    after = rows.at(-1)?.id ?? '';
  }
  return { objects, holds: divergences.length === 0, divergences: divergences.slice(0, MAX_DIVERGENCES) };
}

function divergenceOf({ entry, beginning, completed, version, told, strays }: Row): string | undefined {
  const began = beginning === null ? undefined : fromWire<Held>(beginning);
  return (
    importedDivergence(began, completedBy('transfer.import', completed)) ??
    divergence(fromWire(entry), began, completedBy('transfer.complete', completed)) ??
    strayRow([{ of: 'the entry', version, told }, ...strays])
  );
}

const only = (id: Verified['id'], column: Sql): Sql => (id === undefined ? sql`true` : sql`${column} = ${id}`);

/** Entries that facts tell of and the register does not name: what was last said of each, in the columns of the register. */
const goneEntries = ({ id, where }: Verified) => sql`
  select id, state from (
    select distinct on (aggregate_id) aggregate_id as id, payload::jsonb -> 'state' as state,
        payload::jsonb -> 'state' ->> 'object_class' as object_class, payload::jsonb -> 'state' ->> 'object_id' as object_id,
        payload::jsonb -> 'state' ->> 'holder_identity_id' as holder_identity_id
      from journal
      where aggregate_type = 'register_entry' and ${only(id, sql`aggregate_id`)}
        and not exists (select 1 from register_entry where id = journal.aggregate_id)
      order by aggregate_id, aggregate_version desc
  ) gone where ${where}`;

/**
 * What entries say, and beside it what their histories do. One statement, which sees one moment: a transfer that is completed between
 * two would look like damage.
 */
const histories = ({ id, where }: Verified, after: string) => sql`
  with known as (
    select id, version, published as entry from register_entry
      where id > ${after} and ${only(id, sql`id`)} and (${where})
      order by id limit ${BATCH}
  )
  select id, entry,
    -- What it said when it entered the register; what a file said, where one told more of it.
    (select payload::jsonb -> 'state' from journal where aggregate_type = 'register_entry' and aggregate_id = known.id
      and (aggregate_version = 1 or transition = 'register_entry.import') order by aggregate_version desc limit 1) as beginning,
    array(${completions(sql`known.id`)}) as completed,
    version, ${newestOf('register_entry', sql`known.id`)} as told,
    array(${straysOf(sql`known.id`)}) as strays
  from known order by id`;

/** The first facts of an entry's transfers, by their index. */
const firstFacts = (entryId: Sql) => sql`select aggregate_id from journal
  where aggregate_type = 'transfer' and aggregate_version = 1
    and (payload::jsonb -> 'state' ->> 'object_class') || ':' || (payload::jsonb -> 'state' ->> 'object_id') = ${entryId}`;

/**
 * What the completed transfers of an entry say, from their facts alone, so that no row is held against itself; those that were imported
 * so, and those that were completed here.
 */
const completions = (entryId: Sql) => sql`
  select jsonb_build_object('transition', fact.transition, 'state', fact.payload::jsonb -> 'state') as completion
    from (${firstFacts(entryId)}) first join journal fact on fact.aggregate_type = 'transfer' and fact.aggregate_id = first.aggregate_id
    where fact.transition in ('transfer.import', 'transfer.complete') and fact.new_state = 'completed'`;

interface Completion {
  readonly transition: string;
  readonly state: object;
}

const completedBy = (transition: 'transfer.import' | 'transfer.complete', all: readonly Completion[]) =>
  all.flatMap((one) => (one.transition === transition ? [transferOf(one.state)] : []));

const newestOf = (type: 'register_entry' | 'transfer', id: Sql) =>
  sql`(select max(aggregate_version) from journal where aggregate_type = ${type} and aggregate_id = ${id})`;

/** Transfers of an entry of which there is another version than their newest fact is of, or only one of the two. */
const straysOf = (entryId: Sql) => sql`
  select jsonb_build_object('of', 'transfer ' || id, 'version', version, 'told', told)
    from (select id::text as id, version from transfer where entry_id = ${entryId}) there
    full join (select aggregate_id as id, ${newestOf('transfer', sql`first.aggregate_id`)} as told from (${firstFacts(entryId)}) first) facts
      using (id)
    where version is distinct from told order by id`;

function transferOf(state: object): CompletedTransfer {
  const { id: transferId, ...rest } = fromWire<Transfer>(state);
  const { fromIdentityId, toIdentityId, fromRegisterVersion, toRegisterVersion, endedAt } = rest;
  return {
    transferId,
    fromIdentityId,
    toIdentityId,
    fromRegisterVersion,
    toRegisterVersion: toRegisterVersion as number,
    endedAt: endedAt as string,
  };
}
