import { fromWire, type Related, type Row, rowsOf, sql } from '@qtm/service-kit';
import type { Transition } from '../domain/layout.ts';
import type { RegisterEntryResolvers, TransferResolvers } from '../generated/graphql.ts';

/** What the file of an entry was, and what it said had set it: the fact of its import tells it, whatever came after. */
const filesOfEntries: Related<Row | null> = {
  name: 'files of entries',
  none: null,
  async read({ db }, ids) {
    const rows = await rowsOf(
      db,
      sql`select aggregate_id as id, payload::jsonb -> 'state' ->> 'set_by_id' as sha256,
          payload::jsonb -> 'data' ->> 'set_by' as set_by
        from journal
        where aggregate_type = 'register_entry' and aggregate_id = any(${[...ids]}) and transition = 'register_entry.import'`,
    );
    return new Map(rows.map((row) => [row.id as string, row]));
  },
};

export const importedEntryFields = {
  importedFrom: async ({ id }, _, context) => (await context.related(filesOfEntries, id))?.sha256 ?? null,
  importedSetBy: async ({ id }, _, context) => (await context.related(filesOfEntries, id))?.set_by ?? null,
} satisfies RegisterEntryResolvers;

export const importedTransferFields = {
  reasonReference: ({ reason }) => reason,
  endReasonReference: ({ endReason }) => endReason,
} satisfies TransferResolvers;

/** The transitions that a transfer had made when this fact of it was written, as its file told them; none where it tells of no file. */
export function toldBy({ data }: Row): readonly (Transition & { readonly reason: null })[] {
  const { transitions = [] } = fromWire<{ transitions?: readonly Transition[] }>(data);
  return transitions.map((one) => ({ ...one, reason: null }));
}
