import type { DomainEvent, PersonalRef, TransitionTable } from '@qtm/service-kit/domain';
import type { RequestOrigin } from './snapshot.ts';

/** The raw words of a service need (S3:13-19). It is converted to an intake at once on entry, and nothing follows for itself. */
export interface Request {
  readonly id: string;
  readonly state: 'CONVERTED';
  readonly what: PersonalRef;
  readonly actorId: string;
  readonly channel: string;
  readonly surface: string;
  readonly origin: RequestOrigin;
  readonly routingOrigin: string | null;
  readonly addressedTo: string | null;
  readonly submittedBy: string;
  readonly submittedAt: string;
  readonly intakeId: string;
}

/** NONE: there is no request yet. */
export const TRANSITIONS = {
  NONE: { submit: 'CONVERTED' },
  CONVERTED: {},
} as const satisfies TransitionTable<'NONE' | Request['state'], 'submit'>;

export type RequestSubmitted = DomainEvent<'request', 'request_submitted', Request>;
