import { activeOperatorsOf, governed, hasAnyRole, OVERSEERS, SEES } from '@qtm/relations';
import { aggregate, type Session, type Sql, sql } from '@qtm/service-kit';
import type { Evidence } from './domain/evidence.ts';
import type { Pack } from './domain/pack.ts';
import type { SealedRecord } from './domain/record.ts';
import type { ServiceEvent } from './domain/service-event.ts';

/** What this service owns, and who sees it. Service events and records have the same columns for it. */

const submits = (session: Session): Sql => sql`submitted_by = ${session.identityId}`;

const executes = (session: Session): Sql => sql`operator in ${activeOperatorsOf(session, SEES)}`;

const inDetail = (session: Session): Sql =>
  sql`${governed(session)} or ${executes(session)} or ${hasAnyRole(session, OVERSEERS)}`;

const visibility = {
  visibleTo: (session: Session) => sql`${submits(session)} or ${inDetail(session)}`,
  detailTo: inDetail,
  personalTo: (session: Session) => sql`${submits(session)} or ${governed(session)} or ${executes(session)}`,
};

export const serviceEvents = aggregate<ServiceEvent>({ type: 'service_event', ...visibility });
export const records = aggregate<SealedRecord>({ type: 'record', ...visibility });

const ofItsServiceEvent = (predicate: (session: Session) => Sql) => (session: Session) =>
  sql`exists (select 1 from service_event where service_event.id = evidence.service_event_id and (${predicate(session)}))`;

export const evidence = aggregate<Evidence>({
  type: 'evidence',
  visibleTo: ofItsServiceEvent(inDetail),
  personalTo: ofItsServiceEvent((session) => sql`${governed(session)} or ${executes(session)}`),
});

/** How work moves is no secret. */
export const packs = aggregate<Pack>({ type: 'pack', ids: 'text', visibleTo: () => sql`true` });
