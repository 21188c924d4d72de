import { byKey, type Context, type Related, type Row, relatedRows, rowsOf, sql } from '@qtm/service-kit';
import { entryId } from '../domain/register-entry.ts';
import { sevenAnswers } from '../domain/seven-answers.ts';
import { ACTIVE, type Transfer } from '../domain/transfer.ts';
import type { TransferResolvers } from '../generated/graphql.ts';
import type { VersionedTransfer } from '../generated/states.ts';
import { registerEntries, transfers } from '../store.ts';
import { importedTransferFields, toldBy } from './import.ts';

/** The journal's rows of transfers, as their transitions. */
const rowsOfTransfer: Related<readonly Row[]> = {
  name: 'transitions of a transfer',
  none: [],
  async read({ db }, ids) {
    const rows = await rowsOf(
      db,
      sql`select aggregate_id, transition, prior_state, new_state, actor_id, authority, occurred_at, reason_ref, event_id,
          payload::jsonb -> 'data' as data
        from journal where aggregate_type = 'transfer' and aggregate_id = any(${[...ids]})
        order by aggregate_id, aggregate_version`,
    );
    return Map.groupBy(rows, (row) => row.aggregate_id as string);
  },
};

async function transitionsOf(transfer: VersionedTransfer, context: Context) {
  const rows = await context.related(rowsOfTransfer, transfer.id);
  const reasons = await Promise.all(rows.map((row) => context.reason(transfers, transfer.id, row.reason_ref)));
  return rows.flatMap((row, index) => {
    const told = toldBy(row);
    const own = {
      transition: row.transition,
      priorState: row.prior_state,
      newState: row.new_state,
      actorId: row.actor_id,
      clause: row.authority,
      at: row.occurred_at,
      reason: reasons[index] ?? null,
      priorHolderIdentityId: row.data.prior_holder_identity_id ?? transfer.fromIdentityId,
      evidenceSha256: row.data.evidence_sha256 ?? told.at(-1)?.evidenceSha256 ?? [],
      eventId: row.event_id,
    };
    return [...told, own];
  });
}

/** The transfer that holds an object now, where the session sees it. */
export const activeTransfers = relatedRows<Transfer>(
  'active transfer of an entry',
  (entryIds, session) => sql`select entry_id as owner, id, version, published, occurred_at from transfer
    where entry_id = any(${entryIds}) and state = any(${[...ACTIVE]}) and (${transfers.visibleTo(session)})`,
);

/** All but its actions, which the commands of the service give. */
export const transferFields = {
  __resolveReference: ({ id }, context) => context.load(transfers, id),
  operator: ({ objectClass, objectId }) => (objectClass === 'operator' ? byKey('slug', objectId) : null),
  registerEntry: ({ objectClass, objectId }, _, context) =>
    context.load(registerEntries, entryId(objectClass, objectId)),
  fromIdentity: (transfer) => byKey('id', transfer.fromIdentityId),
  toIdentity: (transfer) => byKey('id', transfer.toIdentityId),
  reason: (transfer, _, context) => context.personal(transfers, transfer.id, transfer.reason),
  proposedBy: (transfer) => byKey('id', transfer.proposedBy),
  acceptedBy: (transfer) => byKey('id', transfer.acceptedBy),
  endedBy: (transfer) => byKey('id', transfer.endedBy),
  endReason: (transfer, _, context) => context.personal(transfers, transfer.id, transfer.endReason),
  terms: ({ terms }) => ({ ...terms, coolOffSeconds: terms.coolOffS }),
  waivedBy: (transfer) => byKey('id', transfer.waivedBy),
  evidence: ({ evidence }) => evidence.map((item) => ({ ...item, addedBy: byKey('id', item.addedBy) })),
  transitions: (transfer, _, context) => transitionsOf(transfer, context),
  sevenAnswers: (transfer) => sevenAnswers(transfer),
  ...importedTransferFields,
} satisfies TransferResolvers;
