import type { PersonalRef } from '@qtm/service-kit/domain';

export type RequestOrigin = 'ACTOR' | 'SYSTEM';

/** Who governs a task: the network, or the operator the requester addressed (S3:35-38). */
export type Audience = 'ADMIN' | 'OPERATOR';

/** A named value; the name is published as it is, the value is personal. */
export interface Attribute {
  readonly name: string;
  readonly value: PersonalRef;
}

/**
 * What a submission fixes for ever. It is the unchanging part of the intake and, carried over letter by letter, the snapshot of
 * every job that comes from it (T-SP-26), so the two are equal at every moment and not only at the creation.
 */
export interface IntakeSnapshot {
  readonly requestId: string;
  readonly actorId: string;
  /** Allotted at submission; governance opens the task under it. */
  readonly taskId: string;
  readonly surface: string;
  readonly packVersion: number;
  readonly category: string | null;
  readonly what: PersonalRef;
  /** The canonical JSON (RFC 8785) of the parts that were given. */
  readonly location: PersonalRef | null;
  readonly contact: PersonalRef | null;
  readonly attributes: readonly Attribute[];
  readonly channel: string;
  readonly origin: RequestOrigin;
  /** Kept and shown; gives nobody anything (T-SP-02). */
  readonly routingOrigin: string | null;
  readonly addressedTo: string | null;
  /** The identity that submitted. */
  readonly submittedBy: string;
  readonly receivedAt: string;
  readonly dueAt: string | null;
}
