import { activeOperatorsOf, governed, hasAnyRole, OVERSEERS, SEES } from '@qtm/relations';
import { aggregate, type Session, type Sql, sql } from '@qtm/service-kit';
import type { Actor } from './domain/actor.ts';
import type { Intake } from './domain/intake.ts';
import type { Job } from './domain/job.ts';
import type { Request } from './domain/request.ts';

/** What this service owns, and who sees it. Where a request came from (its routing origin) is asked nowhere. */

const submits = (session: Session): Sql => sql`submitted_by = ${session.identityId}`;

const works = (session: Session): Sql => sql`worker in ${activeOperatorsOf(session, SEES)}`;

/** The pools whose members include an operator of the session. */
const poolsOf = (session: Session): Sql => sql`(select (published ->> 'pool_id')::uuid from known_aggregate
  where source = 'governance' and type = 'pool_member' and state = 'ACTIVE' and not unknown
    and published ->> 'operator' in ${activeOperatorsOf(session, SEES)})`;

export const jobs = aggregate<Job>({
  type: 'job',
  visibleTo: (session) => sql`${submits(session)} or ${inDetail(session)}`,
  detailTo: (session) => inDetail(session),
  personalTo: (session) => sql`${submits(session)} or ${governed(session)} or ${works(session)}`,
});

const inDetail = (session: Session): Sql =>
  sql`${governed(session)} or ${works(session)} or claimable_pool in ${poolsOf(session)} or ${hasAnyRole(session, OVERSEERS)}`;

const handlesIntake = (session: Session): Sql => sql`${governed(session)}
  or exists (select 1 from job where job.intake_id = intake.id and (${works(session)}))`;

const seesIntake = (session: Session): Sql => sql`${submits(session)} or ${handlesIntake(session)}`;

/** A submitter sees all of it but its history, which tells who does the work. */
export const intakes = aggregate<Intake>({
  type: 'intake',
  visibleTo: seesIntake,
  detailTo: handlesIntake,
  personalTo: seesIntake,
});

const throughIntake = (column: 'request_id' | 'actor_id') => (session: Session) =>
  sql`exists (select 1 from intake where intake.${column === 'request_id' ? sql`request_id = request.id` : sql`actor_id = actor.id`}
    and (${seesIntake(session)}))`;

export const requests = aggregate<Request>({
  type: 'request',
  visibleTo: throughIntake('request_id'),
  personalTo: throughIntake('request_id'),
});

export const actors = aggregate<Actor>({
  type: 'actor',
  visibleTo: throughIntake('actor_id'),
  personalTo: throughIntake('actor_id'),
});
