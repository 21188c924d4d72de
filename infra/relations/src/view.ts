import { type Context, rowsOf, type Session, type Sql, sql } from '@qtm/service-kit';
import { type Relation, SEES } from './operators.ts';

/**
 * Predicates and look-ups for what a session may see. What cannot be known gives nothing to see; whoever is not an active identity
 * sees through neither roles nor relations.
 */

const active = (session: Session): Sql =>
  session.kind === 'AGENT'
    ? sql`false`
    : sql`exists (select 1 from known_aggregate where source = 'operator' and type = 'identity' and id = ${session.identityId}
    and state = 'ACTIVE' and not unknown)`;

/**
 * What agents see rests on this alone: they are no registered identities, so nothing has to hold of one. Whoever was suspended sees
 * nothing through an agent either, and what cannot be known gives nothing to see.
 */
export function notSuspended({ identityId }: Session): Sql {
  return sql`not exists (select 1 from known_aggregate where source = 'operator' and type = 'identity' and id = ${identityId}
    and (state <> 'ACTIVE' or unknown))`;
}

/** What agents see all of, and humans where the predicate holds. */
export function orAgent(session: Session, predicate: Sql): Sql {
  return session.kind === 'AGENT' ? notSuspended(session) : predicate;
}

/** True where the session has one of these roles, from its issuer or by a grant. Asks nothing about a row. */
export function hasAnyRole(session: Session, roles: readonly string[]): Sql {
  const fromIssuer = roles.some((role) => session.roles.includes(role));
  return fromIssuer
    ? active(session)
    : sql`(exists (select 1 from granted_role where identity_id = ${session.identityId} and role = any(${[...roles]}) and not unknown)
        and ${active(session)})`;
}

/** The operators to which the session's identity is one of these; a sub-select of slugs. */
export function operatorsOf(session: Session, relations: readonly Relation[]): Sql {
  return sql`(select operator from operator_relation
    where identity_id = ${session.identityId} and relation = any(${[...relations]}) and not unknown and ${active(session)})`;
}

/** The same, whether it can be known or not: about whom it is worth asking. */
export function candidateOperators(session: Session, relations: readonly Relation[]): Sql {
  return sql`(select operator from operator_relation
    where identity_id = ${session.identityId} and relation = any(${[...relations]}))`;
}

/** The same, of ACTIVE operators only: what a suspended or retired operator worked on is no longer shown to its people. */
export function activeOperatorsOf(session: Session, relations: readonly Relation[]): Sql {
  return sql`(select relation.operator from operator_relation relation
    join known_aggregate known on known.source = 'operator' and known.type = 'operator' and known.id = relation.operator
    where relation.identity_id = ${session.identityId} and relation.relation = any(${[...relations]}) and not relation.unknown
      and known.state = 'ACTIVE' and not known.unknown and ${active(session)})`;
}

/** Everything lists ask about a session, in one statement. */
export interface Viewer {
  readonly identityId: string;
  readonly hasAnyRole: (...roles: readonly string[]) => boolean;
  /** Slugs of operators to which the identity is one of these. */
  readonly operators: (relations: readonly Relation[]) => readonly string[];
  /** Slugs of ACTIVE ones. */
  readonly activeOperators: (relations: readonly Relation[]) => readonly string[];
}

/** Reads what the session's identity is, for a list that walks what each of its grounds shows. */
export async function viewerOf({ db, session }: Pick<Context, 'db' | 'session'>): Promise<Viewer> {
  const [row] = await rowsOf(
    db,
    sql`select ${active(session)} as active,
      array(select role from granted_role where identity_id = ${session.identityId} and not unknown) as roles,
      (select coalesce(json_agg(json_build_object('slug', relation.operator, 'relation', relation.relation,
          'active', known.state = 'ACTIVE' and not known.unknown)), '[]')
        from operator_relation relation
        join known_aggregate known on known.source = 'operator' and known.type = 'operator' and known.id = relation.operator
        where relation.identity_id = ${session.identityId} and relation.relation = any(${[...SEES]}) and not relation.unknown
      ) as operators`,
  );
  const roles = new Set<string>(row?.active === true ? [...session.roles, ...row.roles] : []);
  const operators: { slug: string; relation: Relation; active: boolean }[] = row?.active === true ? row.operators : [];
  const slugs = (relations: readonly Relation[], onlyActive: boolean) => [
    ...new Set(
      operators.filter((one) => relations.includes(one.relation) && (one.active || !onlyActive)).map((one) => one.slug),
    ),
  ];
  return {
    identityId: session.identityId,
    hasAnyRole: (...wanted) => wanted.some((role) => roles.has(role)),
    operators: (relations) => slugs(relations, false),
    activeOperators: (relations) => slugs(relations, true),
  };
}
