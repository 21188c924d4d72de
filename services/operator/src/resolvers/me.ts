import { type Relation, SEES } from '@qtm/relations';
import { type Context, rowsOf, sql } from '@qtm/service-kit';
import { identities, operators } from '../store.ts';

const MAX_OPERATORS = 200;

/** The session's principal as the system knows it, registered or not. */
export async function me(context: Context) {
  const { session } = context;
  const [identity, roles, mine] = await Promise.all([
    context.load(identities, session.identityId),
    rolesOf(context),
    relationsOf(context),
  ]);
  const known = await Promise.all(
    mine.map(async ({ operator, relations }) => ({ operator: await context.load(operators, operator), relations })),
  );
  return {
    id: session.identityId,
    kind: session.kind,
    roles,
    identity,
    operators: known.flatMap(({ operator, relations }) => (operator === null ? [] : [{ operator, relations }])),
  };
}

async function rolesOf({ db, session }: Context): Promise<readonly string[]> {
  const rows = await rowsOf<{ role: string }>(
    db,
    sql`select role from granted_role where identity_id = ${session.identityId} and not unknown`,
  );
  return [...new Set([...session.roles, ...rows.map((row) => row.role)])].sort();
}

async function relationsOf({ db, session }: Context) {
  return rowsOf<{ operator: string; relations: Relation[] }>(
    db,
    sql`select operator, array_agg(distinct relation order by relation) as relations from operator_relation
      where identity_id = ${session.identityId} and relation = any(${[...SEES]}) and not unknown
      group by operator order by operator limit ${MAX_OPERATORS}`,
  );
}
