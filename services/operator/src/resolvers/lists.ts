import { SEES, viewerOf } from '@qtm/relations';
import { badUserInput, type Context, type Ground, listOf, type Sql, sql, texts, whereGiven } from '@qtm/service-kit';
import type { QueryIdentitiesArgs, QueryOperatorsArgs } from '../generated/graphql.ts';
import { delegations, identities, memberships, OVERSEERS, operators, peopleOf } from '../store.ts';

/** Every row; the predicate says which of them are seen. These tables are small: people and operators, not work. */
const ALL: Ground = [];

export async function listIdentities(context: Context, args: QueryIdentitiesArgs) {
  const filter = args.filter ?? {};
  const { session } = context;
  const overseer = (await viewerOf(context)).hasAnyRole(...OVERSEERS);
  return listOf(context, {
    of: identities,
    grounds: overseer ? [ALL] : [[texts('id', [session.identityId])], [texts('id', peopleOf(session))]],
    where: [
      ...whereGiven(filter.states, (states) => sql`state = any(${[...states]})`),
      ...whereGiven(filter.kind, (kind) => sql`published ->> 'kind' = ${kind}`),
    ],
    orderBy: 'registered_at',
    descending: (args.sort?.direction ?? 'DESC') === 'DESC',
    args,
    binding: { filter },
  });
}

const SEARCH_LENGTH = { min: 2, max: 100 };

/** Part of a slug or of a name, in any case. Signs that `like` gives a meaning are taken as they are. */
function matching(search: string): Sql {
  const { length } = [...search];
  if (length < SEARCH_LENGTH.min || length > SEARCH_LENGTH.max) {
    throw badUserInput(`'search' has ${SEARCH_LENGTH.min} to ${SEARCH_LENGTH.max} characters`, { argument: 'search' });
  }
  const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return sql`(id ilike ${pattern} or exists (select 1 from personal_value
    where ref = (published -> 'name' ->> 'ref')::uuid and value ilike ${pattern}))`;
}

export async function listOperators(context: Context, args: QueryOperatorsArgs) {
  const { search, sort } = args;
  const filter = args.filter ?? {};
  const mine = filter.mine === true ? (await viewerOf(context)).operators(SEES) : null;
  return listOf(context, {
    of: operators,
    grounds: [mine === null ? ALL : [texts('id', mine)]],
    where: [
      ...whereGiven(filter.states, (states) => sql`state = any(${[...states]})`),
      ...whereGiven(filter.type, (type) => sql`published ->> 'type' = ${type}`),
      ...whereGiven(filter.surface, (surface) => sql`published -> 'surfaces' ? ${surface}`),
      ...whereGiven(filter.readiness, (readiness) => sql`published ->> 'readiness' = ${readiness}`),
      ...whereGiven(search, matching),
    ],
    orderBy: sort?.field === 'ONBOARDED_AT' ? 'onboarded_at' : 'id',
    descending: sort?.direction === 'DESC',
    args,
    binding: { filter, search },
  });
}

type PageArgs = { readonly first?: number | null | undefined; readonly after?: string | null | undefined };

export function listDelegations(context: Context, operator: string, args: PageArgs) {
  return listOf(context, {
    of: delegations,
    grounds: [[texts('operator', [operator])]],
    where: [sql`(${delegations.visibleTo(context.session)})`],
    orderBy: 'delegated_at',
    descending: true,
    args,
    binding: { operator },
  });
}

export function listMembers(context: Context, operator: string, args: PageArgs) {
  return listOf(context, {
    of: memberships,
    grounds: [[texts('operator', [operator])]],
    where: [sql`(${memberships.visibleTo(context.session)})`],
    orderBy: 'added_at',
    descending: true,
    args,
    binding: { operator },
  });
}
