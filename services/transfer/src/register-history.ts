import { fromWire, type Measure, type Row, rowsOf, type Sql, sql } from '@qtm/service-kit';
import { type CompletedTransfer, divergence, type Held } from './domain/fold.ts';
import { importedDivergence } from './domain/import-history.ts';
import type { Transfer } from './domain/transfer.ts';

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
  const [rows, imported] = await Promise.all([
    rowsOf(
      db,
      sql`select distinct on (version) * from (
          select ${HELD}, aggregate_version from journal
            where aggregate_type = 'register_entry' and aggregate_id = ${entryId} and aggregate_version >= (
              select coalesce(max(aggregate_version), 1) from journal
              where aggregate_type = 'register_entry' and aggregate_id = ${entryId} and transition = 'register_entry.import')
        ) held order by version, aggregate_version`,
    ),
    rowsOf(db, completedOf('transfer.import', ofEntry(entryId))),
  ]);
  const byVersion = new Map(rows.map((row) => [row.version as number, heldOf(row)]));
  for (const one of imported.map(({ state }) => transferOf(state))) {
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

/** Folds the history of every object that a predicate over the register's rows gives, and holds it against the register. */
export async function verifyEntries(db: Db, which: Sql): Promise<Verification> {
  const gone = await rowsOf(db, goneEntries(which));
  const divergences: { id: string; what: string }[] = [];
  const note = (id: string, what: string | undefined) => {
    if (what !== undefined) divergences.push({ id, what });
  };
  for (const { id, state } of gone) note(id, divergence(undefined, fromWire(state), []));
  let objects = gone.length;
  for (let after = ''; ; ) {
    const rows = await rowsOf(db, histories(which, after));
    for (const { id, entry, beginning, imported, completed } of rows) {
      const began = beginning === null ? undefined : fromWire<Held>(beginning);
      note(
        id,
        importedDivergence(began, imported.map(transferOf)) ??
          divergence(fromWire(entry), began, completed.map(transferOf)),
      );
    }
    objects += rows.length;
    if (rows.length < BATCH) break;
    after = rows.at(-1)?.id ?? '';
  }
  return { objects, holds: divergences.length === 0, divergences: divergences.slice(0, MAX_DIVERGENCES) };
}

/** Entries that facts tell of and the register does not name: what was last said of each, in the columns of the register. */
const goneEntries = (which: Sql) => sql`
  select id, state from (
    select distinct on (aggregate_id) aggregate_id as id, payload::jsonb -> 'state' as state,
        payload::jsonb -> 'state' ->> 'object_class' as object_class, payload::jsonb -> 'state' ->> 'object_id' as object_id,
        payload::jsonb -> 'state' ->> 'holder_identity_id' as holder_identity_id
      from journal
      where aggregate_type = 'register_entry' and not exists (select 1 from register_entry where id = journal.aggregate_id)
      order by aggregate_id, aggregate_version desc
  ) gone where ${which}`;

/**
 * What entries say, and beside it what their histories do. One statement, which sees one moment: a transfer that is completed between
 * two would look like damage.
 */
const histories = (which: Sql, after: string) => sql`
  with known as (
    select id, object_class, object_id, published as entry from register_entry where id > ${after} and (${which})
      order by id limit ${BATCH}
  )
  select id, entry,
    -- What it said when it entered the register; what a file said, where one told more of it.
    (select payload::jsonb -> 'state' from journal where aggregate_type = 'register_entry' and aggregate_id = known.id
      and (aggregate_version = 1 or transition = 'register_entry.import') order by aggregate_version desc limit 1) as beginning,
    array(${completedOf('transfer.import', OF_KNOWN)}) as imported,
    array(${completedOf('transfer.complete', OF_KNOWN)}) as completed
  from known order by id`;

const OF_KNOWN = sql`transfer.object_class = known.object_class and transfer.object_id = known.object_id`;
const ofEntry = (entryId: string) =>
  sql`(transfer.object_class, transfer.object_id) in (select object_class, object_id from register_entry where id = ${entryId})`;

/** What completed transfers of some objects say, from the transfers' own history, so that an entry is not held against itself. */
function completedOf(by: 'transfer.complete' | 'transfer.import', of: Sql): Sql {
  return sql`select journal.payload::jsonb -> 'state' as state
    from transfer join journal on journal.aggregate_type = 'transfer' and journal.aggregate_id = transfer.id::text
      and journal.aggregate_version = transfer.version
    where journal.new_state = 'completed' and journal.transition = ${by} and ${of}`;
}

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
