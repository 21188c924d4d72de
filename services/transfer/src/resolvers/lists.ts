import { notSuspended, SEES, viewerOf } from '@qtm/relations';
import { badUserInput, type Context, listOf, sql, texts, whereGiven } from '@qtm/service-kit';
import { entryId } from '../domain/register-entry.ts';
import type { QueryRegisterEntriesArgs, QueryTransfersArgs } from '../generated/graphql.ts';
import { OVERSEERS, REGISTRARS, registerEntries, transfers } from '../store.ts';

/** Columns that name who takes part in a transfer. */
const PARTIES = ['from_identity_id', 'to_identity_id', 'proposed_by'];

/** One's own, on each ground on which one takes part; all of them by role, and for agents. */
export async function listTransfers(context: Context, args: QueryTransfersArgs) {
  const filter = args.filter ?? {};
  if (filter.objectId != null && filter.objectClass == null) {
    throw badUserInput("'objectId' is found in its class: give 'objectClass', too", { argument: 'filter.objectClass' });
  }
  const { session } = context;
  const isAgent = session.kind === 'AGENT';
  const all = isAgent || (await viewerOf(context)).hasAnyRole(...OVERSEERS);
  return listOf(context, {
    of: transfers,
    grounds: all ? [[]] : PARTIES.map((column) => [texts(column, [session.identityId])]),
    where: [
      notSuspended(session),
      ...whereGiven(filter.objectClass, (objectClass) => sql`object_class = ${objectClass}`),
      ...whereGiven(filter.objectId, (objectId) => sql`object_id = ${objectId}`),
      ...whereGiven(
        filter.partyIdentityId,
        (party) => sql`${party} in (from_identity_id, to_identity_id, proposed_by)`,
      ),
      ...whereGiven(filter.states, (states) => sql`state = any(${[...states]})`),
      ...whereGiven(filter.reasonTypes, (types) => sql`published ->> 'reason_type' = any(${[...types]})`),
      ...whereGiven(filter.classified, (classified) => sql`(published ->> 'reason_type' is not null) = ${classified}`),
      ...whereGiven(filter.since, (since) => sql`proposed_at >= ${since}`),
    ],
    orderBy: 'proposed_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { filter },
  });
}

/** What one holds, and what one sees by what one is to an operator; all of it by role, and for agents. */
export async function listRegisterEntries(context: Context, args: QueryRegisterEntriesArgs) {
  const filter = args.filter ?? {};
  const bySince = args.sort?.field === 'SINCE';
  const { session } = context;
  const isAgent = session.kind === 'AGENT';
  const viewer = await viewerOf(context);
  const seen = viewer.operators(SEES).map((slug) => entryId('operator', slug));
  return listOf(context, {
    of: registerEntries,
    grounds:
      isAgent || viewer.hasAnyRole(...REGISTRARS)
        ? [[]]
        : [[texts('holder_identity_id', [session.identityId])], [texts('id', seen)]],
    where: [
      notSuspended(session),
      ...whereGiven(filter.objectClass, (objectClass) => sql`object_class = ${objectClass}`),
      ...whereGiven(filter.holderIdentityId, (holder) => sql`holder_identity_id = ${holder}`),
      ...whereGiven(filter.states, (states) => sql`state = any(${[...states]})`),
    ],
    orderBy: bySince ? 'since' : 'id',
    descending: (args.sort?.direction ?? 'ASC') === 'DESC',
    args,
    binding: { filter },
  });
}
