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

/** An agent is told whom it speaks for, and nothing of what that one is or may. */
const TOLD_NOTHING = 'AGENT';

async function rolesOf({ db, session }: Context): Promise<readonly string[]> {
  if (session.kind === TOLD_NOTHING) return [];
  const rows = await rowsOf<{ role: string }>(
    db,
    sql`select role from granted_role where identity_id = ${session.identityId} and not unknown`,
  );
  return [...new Set([...session.roles, ...rows.map((row) => row.role)])].sort();
}

async function relationsOf({ db, session }: Context) {
  if (session.kind === TOLD_NOTHING) return [];
  return rowsOf<{ operator: string; relations: Relation[] }>(
    db,
    sql`select operator, array_agg(distinct relation order by relation) as relations from operator_relation
      where identity_id = ${session.identityId} and relation = any(${[...SEES]}) and not unknown
      group by operator order by operator limit ${MAX_OPERATORS}`,
  );
}
