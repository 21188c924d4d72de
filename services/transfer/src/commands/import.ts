import { createHash } from 'node:crypto';
import { canonicalJson, command, type Fact, fact, fromWire, locked, sql, stored, toWire } from '@qtm/service-kit';
import { type Refusal, refuse } from '@qtm/service-kit/domain';
import type { Outline } from '../domain/import-agreement.ts';
import { type ImportedFile, importEntry } from '../domain/import-entry.ts';
import { importTransfer as rule } from '../domain/import-transfer.ts';
import { type Place, placeOf, readFile, type TransferFile, type Wire } from '../domain/layout.ts';
import { entryId, type RegisterEntry } from '../domain/register-entry.ts';
import { close, open, type RegisterImport, type TakenIn } from '../domain/register-import.ts';
import type { Transfer } from '../domain/transfer.ts';
import type {
  CloseRegisterImportInput,
  ImportRegisterEntryInput,
  ImportTransferInput,
  OpenRegisterImportInput,
} from '../generated/graphql.ts';
import type { ObjectClass } from '../object-classes.ts';
import { registerEntries, registerImports, transfers } from '../store.ts';

/** The register of elsewhere, file by file, into one that is empty. */

const WIRE: Wire = { canonicalJson, toWire, fromWire };

/** What is in the way of an import: the open one, every transfer, and every entry that is more than an onboarding. */
const notEmpty: Fact<Parameters<typeof open>[1]> = fact(
  sql`select (select id::text from register_import where state = 'OPEN') as open,
    (select count(*)::integer from transfer) as transfers,
    (select count(*)::integer from register_entry where published ->> 'set_by' <> 'onboarding') as entries`,
  ([row]) => ({ open: row?.open ?? undefined, transfers: row?.transfers, entries: row?.entries }),
);

export const openRegisterImport = command<OpenRegisterImportInput, RegisterImport, { notEmpty: typeof notEmpty }>({
  transition: 'register_import.open',
  aggregate: registerImports,
  subject: null,
  facts: () => ({ notEmpty }),
  decide: ({ input: { manifestSha256 }, facts, by, now, newId }) =>
    open({ id: newId(), manifestSha256, by, now }, facts.notEmpty),
});

/**
 * What an import took in, as the journal tells it. The list of files is made as `sha256sum` writes it (hash, two blanks, path), in the
 * order of their paths.
 */
function takenIn(importId: string): Fact<TakenIn> {
  return fact(
    sql`with fact as (
        select aggregate_type, payload::jsonb -> 'state' as state, payload::jsonb -> 'data' as data from journal
        where transition in ('register_entry.import', 'transfer.import')
      ), taken as (
        select aggregate_type, data ->> 'path' as path, coalesce(state ->> 'imported_from', state ->> 'set_by_id') as sha256,
          (state ->> 'object_class') || ':' || (state ->> 'object_id') as entry_id,
          (state ->> 'register_version')::integer as register_version, state ->> 'to_register_version' as to_register_version
        from fact where data ->> 'import_id' = ${importId}
      ), told as (
        select entry_id, count(*) as versions from taken where to_register_version is not null group by entry_id
      )
      select count(*) filter (where taken.aggregate_type = 'register_entry')::integer as entries,
        count(*) filter (where taken.aggregate_type = 'transfer')::integer as transfers,
        count(*) filter (where register_version - 1 <> coalesce(told.versions, 0))::integer as untold,
        encode(sha256(convert_to(coalesce(string_agg(sha256 || '  ' || path || E'\\n', '' order by path collate "C"), ''), 'UTF8')),
          'hex') as manifest
      from taken left join told using (entry_id)`,
    ([row]) => ({
      entries: row?.entries,
      transfers: row?.transfers,
      untold: row?.untold,
      manifestSha256: row?.manifest,
    }),
  );
}

const closeFacts = ({ importId }: CloseRegisterImportInput) => ({ taken: takenIn(importId) });

export const closeRegisterImport = command<CloseRegisterImportInput, RegisterImport, ReturnType<typeof closeFacts>>({
  transition: 'register_import.close',
  aggregate: registerImports,
  subject: ({ importId }) => importId,
  facts: closeFacts,
  decide: ({ state, facts: { taken }, now }) => close(state as RegisterImport, taken, now),
});

/** A file of an import, as a client hands it over. */
type FileInput = Pick<ImportRegisterEntryInput, 'importId' | 'path' | 'content'>;

/** What a file says, or why it says nothing. */
function read<K extends 'entry' | 'history'>(kind: K, { path, content }: FileInput) {
  const place = placeOf(path);
  if (place?.kind !== kind) return { fault: `is no path of ${kind === 'entry' ? 'an entry' : 'a transfer'}` };
  const found = readFile(place as Place<K>, content, WIRE);
  return 'fault' in found ? found : { place: place as Place<K>, file: found.value };
}

const checkOf =
  (kind: 'entry' | 'history') =>
  (input: FileInput): Refusal | undefined => {
    const found = read(kind, input);
    return 'fault' in found ? refuse('FILE_MALFORMED', { path: input.path, what: found.fault }) : undefined;
  };

/** The same where its form was looked at before. */
function readAgain<K extends 'entry' | 'history'>(kind: K, input: FileInput) {
  const found = read(kind, input);
  if ('fault' in found) throw new Error(`${input.path} ${found.fault}`);
  return found;
}

function sourceOf({ importId, path, content }: FileInput): ImportedFile {
  return { importId, path, sha256: createHash('sha256').update(content, 'utf8').digest('hex') };
}

/** Locked first, so that files of an import follow on each other and on its end. */
const importOf = ({ importId }: FileInput) => locked(registerImports, importId);

/** Takes in who holds an object of one of these classes. */
export function entryImport(classes: ReadonlyMap<string, ObjectClass>) {
  const subject = (input: FileInput) => {
    const { objectClass, objectId } = readAgain('entry', input).place;
    return entryId(objectClass, objectId);
  };
  const facts = (input: FileInput) => ({
    import: importOf(input),
    entry: locked(registerEntries, subject(input)),
    transfers: fact(
      sql`select count(*)::integer as count from transfer where entry_id = ${subject(input)}`,
      ([row]): number => row?.count,
    ),
  });
  return command<ImportRegisterEntryInput, RegisterEntry, ReturnType<typeof facts>>({
    transition: 'register_entry.import',
    aggregate: registerEntries,
    // It may be there, by an onboarding, or may not.
    subject: null,
    check: checkOf('entry'),
    facts,
    decide({ input, facts: known, now }) {
      const { place, file } = readAgain('entry', input);
      return importEntry(
        place,
        file,
        sourceOf(input),
        {
          importState: known.import?.value.state,
          classKnown: classes.has(place.objectClass),
          entry: known.entry?.value,
          transfers: known.transfers,
        },
        now,
      );
    },
  });
}

/** What the file of an entry said had set it. */
function entrySetBy(id: string): Fact<string | undefined> {
  return fact(
    sql`select payload::jsonb -> 'data' ->> 'set_by' as set_by from journal
      where aggregate_type = 'register_entry' and aggregate_id = ${id} and transition = 'register_entry.import'`,
    ([row]) => row?.set_by,
  );
}

/** Every other transfer of an object, as far as one must know of another. */
function othersOf(id: string, { transferId }: TransferFile): Fact<readonly Outline[]> {
  return fact(
    sql`select id, state, from_identity_id, to_identity_id, from_register_version,
        (published ->> 'to_register_version')::integer as to_register_version
      from transfer where entry_id = ${id} and id <> ${transferId} order by id`,
    (rows) => rows.map(({ id: other, ...outline }) => ({ ...fromWire<Outline>(outline), transferId: other })),
  );
}

/** Which of the references of a file leads to words that were given here: nobody's words are read by way of a file. */
function knownReference({ reason, endReason }: TransferFile): Fact<string | undefined> {
  const refs = [reason, endReason].flatMap((one) => (one === null ? [] : [one.ref]));
  return fact(
    sql`select ref::text as ref from personal_value where ref = any(${refs}::uuid[]) limit 1`,
    ([row]) => row?.ref,
  );
}

/** Takes in a transfer of an object of one of these classes. */
export function transferImport(classes: ReadonlyMap<string, ObjectClass>) {
  const facts = (input: FileInput) => {
    const { file } = readAgain('history', input);
    const id = entryId(file.objectClass, file.objectId);
    return {
      import: importOf(input),
      entry: stored(registerEntries, id),
      entrySetBy: entrySetBy(id),
      there: fact(
        sql`select published ->> 'imported_from' as imported_from from transfer where id = ${file.transferId}`,
        ([row]): string | null | undefined => row?.imported_from,
      ),
      others: othersOf(id, file),
      knownReference: knownReference(file),
    };
  };
  return command<ImportTransferInput, Transfer, ReturnType<typeof facts>>({
    transition: 'transfer.import',
    aggregate: transfers,
    subject: null,
    check: checkOf('history'),
    facts,
    decide({ input, facts: { import: one, ...known }, now }) {
      const { file } = readAgain('history', input);
      const classKnown = classes.has(file.objectClass);
      return rule(file, sourceOf(input), { ...known, importState: one?.value.state, classKnown }, now);
    },
  });
}
