import { rowsOf, sql } from '../database/statement.ts';
import type { PersonalRef } from '../domain.ts';
import type { Aggregate } from '../journal/aggregate.ts';
import { type Connection, connectionOf, type Lazily, pageSize } from './connection.ts';
import type { Context } from './context.ts';
import { bindingOf, decodeCursor } from './cursor.ts';

/** One transition of an aggregate, as its journal row tells it (`JournalEntry` of the shared schema). */
export interface HistoryEntry {
  readonly transition: string;
  readonly actorId: string;
  readonly actorKind: string;
  readonly clause: string;
  readonly matrixVersion: string;
  readonly basis: readonly string[];
  readonly priorState: string | null;
  readonly newState: string;
  readonly reason: Lazily;
  readonly at: string;
  readonly eventId: string;
  readonly version: number;
}

export interface HistoryArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** The `history` field of an aggregate, oldest first; null for whoever may only know that it is there and how it stands. */
export function history(of: Aggregate) {
  return async (
    { id }: { readonly id: string },
    { first, after }: HistoryArgs,
    context: Context,
  ): Promise<Connection<HistoryEntry> | null> => {
    if (!(await context.detailed(of, id))) return null;
    const size = pageSize(first);
    const binding = bindingOf({ list: 'history', type: of.type, id, viewer: context.session.identityId });
    const from = after == null ? 0 : Number(decodeCursor(binding, after).value);
    const rows = await rowsOf(
      context.db,
      sql`select aggregate_version, transition, actor_id, actor_kind, authority, matrix_version, basis, prior_state, new_state,
          reason_ref, occurred_at, event_id
        from journal where aggregate_type = ${of.type} and aggregate_id = ${id} and aggregate_version > ${from}
        order by aggregate_version limit ${size + 1}`,
    );
    return connectionOf({
      rows,
      size,
      binding,
      after: after != null,
      keyOf: (row) => ({ value: row.aggregate_version, id }),
      nodeOf: (row): HistoryEntry => ({
        transition: row.transition,
        actorId: row.actor_id,
        actorKind: row.actor_kind,
        clause: row.authority,
        matrixVersion: row.matrix_version,
        basis: row.basis,
        priorState: row.prior_state,
        newState: row.new_state,
        reason: () => context.reason(of, id, row.reason_ref as PersonalRef | null),
        at: row.occurred_at,
        eventId: row.event_id,
        version: row.aggregate_version,
      }),
      totalCount: async () => {
        const [row] = await rowsOf<{ count: number }>(
          context.db,
          sql`select count(*)::integer as count from journal where aggregate_type = ${of.type} and aggregate_id = ${id}`,
        );
        return row?.count ?? 0;
      },
    });
  };
}
