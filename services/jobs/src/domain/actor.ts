import { type DomainEvent, event, type PersonalRef } from '@qtm/service-kit/domain';

export type ActorKind = 'PERSON' | 'BUSINESS';

/** The person or business a request comes from: external, neither governs nor executes (S3:5-11). */
export interface Actor {
  readonly id: string;
  readonly state: 'REGISTERED';
  readonly kind: ActorKind;
  readonly channel: string;
  /** The submitter's own name for the actor; found again by it. */
  readonly reference: PersonalRef;
  readonly name: PersonalRef | null;
  readonly contact: PersonalRef | null;
  readonly registeredBy: string;
}

export type ActorRegistered = DomainEvent<'actor', 'actor_registered', Actor>;

/** The first request under a reference makes the actor known; later ones find it as it was registered. */
export function registered(id: string, actor: Omit<Actor, 'id' | 'state'>): ActorRegistered {
  return event('actor_registered', 'actor', { id, state: 'REGISTERED', ...actor });
}
