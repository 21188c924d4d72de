import type { PersonalRef } from '@qtm/service-kit/domain';
import type { ActorKind } from './actor.ts';
import type { RequestOrigin } from './snapshot.ts';

/** A personal text of the input, with the reference that stands for it wherever it is published. */
export interface Given {
  readonly value: string;
  readonly personal: PersonalRef;
}

export interface GivenActor {
  readonly reference: Given | null;
  readonly kind: ActorKind;
  readonly name: Given | null;
  readonly contact: Given | null;
}

export interface GivenLocation {
  readonly address: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  readonly region: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Of the canonical JSON of the parts given; null where none is. */
  readonly personal: PersonalRef | null;
}

export interface SubmitRequest {
  readonly type: 'submit';
  readonly now: string;
  readonly by: string;
  /** Allotted beforehand; the actor's is used only where none is found. */
  readonly ids: { readonly request: string; readonly intake: string; readonly task: string; readonly actor: string };
  readonly surface: string | null;
  readonly what: Given | null;
  readonly channel: string | null;
  readonly actor: GivenActor | null;
  /** The actor's contact once more, under a reference of the intake's own: each may be erased without the other. */
  readonly contact: Given | null;
  readonly origin: RequestOrigin;
  readonly category: string | null;
  readonly location: GivenLocation | null;
  readonly attributes: readonly { readonly name: string; readonly value: Given }[];
  readonly routingOrigin: string | null;
  readonly addressedTo: string | null;
  readonly dueAt: string | null;
}

/** A request that says what, by whom, through which channel and on which surface (T-SP-24). */
export type CompleteRequest = SubmitRequest & {
  readonly surface: string;
  readonly what: Given;
  readonly channel: string;
  readonly actor: GivenActor & { readonly reference: Given };
};

/** A text of white space alone says nothing. */
export function isGiven<T extends string | Given>(text: T | null): text is T {
  return text !== null && (typeof text === 'string' ? text : text.value).trim() !== '';
}
